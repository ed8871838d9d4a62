"""Sessions, datasets and scenarios in a database.

From the ground up:

- `urls`: the URL of a database, in errors and logs
- `deadline`: a call that is given up after a time
- `driver_errors`: errors of a driver, translated to those of this package
- `dialects`: what differs by database
- `write_errors`: errors about the data that is written
- `idempotency`: answers to requests with a key, stored with their effects
- `webhooks`: events for webhooks, stored with what they tell of
- `engine`: the SQLAlchemy engine, set up for many threads
- `ownership`: the one app that owns a database
- `indexes`: indexes that the framework's SQL tables lack
- `run_data`: the datasets that runs used and that were replaced later
- `runs`: the queue over a restart, and the results of runs
- `storage`: how datasets and results are stored
- `scenarios`: the rows of scenarios, with their labels and notes
- `data_manager`: datasets, stored completely or not at all
- `scenario_repository`: scenarios, their runs and results
- `cleanup`: unfinished writes of a killed server, deleted at the next start
- `migration`: conversion between the forms in which datasets and results are stored
"""
