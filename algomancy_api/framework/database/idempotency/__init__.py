"""Answers to requests with a key, in the database of their effects.

From the ground up:

- `table`: the table, which has a row for each key
- `transactions`: the row of a key in the transaction of its effect, even in one of the framework's
- `stored_answers`: the answers that are found again, and forgotten
"""
