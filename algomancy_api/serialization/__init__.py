"""Values as JSON and MessagePack. NaN and infinities become null, here and nowhere else.

From the ground up:

- `error_path`: the path to the part of a value that has no JSON form
- `datetimes`: dates and times
- `arrays`: JSON forms of numpy and pandas types
- `columns`: columns of tables, read in slices
- `hooks`: the natural JSON form of other Python values
- `json_encoder`: the encoder of any value as strict JSON
- `json_depth`: the nesting depth of a JSON text
- `messagepack`: JSON documents as MessagePack and back
- `parameters`: descriptors of parameter sets, and decoding of a client's values
- `digest`: the digest of a body, for its ETag
"""
