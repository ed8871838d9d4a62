"""Parts of tables: conditions, order, pages and groups, in the formats of clients. No data of a client is run as code.

From the ground up:

- `tokens`: the words of a condition, and the items of a list of columns
- `grammar`: the parser of conditions
- `columns`: tables of pandas as named columns of Arrow, in slices
- `literals`: values of a condition, by the type of their column
- `predicates`: the rows for which a condition is true
- `ordering`: the order of rows
- `groups`: groups of rows, and what is computed of each
- `query`: what a client asks of a table, and what that selects
- `documents`: a selection as JSON or MessagePack
- `batches`: a selection as batches of Arrow
- `profile`: what the columns of a table hold
- `formats`: a selection in pieces of any format
"""
