#!/usr/bin/env bash
# pyarrow 26.0.1 with pandas 3.1.1: `Table.from_pandas` of a column of objects, and back.
#
# Guess: cells of kinds that no type of Arrow holds together raise ArrowInvalid or ArrowTypeError, as an integer before
#        a boolean does.
# Seen:  some raise, and some are changed without a word. A `time` with an offset loses it. Of a date and a datetime,
#        the datetime loses its time of day if it comes second, and is an error if it comes first. Beside a naive
#        datetime, one of Tokyo becomes a naive one of UTC. A boolean after a float is 1.0, and after an integer an
#        error. A str beside bytes becomes bytes.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'pandas==3.1.1' 'pyarrow==26.0.1' 'tzdata==2025.2'

cat >mixed.py <<'PYTHON'
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

NOON, TOKYO = datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
SEEN = {
    "time with an offset": ([time(1, 2, tzinfo=timezone(timedelta(hours=5)))], "[datetime.time(1, 2)]"),
    "date, datetime": ([date(2026, 1, 1), NOON], "[datetime.date(2026, 1, 1), datetime.date(2026, 1, 1)]"),
    "datetime, date": ([NOON, date(2026, 1, 1)], "ArrowTypeError"),
    "naive, Tokyo": ([NOON, TOKYO], "[Timestamp('2026-01-01 12:00:00'), Timestamp('2026-01-01 03:00:00')]"),
    "float, boolean": ([2.5, True], "[2.5, 1.0]"),
    "integer, boolean": ([2, True], "ArrowTypeError"),
    "bytes, str": ([b"a", "b"], "[b'a', b'b']"),
}


def there_and_back(cells):
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    try:
        return repr(list(pa.Table.from_pandas(frame).to_pandas()["x"]))
    except pa.ArrowException as error:
        return type(error).__name__


for name, (cells, seen) in SEEN.items():
    found = there_and_back(cells)
    print(f"{name}: {found}")
    assert found == seen, f"{name} was {seen}"
PYTHON
environment/bin/python -W error mixed.py
