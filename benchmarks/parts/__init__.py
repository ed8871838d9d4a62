"""What is measured: each part starts its own servers, and gives `Results`."""
