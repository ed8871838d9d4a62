"""What a child sets up before its job.

From the ground up:

- `environment`: environment variables: the folder for temporary files, the number of threads
- `generators`: new seeds for the random number generators that a forked child has inherited
- `memory`: the limit of memory, and the error of a run that needs more
- `plan`: all of it, from the parent
"""

from .plan import UNBOUNDED, Bounds, Setup

__all__ = ["UNBOUNDED", "Bounds", "Setup"]
