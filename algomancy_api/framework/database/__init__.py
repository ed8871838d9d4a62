"""Sessions, datasets and scenarios in a database. What differs by database is in `dialects`.

From the ground up:

- `driver_errors`: the errors of a driver, by what they mean
- `write_errors`: why a database refuses to store a value
- `deadline`: a call that is given up after a time
- `engine`: the SQLAlchemy engine, set up for many threads
- `locks`: locks that keep a second server off a database
- `poolers`: whether a connection has a session of PostgreSQL to itself
- `ownership`: the one app that owns a database
- `table_names`: the names of SQL tables
- `data_manager`: datasets: stored whole or not at all
- `scenario_repository`: scenarios, their runs and results
- `cleanup`: what a killed server has left half written, deleted at the next start
"""
