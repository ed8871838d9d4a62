#!/usr/bin/env bash
# SQLite 3.54.1 (apsw 3.54.1.0), PRAGMA auto_vacuum in a new file after PRAGMA journal_mode = WAL.
#
# Guess: auto_vacuum can be set as long as the database has no table, in any order with other settings.
# Seen:  after journal_mode = WAL it is passed over without an error, though there is no table yet: the file never
#        shrinks. Before it, it is taken. A program that sets WAL whenever it connects must do the other one first.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'apsw==3.54.1.0'

cat >order.py <<'PYTHON'
import apsw

SETTINGS = {"wal": "PRAGMA journal_mode = WAL", "vacuum": "PRAGMA auto_vacuum = INCREMENTAL"}

print("SQLite", apsw.sqlite_lib_version())
for order in (["vacuum", "wal"], ["wal", "vacuum"]):
    database = apsw.Connection(f"{'-'.join(order)}.sqlite")
    for name in order:
        database.execute(SETTINGS[name]).fetchall()
    database.execute("CREATE TABLE large (content BLOB); INSERT INTO large VALUES (zeroblob(10000000)); DROP TABLE large")
    database.execute("PRAGMA incremental_vacuum").fetchall()
    [(kept,)] = database.execute("PRAGMA page_count")
    print(" then ".join(order), "- shrinks:", kept < 10)
PYTHON

expect() { grep --quiet --fixed-strings -- "$2" <<<"$1" || { printf 'not as described, no %q in:\n%s\n' "$2" "$1"; exit 1; }; }

output=$(environment/bin/python order.py)
expect "$output" "SQLite 3.54.1"
expect "$output" "vacuum then wal - shrinks: True"
expect "$output" "wal then vacuum - shrinks: False"
printf '%s\n' "$output"
