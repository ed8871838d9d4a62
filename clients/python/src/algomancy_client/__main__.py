"""``python -m algomancy_client``: the command `algomancy`."""

import sys

from .cli import main

sys.exit(main())
