#!/usr/bin/env bash
# highspy 1.16.0: an exception that is raised in a callback.
#
# Guess: it ends the solve and comes out of `maximize`, as it is.
# Seen:  it ends the solve, and is lost: `maximize` returns HighsStatus.kError, the model's status is kSolveError, the
#        solution that the callback was called with is gone, and nothing is printed. So a caller that does not look at the
#        status goes on with an objective of 0. An `Exception` and a `BaseException` are lost alike.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'highspy==1.16.0' 'numpy==2.5.5'

cat >lost.py <<'PYTHON'
import highspy


class Stop(BaseException):
    """An exception as a caller has it who wants no `except Exception` to catch it."""


def solved(kind):
    highs = highspy.Highs()
    highs.silent()
    take = [highs.addBinary() for _ in range(40)]
    for row in range(1, 6):
        highs.addConstr(highs.qsum((row * item * 37 % 101 + 1) * each for item, each in enumerate(take)) <= 900)

    def incumbent(event):
        objectives.append(event.data_out.objective_function_value)
        if objectives[-1] > 0 and kind is not None:
            raise kind("from the callback")

    objectives = []
    highs.cbMipImprovingSolution += incumbent
    status = highs.maximize(highs.qsum((item * 53 % 89 + 1) * each for item, each in enumerate(take)))
    return status.name, highs.getModelStatus().name, highs.getObjectiveValue(), max(objectives)


print("no exception:", found := solved(None))
assert found[:2] == ("kOk", "kOptimal")
assert found[2] == found[3] > 0
for kind in (ValueError, Stop):
    print(f"{kind.__name__}:", found := solved(kind))  # nothing is raised
    assert found[:3] == ("kError", "kSolveError", 0.0)
    assert found[3] > 0
PYTHON
environment/bin/python -W error lost.py 2>errors
[[ ! -s errors ]] || { echo "not as described, it printed:"; cat errors; exit 1; }
