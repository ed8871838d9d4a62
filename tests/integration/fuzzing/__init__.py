"""Hostile input: each test is short here, and has no end where a fuzzer leads it.

``python -m tests.integration.fuzzing`` starts the fuzzer.
"""
