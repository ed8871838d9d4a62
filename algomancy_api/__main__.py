"""``python -m algomancy_api`` is the command ``algomancy-api``."""

import sys

from .cli import main

sys.exit(main())
