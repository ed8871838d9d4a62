"""Events that are sent to webhooks."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from .domain import Ended, Failure, Kpi, Labels, Status
from .responses import Session

Sent = Annotated[datetime, Meta(description="When it happened.")]


class EndedAlgorithm(Struct):
    """The algorithm of a run that has ended."""

    name: str


class EndedScenario(Struct):
    """A scenario whose run has ended: its summary without parameters and times."""

    id: str
    tag: str
    input_data_key: Annotated[str, Meta(description="The key of its dataset.")]
    algorithm: EndedAlgorithm
    status: Status
    kpis: dict[str, Kpi]
    error: Failure | UnsetType = UNSET
    ended: Ended = UNSET
    labels: Labels = UNSET


class EndedRun(Struct):
    """The scenario of a run that has ended, and its session."""

    session: Session
    scenario: EndedScenario


class RunEvent(Struct):
    """The event of a run that has ended. It says what was the case then."""

    type: Literal["scenario_complete", "scenario_failed"]
    timestamp: Sent
    data: EndedRun


class TestedWebhook(Struct):
    """The receiver that a test is for."""

    webhook: Annotated[str, Meta(description="The name of the receiver.")]


class WebhookTestEvent(Struct):
    """The event of a test."""

    type: Literal["test"]
    timestamp: Sent
    data: TestedWebhook
