from __future__ import annotations

import copy
import pickle

import pytest

from algomancy_client import errors
from algomancy_client.wire.answers import Message

EXAMPLES = [
    errors.ConnectionFailed("No answer"),
    errors.Unsupported("events of a session"),
    errors.Conflict("Taken", 409, "r1"),
    errors.RunFailed("a run", "KeyError: 'cost'", 2),
    errors.Refused("base", [Message("ERROR", "'x' is no integer", "depots", row=1_000, column="capacity")]),
    errors.WaitTimeout("1 of 2"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_can_be_sent_to_another_process(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again)) == (type(error), str(error))
    assert str(copy.copy(error)) == str(error)


def test_an_error_of_a_status_says_all_that_is_known() -> None:
    error = errors.status_error("Taken", 409, "r1")
    assert isinstance(error, errors.Conflict)
    assert (error.detail, error.status, error.request_id) == ("Taken", 409, "r1")
    assert str(error) == "Taken (status 409, request r1)"


def test_every_status_has_a_class() -> None:
    kinds = {status: type(errors.status_error("", status)) for status in (418, 500, 503, 504, 507)}
    assert kinds == {
        418: errors.StatusError, 500: errors.ServerError, 503: errors.Unavailable, 504: errors.ServerError,
        507: errors.StorageFull,
    }  # fmt: skip
    assert issubclass(errors.Unavailable, errors.ServerError)


def test_a_refusal_has_each_message_with_its_place() -> None:
    assert str(EXAMPLES[4]) == (
        "Dataset 'base' is refused:\n  ERROR depots, row 1,000, column 'capacity': 'x' is no integer"
    )
    assert "too old" in str(errors.Refused("base", []))


def test_a_refusal_shows_the_first_of_many_messages_and_none_of_what_went_well() -> None:
    messages = [Message("INFO", "well"), *(Message("ERROR", f"fault {number}") for number in range(1_000))]
    error = errors.Refused("base", messages)
    assert len(error.messages) == 1_001
    assert "well" not in str(error)
    assert str(error).endswith("ERROR fault 49\n  … and 950 more in `messages`")


def test_what_ends_a_wait_is_also_what_python_calls_it() -> None:
    assert issubclass(errors.WaitTimeout, TimeoutError)
    assert issubclass(errors.WaitInterrupted, KeyboardInterrupt)
    assert not issubclass(errors.WaitInterrupted, Exception)


def test_others_that_have_failed_are_counted() -> None:
    assert str(EXAMPLES[3]) == "Scenario 'a run': KeyError: 'cost' (and 2 more have failed)"
