"""The server as whoever writes bytes to its port sees it."""
