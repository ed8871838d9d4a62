"""Values as JSON and MessagePack. NaN and infinities become null, here and nowhere else.

From the ground up:

- `error_path`: the path to the part of a value that has no JSON form
- `datetimes`: dates and times
- `arrays`: JSON forms of numpy and pandas types
- `columns`: columns of tables, read in slices
- `libraries`: JSON forms of types of polars, pyarrow and scipy.sparse
- `hooks`: the natural JSON form of other Python values
- `json_encoder`: the encoder of any value as strict JSON
- `encodable`: the proof that a value can be encoded
- `json_depth`: the nesting depth of a JSON text
- `messagepack`: JSON documents as MessagePack and back
- `digest`: the digest of a body, for its ETag
- `untrusted`: checks of what comes from a client, within what is decoded

Folders: `datasets` streams datasets as JSON and MessagePack, and as archives, `frames` keeps tables exactly, as Arrow
IPC streams, `parquet` as Parquet files, `parameters` describes parameter sets and reads their values.
"""
