"""Event loop or worker thread, and which calls wait for which others.

From the ground up:

- `workers`: the two pools of worker threads of an app, and generators that run on them
- `gate`: a shared and exclusive lock that can be closed for good
- `serial`: calls on worker threads, one at a time, first come first served
- `decorators`: decorators that make a method a call on a worker thread
- `loop_or_thread`: a call that was quick on a worker thread runs on the event loop the next time
- `by_size`: few bytes are processed on the event loop, many on a worker thread
- `shared`: results that several concurrent requests need, made and kept once
- `disconnect`: the work for a client is cancelled once the client has disconnected
- `body_memory`: the limit on the memory of all request bodies in progress
- `memory`: free memory returned to the operating system
"""
