"""Parameters of algorithms and datasets.

- `descriptors`: descriptors of parameter sets, for forms of clients
- `values`: values from a client or a database, as the framework accepts them
"""
