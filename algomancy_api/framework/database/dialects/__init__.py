"""What differs by database, one module each.

From the ground up:

- `postgresql`: values that a table of PostgreSQL would change without a word
"""
