"""Sessions, datasets and scenarios in a database. Code for one kind of database only is in `dialects`.

From the ground up:

- `driver_errors`: errors of database drivers, mapped to exceptions of this package
- `write_errors`: errors that mean that the database cannot store a value
- `deadline`: a call with a timeout
- `engine`: the SQLAlchemy engine, set up for many threads
- `locks`: locks that keep a second server off a database
- `poolers`: whether a connection has a session of PostgreSQL to itself
- `ownership`: the one app that owns a database
- `table_names`: the names of SQL tables
- `data_manager`: datasets, stored completely or not at all
- `scenario_repository`: scenarios, their runs and results
- `cleanup`: deletion of incomplete data after a kill, at the next start
"""
