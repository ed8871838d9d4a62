"""A dataset as a stream of JSON or MessagePack.

From the ground up:

- `cells`: the cells of a column, in slices
- `table`: one table
- `writers`: how each form writes the parts of a document
- `stream`: a whole dataset, in pieces
"""
