"""Changes of the scenarios of a session: mixins of `Session`.

From the ground up:

- `annotations`: a tag, labels and a note changed
- `queueing`: scenarios put into the queue, within the limits
- `creation`: one scenario created
- `grids`: scenarios for each combination of values
- `batches`: copies, and many scenarios created at once
- `bulk`: many scenarios deleted, cancelled or reset
"""
