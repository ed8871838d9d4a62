"""How values cross between a parent and its child.

From the ground up:

- `frames`: frames over a socket: a kind, a length, and so many bytes
- `pickling`: pickle, for the framework's parameters, files and large tables
- `values`: a value in pieces that hold neither side's interpreter for long
"""
