"""Fault tests: servers and commands are killed, and what is there is checked after the next start.

`python -m tests.integration.faults --kills 50` kills a server under load at random moments; `test_faults.py` is its
short form. `test_killed_*.py` kill at chosen moments: before a statement to the database, or in the middle of a write.
"""
