"""Script that writes ``openapi.json`` and the tables of routes, keywords and limits in ``docs/``.

With ``--check``, it writes nothing and reports the files that are out of date.
"""

import sys
from importlib.metadata import version
from pathlib import Path

import configuration_page
import routes_page

from algomancy_api.application import OUTSIDE_PREFIX, UNDER_PREFIX
from algomancy_api.openapi.document import describe, written

TARGET = Path(__file__).with_name("openapi.json")
DOCS = Path(__file__).parent.parent / "docs"
ROUTES = DOCS / "routes.md"
CONFIGURATION = DOCS / "configuration.md"


def main() -> int:
    """Write or check the files; the exit code is 1 if ``--check`` finds one out of date."""
    document = describe([*UNDER_PREFIX, *OUTSIDE_PREFIX], title="Algomancy API", version=version("algomancy-api"))
    files = {
        TARGET: written(document),
        ROUTES: routes_page.with_tables(ROUTES.read_text(encoding="utf-8"), document).encode(),
        CONFIGURATION: configuration_page.with_tables(CONFIGURATION.read_text(encoding="utf-8")).encode(),
    }
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run `make openapi`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_bytes(files[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
