"""Values as JSON and MessagePack. NaN and infinities become null, here and nowhere else.

From the ground up:

- `error_path`: where in a value something is that has no JSON form
- `datetimes`: dates and times
- `arrays`: numpy arrays
- `columns`: columns of tables, read in slices
- `hooks`: the natural JSON form of a value that JSON does not know
- `json_encoder`: any value as strict JSON
- `json_depth`: how deeply lists and objects lie in one another in a JSON text
- `messagepack`: JSON documents as MessagePack and back
- `parameters`: parameter sets as descriptors, and a client's values for them
- `digest`: the digest of a body
"""
