"""The declaration of a receiver: what it takes, and what it says of what it does not take."""

import re
from typing import Any

import pytest

from algomancy_api import Webhook

from ..support.receivers import SECRET

URL = "https://receiver.example/hook"


def webhook(**keywords: Any) -> Webhook:
    return Webhook(**{"url": URL, "secret": SECRET} | keywords)


def test_it_gets_every_event_under_the_name_of_its_host_unless_it_says_otherwise() -> None:
    one = webhook()
    assert (one.name, one.events, one.labels) == ("receiver.example", ("scenario_complete", "scenario_failed"), {})
    assert one.wants("scenario_complete", {})
    assert one.wants("scenario_failed", {"region": "north"})


def test_it_gets_events_of_scenarios_with_all_of_its_labels() -> None:
    one = webhook(events=["scenario_failed"], labels={"region": "north", "sweep": "s1"})
    assert one.wants("scenario_failed", {"region": "north", "sweep": "s1", "other": "x"})
    assert not one.wants("scenario_failed", {"region": "north"})
    assert not one.wants("scenario_failed", {"region": "north", "sweep": "s2"})
    assert not one.wants("scenario_complete", {"region": "north", "sweep": "s1"})


@pytest.mark.parametrize(
    ("url", "authority", "port", "path"),
    [
        ("https://receiver.example", "receiver.example", 443, "/"),
        ("https://Receiver.example:8443/a/b?c=%20d", "receiver.example:8443", 8443, "/a/b?c=%20d"),
        ("https://receiver.example:443/", "receiver.example", 443, "/"),
        ("https://8.8.8.8/x", "8.8.8.8", 443, "/x"),
        ("https://[2606:4700::1111]:444/x", "[2606:4700::1111]:444", 444, "/x"),
    ],
)
def test_the_parts_of_its_url(url: str, authority: str, port: int, path: str) -> None:
    target = webhook(url=url).target
    assert (target.is_tls, target.authority, target.port, target.path) == (True, authority, port, path)


def test_a_query_is_not_shown() -> None:
    assert webhook(url=f"{URL}?token=hidden").target.shown == f"{URL}?…"
    assert webhook().target.shown == URL


REFUSED: dict[str, list[tuple[Any, str]]] = {
    "url": [
        ("", "visible ASCII"),
        (None, "visible ASCII"),
        ("https://receiver.example/a b", "visible ASCII"),
        ("https://receiver.example/\r\nX-A: b", "visible ASCII"),
        ("https://empfänger.example/", "punycode"),
        ("https://receiver.example\\@evil.example/", "visible ASCII"),
        (f"https://receiver.example/{'x' * 2000}", "at most 2000"),
        ("receiver.example", "begin with https"),
        ("ftp://receiver.example/", "begin with https"),
        ("http://receiver.example/", "allow_private=True allows http"),
        ("https://user:password@receiver.example/", "no user and password"),
        ("https://receiver.example/#x", "no fragment"),
        ("https://", "malformed host"),
        ("https://:443/", "malformed host"),
        ("https://receiver.example:0/", "malformed host"),
        ("https://receiver.example:65536/", "malformed host"),
        ("https://receiver.example:x/", "malformed host"),
        ("https://receiver,example/", "malformed host"),
        ("https://[::1/", "malformed host"),
        ("https://[fe80::1%25eth0]/", "malformed host|not public"),
        ("https://127.0.0.1/", "127.0.0.1 is not public"),
        ("https://[::1]/", "::1 is not public"),
        ("https://169.254.169.254/latest", "not public"),
    ],
    "secret": [("hunter2hunter2", "secret must be"), ([], "one secret"), ([SECRET] * 3, "one secret"), (1, "secret")],
    "events": [
        ([], "one or more"),
        ("scenario_complete", "one or more"),
        (["scenario_done"], "scenario_complete"),
        ([["scenario_complete"]], "one or more"),
        (None, "one or more"),
    ],
    "labels": [({"region": 1}, "dict of texts"), ({"": "x"}, "dict of texts"), (["region"], "dict of texts")],
    "name": [(" ", "printable"), ("a\nb", "printable"), ("x" * 101, "at most 100"), (1, "printable")],
    "allow_private": [(1, "True or False"), (None, "True or False")],
    "timeout": [(0, "at most 60"), (61, "at most 60"), (True, "at most 60"), ("5", "at most 60"), (float("nan"), "60")],
}


@pytest.mark.parametrize(
    ("argument", "value", "reason"),
    [(argument, value, reason) for argument, cases in REFUSED.items() for value, reason in cases],
)
def test_a_wrong_argument_is_refused_with_what_would_be_right(argument: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^the webhook.* is invalid: ") as refusal:
        webhook(**{argument: value})
    assert re.search(reason, str(refusal.value))
    for secret in ("hunter2", "password@", SECRET.removeprefix("whsec_")):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "https://10.0.0.1/", "http://[::1]/", "http://intern/"])
def test_private_addresses_and_http_are_taken_if_it_says_so(url: str) -> None:
    assert webhook(url=url, allow_private=True).target.path


def test_neither_its_secret_nor_its_url_is_in_its_text() -> None:
    text = repr(webhook(url=f"{URL}?token=hidden"))
    assert SECRET not in text
    assert "hidden" not in text
