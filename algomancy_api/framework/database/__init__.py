"""Sessions, datasets and scenarios in a database.

From the ground up:

- `urls`: the URL of a database, in errors and logs
- `deadline`: a call that is given up after a time
- `driver_errors`: errors of a driver, translated to those of this package
- `dialects`: what differs by database
- `write_errors`: errors about the data that is written
- `engine`: the SQLAlchemy engine, set up for many threads
- `ownership`: the one app that owns a database
- `table_names`: the names of SQL tables
- `data_manager`: datasets, stored completely or not at all
- `scenario_repository`: scenarios, their runs and results
- `cleanup`: unfinished writes of a killed server, deleted at the next start
"""
