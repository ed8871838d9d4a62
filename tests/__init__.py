"""The tests, which mirror the package."""

import pytest

# Before anything imports them, from whichever folder.
pytest.register_assert_rewrite("tests.integration.hosts.journeys", "tests.integration.hosts.serverchecks")
