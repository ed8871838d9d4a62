#!/usr/bin/env bash
# pandas 3.1.1: `DataFrame(rows, columns=..., index=...)` of a list of rows, with more labels than rows.
#
# Guess: an index of another length than the rows raises ValueError, for any number of rows.
# Seen:  so it does for two rows. A single row, as a list or as a dict, is repeated for each label, without a word; with
#        no rows, each label gets a row of nulls. So the JSON of a table whose `index` does not fit its `data` is an
#        error or a longer table, by the number of its rows.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'pandas==3.1.1'

cat >rows.py <<'PYTHON'
import pandas as pd

SEEN = {
    "no row, two labels": ([], [0, 1], "[[nan], [nan]]"),
    "one row, two labels": ([[7]], [0, 1], "[[7], [7]]"),
    "one object, three labels": ([{"x": 7}], [0, 1, 2], "[[7], [7], [7]]"),
    "two rows, one label": ([[7], [8]], [0], "ValueError"),
    "two rows, three labels": ([[7], [8]], [0, 1, 2], "ValueError"),
}


def made(rows, labels):
    try:
        return repr(pd.DataFrame(rows, columns=["x"], index=labels).to_numpy().tolist())
    except ValueError as error:
        return type(error).__name__


for name, (rows, labels, seen) in SEEN.items():
    found = made(rows, labels)
    print(f"{name}: {found}")
    assert found == seen, f"{name} was {seen}"
PYTHON
environment/bin/python -W error rows.py
