"""The example: shortest routes through three TSPLIB instances with published optima.

`build_example_config` gives a configuration to serve. The modules show, one idea each, what a problem of your own
consists of:

- `distances`: the distance rules of TSPLIB95
- `problem`: the problem itself
- `validation`: what a dataset must satisfy
- `schemas`: the tables of a dataset
- `etl`: from uploaded files to a dataset
- `tours`: a tour, and the result that a scenario keeps of it
- `algorithms`: the algorithms
- `kpis`: what is measured of a tour
- `seed`: the datasets that come along
- `configure`: all of it, wired
"""

from .configure import build_example_config

__all__ = ["build_example_config"]
