"""DataFrames of answers.

- `arrow`: of a table in Arrow's IPC format, with every type, and back
- `documents`: of a table in the JSON of a whole dataset, for servers that have no other
- `rows`: of rows that this package has made
"""
