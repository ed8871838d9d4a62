"""Algorithms on the workers of a Dask cluster, each in a child of its worker.

``distributed`` is an extra, and takes a second to import: `engine` is imported for the engine of that name alone, and
nothing that a child imports imports it. From the bottom up:

- `parcels`: values that are passed on unopened; `shipping`: how Dask carries them;
- `remote`: what happens on a worker; `watch`: what is told of that here;
- `scattered`: which worker has which dataset; `places`: which worker takes a run;
- `connection`: a scheduler that is there, and runs on its workers; `cluster`: finding it, and finding it again;
- `loops`: the event loop of it all; `engine`: the engine.
"""
