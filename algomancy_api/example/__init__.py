"""The example: travelling salesman problems, with three TSPLIB instances whose optima are published.

`build_example_config` makes a configuration to serve. Each module shows one part of a problem of your own:

- `distances`: the distance rules of TSPLIB95
- `problem`: the problem itself
- `validation`: the checks of a dataset
- `schemas`: the tables of a dataset
- `etl`: from uploaded files to a dataset
- `tours`: a tour, and the result that a scenario stores
- `algorithms`: the algorithms
- `kpis`: the KPIs of a tour
- `seed`: the bundled datasets, loaded into an empty database
- `configure`: the configuration
"""

from .configure import build_example_config

__all__ = ["build_example_config"]
