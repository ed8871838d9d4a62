#!/usr/bin/env bash
# locust 2.47.0, the load generator, is also a plugin of pytest, by an entry point that nothing asks for.
#
# Guess: to install locust beside pytest changes nothing for tests that do not import it.
# Seen:  every run of pytest in that environment loads `pytest_locust`. It has the option --host, and the fixtures
#        `session` and `fastsession`: a test that asks for a fixture `session` which nobody has written, because its
#        conftest.py was lost, say, gets a client of HTTP and passes. `-p no:locust` leaves the plugin out, and then
#        the same test is an error: fixture 'session' not found.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'locust==2.47.0' 'pytest==9.2.0'

cat >test_session.py <<'PYTHON'
def test_has_a_session(session):
    print("a session of", type(session).__module__)
PYTHON

expect() { grep --quiet --fixed-strings -- "$2" <<<"$1" || { printf 'not as described, no %q in:\n%s\n' "$2" "$1"; exit 1; }; }

with=$(environment/bin/python -m pytest -p no:cacheprovider --host http://127.0.0.1:9 -s test_session.py 2>&1 || true)
without=$(environment/bin/python -m pytest -p no:cacheprovider -p no:locust test_session.py 2>&1 || true)
expect "$with" "1 passed"
expect "$with" "a session of locust"
expect "$without" "fixture 'session' not found"
grep -E 'plugins|a session of|passed' <<<"$with"
grep -E "E +fixture|error in" <<<"$without"
