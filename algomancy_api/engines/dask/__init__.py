"""The Dask engine: algorithms on the workers of a cluster, each in a child process of its worker.

``distributed`` is an optional dependency, and takes a second to import. So `engine` is imported only when this engine
is configured, and no module that a child imports may import ``distributed``. From the ground up:

- `packed_values`: values as their frames, forwarded without unpickling
- `dask_serializer`: the Dask serialization of packed values
- `worker_task`: the task on a worker: start a child, report its events, end it
- `run_events`: the events of a run, received from its worker
- `dataset_cache`: the datasets stored on each worker
- `worker_selection`: the choice of a worker for a run
- `connection`: a connection to a scheduler, and runs on its workers
- `cluster`: the connection kept alive, or a local cluster started
- `event_loop`: the client's event loop, on a separate thread
- `engine`: the engine
"""
