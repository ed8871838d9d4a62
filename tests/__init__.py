"""The tests. Their folders mirror the package; `integration` has those that cross several modules."""

import pytest

# This must come before any import of these modules.
pytest.register_assert_rewrite("tests.integration.hosts.journeys", "tests.integration.hosts.serverchecks")
