from __future__ import annotations

from algomancy_client.wire.events import Event, Reader
from algomancy_client.wire.states import states_of


def events_of(text: str) -> list[Event]:
    reader = Reader()
    return [event for line in text.split("\n") if (event := reader.read(line)) is not None]


def test_fields_become_an_event() -> None:
    assert events_of('event: status\nid: 7\ndata: {"a": 1}\n\n') == [Event("status", '{"a": 1}', "7")]


def test_lines_of_data_are_joined_and_a_space_is_left_out_once() -> None:
    assert events_of("data:  a\ndata:b\n\n") == [Event("message", " a\nb", None)]


def test_a_comment_or_a_name_alone_is_no_event() -> None:
    assert events_of(": alive\n\nevent: status\n\ndata: x\n\n") == [Event("message", "x", None)]


def test_an_id_stays_for_the_events_after_it() -> None:
    assert [event.id for event in events_of("id: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n")] == ["1", "1", ""]


def test_an_id_with_nul_is_passed_over() -> None:
    assert events_of("id: 1\nid: 2\0\ndata: x\n\n")[0].id == "1"


def test_an_event_without_its_end_is_none() -> None:
    assert events_of("data: x") == []


def test_events_say_what_of_which_scenario() -> None:
    state = '{"id": "a", "tag": "t", "status": "failed", "progress": 3, "error": "E", "new": 1}'
    kinds = [
        Event("snapshot", f'{{"scenarios": [{state}]}}', None),
        Event("status", state, None),
        Event("progress", state, None),
        Event("deleted", '{"id": "a"}', None),
        Event("gone", '{"id": "s"}', None),
        Event("new one", "{}", None),
    ]
    statuses = [[state.status for state in states_of(event)] for event in kinds]
    assert statuses == [["failed"], ["failed"], ["failed"], ["deleted"], [], []]
