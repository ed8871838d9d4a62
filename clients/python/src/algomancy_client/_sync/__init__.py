# Generated from _async by `make client`: change that, and run it again.
"""The client without an event loop, generated from `_async` by `make client`.

From the ground up:

- `transport`: sends requests, again where that helps
- `calls`: requests about one session
- `waiting`: waits until runs have ended
- `watching`: watches a session
- `logs`: follows the log of a run
- `tables`: reads parts of tables
- `scenario`: a scenario
- `scenarios`: several of them
- `dataset`: a dataset
- `starting`: creates scenarios and starts them, one by one on an old server
- `session`: a session
- `client`: the client
"""
