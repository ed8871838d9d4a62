"""The parts of the benchmarks. Each starts its own servers and returns `Results`."""
