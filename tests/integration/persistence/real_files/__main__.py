"""``python -m tests.integration.persistence.real_files``: the check of the files of packages that are downloaded."""

import argparse
import itertools
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from algomancy_api.framework.database.storage.catalogue import COLUMNS, SQL_TABLES

from ....support.databases import Database
from ..cluster import running_cluster
from . import sources
from .round_trip import Outcome, Verdict, outcomes

#: Files: the most in one database, so that there is progress to see.
_AT_ONCE = 50


def main() -> int:
    """Check the files and print a summary; the exit status is 1 if one does not come back as it was."""
    options = _options()
    start = time.monotonic()
    warnings.filterwarnings("ignore", "Unknown extension is not supported", UserWarning)
    found: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as name:
        print("downloading the packages ...", flush=True)
        downloaded = sources.downloaded(Path(name), options.largest)
        distinct = sources.without_copies(sources.kept() | downloaded)
        files = dict(itertools.islice(distinct.items(), options.most))
        for batch in itertools.batched(files, _AT_ONCE, strict=False):
            with _new_database(options.database) as database:
                found |= outcomes(database, {each: files[each] for each in batch}, options.storage)
            print(f"{len(found)} of {len(files)} files, {time.monotonic() - start:.0f} s", flush=True)
    _print_summary(found)
    return any(outcome.verdict is Verdict.DIFFERENT for outcome in found.values())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests.integration.persistence.real_files",
        description="Download packages, and check that their CSV, JSON and XLSX files come back equal.",
    )
    parser.add_argument("--most", type=int, default=600, help="the most files (default: 600)")
    parser.add_argument("--largest", type=int, default=300_000, help="bytes of the largest file (default: 300000)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite", help="(default: sqlite)")
    parser.add_argument("--storage", choices=[COLUMNS, SQL_TABLES], default=COLUMNS, help=f"(default: {COLUMNS})")
    return parser.parse_args()


@contextmanager
def _new_database(kind: str) -> Iterator[Database]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield Database(f"sqlite:///{folder}/files.sqlite")
        return
    with running_cluster() as cluster, cluster.database() as url:
        yield Database(url)


def _print_summary(found: Mapping[str, Outcome]) -> None:
    """Print each file that is not equal, and the numbers by kind."""
    for name, outcome in found.items():
        if outcome.verdict is not Verdict.EQUAL:
            print(f"{outcome.verdict}: {name}: {' '.join(outcome.why.split())[:300]}")
    counts = Counter((Path(name).suffix, outcome.verdict) for name, outcome in found.items())
    for kind in sources.KINDS:
        print(f"{kind[1:]:4}", *(f"{counts[kind, verdict]:4} {verdict}" for verdict in Verdict))
    print(f"all  {len(found):4} files")


if __name__ == "__main__":
    sys.exit(main())
