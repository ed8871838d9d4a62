"""Fault test: a server is killed repeatedly under load, and its state is checked after each restart.

`python -m tests.integration.faults --kills 50` is the long form; `test_faults.py` is the short one.
"""
