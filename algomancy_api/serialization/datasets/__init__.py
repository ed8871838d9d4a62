"""Datasets as streams of JSON or MessagePack, or as archives.

From the ground up:

- `cells`: readers of columns in slices, whose cells are sure to encode
- `writers`: the syntax of JSON and MessagePack
- `table`: the stream of a table
- `stream`: the stream of a dataset
- `archive`: a dataset as a ZIP archive of Parquet files
"""
