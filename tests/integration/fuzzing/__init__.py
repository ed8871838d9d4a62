"""Property tests with hostile input. pytest runs a few examples of each.

``python -m tests.integration.fuzzing`` runs them under a fuzzer.
"""
