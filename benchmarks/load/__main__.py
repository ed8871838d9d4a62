"""``python -m benchmarks.load URL``."""

import sys

try:
    from .command import main
except KeyboardInterrupt:
    sys.exit(130)
except ModuleNotFoundError as missing:
    sys.exit(f"python -m benchmarks.load: error: {missing.name} is not installed: pip install '.[bench]'")

if __name__ == "__main__":
    sys.exit(main())
