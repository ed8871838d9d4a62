"""Lists that are filtered, ordered and paged, whatever holds the rows. Nothing here knows HTTP.

From the ground up:

- `rows`: what a list needs to know of a scenario
- `conditions`: a condition as text: a name, an operator, a value
- `filters`: the table of the filters, and tests of rows
- `order`: keys to sort by
- `cursor`: a place in a list, as text
- `fields`: a choice of the fields of each row
- `query`: a query string, read
- `pages`: the rows that a query asks for
"""
