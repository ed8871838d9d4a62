"""The Dask engine: algorithms on the workers of a cluster, each in a child of its worker.

``distributed`` is an extra, and takes a second to import: `engine` is imported for the engine of that name alone, and
nothing that a child imports imports it. From the ground up:

- `packed_values`: values that are passed on unopened
- `dask_serializer`: how Dask carries them
- `worker_task`: the task on a worker, which starts a child, tells of it, and ends it
- `run_events`: what a worker tells of a run
- `dataset_cache`: which worker has which dataset
- `worker_selection`: which worker takes a run
- `connection`: a scheduler that is there, and runs on its workers
- `cluster`: finding a scheduler, or starting a cluster of this machine's own
- `event_loop`: the event loop of the client, on a thread of its own
- `engine`: the engine
"""
