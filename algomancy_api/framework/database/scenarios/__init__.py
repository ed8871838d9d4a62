"""Scenarios in a database, beside their runs.

From the ground up:

- `annotations`: labels and notes
- `rows`: the rows of new scenarios, written in one transaction
"""
