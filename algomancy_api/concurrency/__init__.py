"""Event loop or worker thread, and who waits for whom: the whole answer is here.

From the ground up:

- `workers`: two pools of worker threads for one app, and iterators that run on them
- `gate`: a gate that many pass, and that one closes once nobody is inside
- `serial`: calls of which one is made at a time, in the order in which they come
- `decorators`: how a method becomes a call on a worker thread
- `adaptive`: what was quick on a thread is done on the event loop the next time
- `by_size`: few bytes on the event loop, many on a worker thread
- `shared`: results that several requests need at the same time, made and held once
- `body_memory`: the memory that the bodies of requests under way take together
- `memory`: free memory, given back to the system
"""
