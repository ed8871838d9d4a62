#!/usr/bin/env bash
# SQLAlchemy 2.1.9, and SIGINT while a statement runs.
#
# Guess: a KeyboardInterrupt passes by the listeners of `handle_error`, which get the errors of the driver; one that
#        gives lost connections an error of its own, by `is_disconnect`, never sees Ctrl-C.
# Seen:  it is called with the KeyboardInterrupt, `is_disconnect` is true, and the error of the listener takes its place:
#        whoever pressed Ctrl-C reads that the database is away, and the program goes on.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'sqlalchemy==2.1.9'

cat >interrupted.py <<'PYTHON'
import os
import signal
import threading

import sqlalchemy as sa


class DatabaseAway(Exception):
    pass


signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
engine = sa.create_engine("sqlite://")


@sa.event.listens_for(engine, "handle_error")
def translated(context):
    print("listener:", type(context.original_exception).__name__, "is_disconnect:", context.is_disconnect)
    return DatabaseAway() if context.is_disconnect else None


counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000000) SELECT max(x) FROM n"
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    with engine.connect() as connection:
        connection.exec_driver_sql(counting)
except BaseException as error:
    print("raised:", type(error).__name__)
PYTHON

expect() { grep --quiet --fixed-strings -- "$2" <<<"$1" || { printf 'not as described, no %q in:\n%s\n' "$2" "$1"; exit 1; }; }

output=$(environment/bin/python interrupted.py)
expect "$output" "listener: KeyboardInterrupt is_disconnect: True"
expect "$output" "raised: DatabaseAway"
printf '%s\n' "$output"
