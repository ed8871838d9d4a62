"""Write ``openapi.json`` beside this file, or with ``--check`` say whether it is what would be written."""

import sys
from importlib.metadata import version
from pathlib import Path

from algomancy_api.application import BESIDE_PREFIX, UNDER_PREFIX
from algomancy_api.openapi.document import describe, written

TARGET = Path(__file__).with_name("openapi.json")


def main() -> int:
    """Write or check; 1 if the file is not up to date."""
    document = describe([*UNDER_PREFIX, *BESIDE_PREFIX], title="Algomancy API", version=version("algomancy-api"))
    content = written(document)
    if "--check" in sys.argv[1:]:
        if TARGET.exists() and TARGET.read_bytes() == content:
            return 0
        print(f"{TARGET.name} is not what the annotations say: run `make openapi`", file=sys.stderr)
        return 1
    TARGET.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
