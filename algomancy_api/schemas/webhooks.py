"""Receivers of events, and the deliveries to them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ..webhooks.settings import EVENTS, TEST

Seconds = Annotated[float, Meta(ge=0, description="How long the try took.")]
EventId = Annotated[str, Meta(description="The id of the event, which is its `webhook-id` in all tries.")]
EventType = Annotated[str, Meta(description="The name of the event.", extra_json_schema={"enum": [*EVENTS, TEST]})]
ResponseStatus = Annotated[
    int | None, Meta(description="The status of the last response; null if the last try had no response.")
]


class WebhookState(Struct):
    """A receiver of events, and how it does. Its secret is not shown, nor is the query of its URL."""

    name: Annotated[str, Meta(description="The name, by default the host of the URL.")]
    url: str
    events: Annotated[list[str], Meta(description="The names of the events that it gets.")]
    labels: Annotated[dict[str, str], Meta(description="It gets events of scenarios with these labels.")]
    state: Annotated[
        Literal["active", "failing", "disabled"],
        Meta(
            description="`failing`: its last try has failed. `disabled`: it has responded with 410, and gets no events "
            "until a test succeeds."
        ),
    ]
    waiting: Annotated[int, Meta(ge=0, description="The number of events that wait to be delivered.")]
    last_tried: Annotated[datetime | None, Meta(description="When the last try began.")]
    last_delivered: Annotated[datetime | None, Meta(description="When the last try began that succeeded.")]
    last_error: Annotated[str | None, Meta(description="Why the last try failed; null if it succeeded.")]


class WebhookList(Struct):
    """The receivers of events, in the order of the configuration."""

    webhooks: list[WebhookState]


class WebhookDelivery(Struct):
    """An event for one receiver."""

    event_id: EventId
    type: EventType
    time: Annotated[datetime, Meta(description="When it happened.")]
    state: Annotated[
        Literal["waiting", "delivered", "gave_up"],
        Meta(description="`waiting`: it is tried, or tried again. `gave_up`: it was not delivered."),
    ]
    tries: Annotated[int, Meta(ge=0, description="How often it was tried.")]
    last_tried: Annotated[datetime | None, Meta(description="When the last try began; null if there was none.")]
    status: ResponseStatus
    error: Annotated[str | None, Meta(description="Why the last try failed, or why it was given up without one.")]
    next_try: Annotated[datetime | None, Meta(description="When it is tried next; null once that is over.")]


class WebhookDeliveries(Struct):
    """The last events for one receiver, the newest first."""

    webhook: Annotated[str, Meta(description="The name of the receiver.")]
    deliveries: list[WebhookDelivery]


class WebhookTest(Struct):
    """The outcome of a test."""

    event_id: EventId
    delivered: Annotated[bool, Meta(description="Whether the receiver has taken it.")]
    status: ResponseStatus
    error: Annotated[str | None, Meta(description="Why it was not delivered.")]
    seconds: Seconds
