"""The serialization of values between a parent and its child.

From the ground up:

- `frames`: frames over a socket: a kind, a length, the content
- `pickling`: pickle with additions for the framework's parameters, files and large tables
- `mapped`: large buffers in files that children map
- `values`: a value as a sequence of frames, each small enough not to hold the interpreter for long
"""
