"""How datasets and results are stored in a database: their tables as columns, in BLOBs.

- `table_names`: the names of SQL tables
- `blobs`: the SQL table of BLOBs, written and deleted in small transactions
- `markers`: what stands in the framework's own SQL tables for a dataset or result that is stored as columns
- `columns`: tables as the columns of Arrow's IPC format, in BLOBs
- `catalogue`: the entry of a dataset in the framework's catalogue
- `references`: what refers to BLOBs
- `sql_tables`: datasets of earlier versions, in SQL tables
- `leftovers`: BLOBs that nothing refers to any more, and that could not be deleted yet
- `unused`: contents of datasets that have no entry in the catalogue any more
"""
