"""Files of other projects go in by the ETL and come back equal.

- `sources`: the kept files, and those of packages that are downloaded
- `wiring`: schemas and an ETL for any file, and what it has loaded
- `round_trip`: the check of files on a database
- `__main__`: the check of the downloaded files
"""
