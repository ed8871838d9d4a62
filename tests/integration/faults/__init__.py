"""A server that is killed again and again under load, and what is there afterwards.

`python -m tests.integration.faults --kills 50` has the long form; `test_faults.py` is the short one.
"""
