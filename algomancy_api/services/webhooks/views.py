"""The receivers of events, how they do, and what they got, as response bodies."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from ...schemas.webhooks import (
    WebhookDeliveries,
    WebhookDelivery,
    WebhookList,
    WebhookState,
    WebhookTest,
)
from ...webhooks.outbox import Delivery, Event, Outbox, Summary, Tried
from ...webhooks.settings import Webhook


def listed(webhooks: Iterable[Webhook], outbox: Outbox) -> WebhookList:
    """The receivers and their states; may read a database."""
    return WebhookList([_state(webhook, outbox, outbox.summary(webhook.name)) for webhook in webhooks])


def logged(name: str, deliveries: Iterable[Delivery]) -> WebhookDeliveries:
    """Deliveries to a receiver."""
    return WebhookDeliveries(name, [_shown(delivery) for delivery in deliveries])


def outcome(event: Event, tried: Tried) -> WebhookTest:
    """The outcome of a test."""
    return WebhookTest(event.id, tried.error is None, tried.status, tried.error, round(tried.seconds, 3))


def _state(webhook: Webhook, outbox: Outbox, summary: Summary) -> WebhookState:
    last = summary.last
    error = None if last is None else last.error
    return WebhookState(
        name=webhook.name,
        url=webhook.target.shown,
        events=list(webhook.events),
        labels=dict(webhook.labels),
        state=_word(is_off=webhook.name in outbox.off, error=error),
        waiting=summary.waiting,
        last_tried=None if last is None else _moment(last.tried),
        last_delivered=_moment(summary.delivered),
        last_error=error,
    )


def _word(*, is_off: bool, error: str | None) -> Literal["active", "failing", "disabled"]:
    if is_off:
        return "disabled"
    return "active" if error is None else "failing"


def _shown(delivery: Delivery) -> WebhookDelivery:
    state: Any = str(delivery.state)
    return WebhookDelivery(
        event_id=delivery.event_id,
        type=delivery.type,
        time=datetime.fromtimestamp(delivery.created, UTC),
        state=state,
        tries=delivery.tries,
        last_tried=_moment(delivery.tried),
        status=delivery.status,
        error=delivery.error,
        next_try=_moment(delivery.due),
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
