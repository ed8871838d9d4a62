"""The command `algomancy`.

From the ground up:

- `output`: tables for people, JSON for programs
- `values`: values of parameters, from words
- `commands`: what each command does
- `options`: the commands and their options
- `run`: runs a command, and makes an exit code of its outcome
"""

from .run import main

__all__ = ["main"]
