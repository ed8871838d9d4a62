#!/usr/bin/env bash
# pandas 3.1.1: `read_csv` of a file whose rows have one cell more than the header.
#
# Guess: the first cells of the rows become the index (so the manual says), and the type of the index tells: it is a
#        `RangeIndex` only where pandas has counted the rows by itself.
# Seen:  a column of integers at equal distances becomes a `RangeIndex`, too. 0, 1, 2 … gives the index that a
#        file without surplus cells has: nothing in the table shows that a column was lost, and that each cell stands
#        under the name of its neighbour. With `header=None`, the same file raises ParserError; with `usecols` for all
#        columns of the header, there is no such index, and the surplus cells are dropped without a word.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'pandas==3.1.1'

cat >surplus.py <<'PYTHON'
import io

import pandas as pd

SEEN = {
    "no surplus": ("a;b\n5;6\n7;8\n", "RangeIndex(start=0, stop=2, step=1) [[5, 6], [7, 8]]"),
    "0 and 1": ("a;b\n0;5;6\n1;7;8\n", "RangeIndex(start=0, stop=2, step=1) [[5, 6], [7, 8]]"),
    "7 and 8": ("a;b\n7;5;6\n8;7;8\n", "RangeIndex(start=7, stop=9, step=1) [[5, 6], [7, 8]]"),
    "7 and 9": ("a;b\n7;5;6\n9;7;8\n", "RangeIndex(start=7, stop=11, step=2) [[5, 6], [7, 8]]"),
    "7, 9 and 12": ("a;b\n7;5;6\n9;7;8\n12;9;0\n", "Index([7, 9, 12], dtype='int64') [[5, 6], [7, 8], [9, 0]]"),
}

for name, (text, seen) in SEEN.items():
    table = pd.read_csv(io.StringIO(text), sep=";")
    found = f"{table.index!r} {table.to_numpy().tolist()}"
    print(f"{name}: {found}")
    assert found == seen, f"{name} was {seen}"

_, (text, _), *_ = SEEN.values()
try:
    pd.read_csv(io.StringIO(text), sep=";", header=None)
    found = "a table"
except pd.errors.ParserError as error:
    found = type(error).__name__
print(f"without a header: {found}")
assert found == "ParserError", "it was a ParserError"
found = pd.read_csv(io.StringIO(text), sep=";", usecols=[0, 1]).to_numpy().tolist()
print(f"with usecols: {found}")
assert found == [[0, 5], [1, 7]], "it was [[0, 5], [1, 7]]"
PYTHON
environment/bin/python -W error surplus.py
