"""A real problem to play with: shortest routes through three TSPLIB instances with published optima.

`build_example_config` gives a configuration to serve. The other modules show, one idea each, what a problem
of your own consists of: `schemas`, `validation` and `etl` for its data, `problem` and `distances` for its
meaning, `algorithms`, `tours` for their results, `kpis`, and `seed` for datasets that come along.
"""

from .configure import build_example_config

__all__ = ["build_example_config"]
