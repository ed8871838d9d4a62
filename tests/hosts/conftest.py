"""What the tests of hosts share."""

import pytest

pytest.register_assert_rewrite("tests.hosts.journeys", "tests.hosts.serverchecks")
