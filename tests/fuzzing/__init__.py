"""Hostile input: each test is short here, and has no end where a fuzzer leads it, with ``python -m tests.fuzzing``."""
