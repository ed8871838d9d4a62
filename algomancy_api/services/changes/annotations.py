"""A scenario's tag, labels and note, changed as JSON Merge Patch (RFC 7396) says."""

from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from ...concurrency.decorators import serial_with_scenarios
from ...errors import Conflict, Invalid, NotFound
from ...framework import NO_ANNOTATIONS, Annotations, NotStorable
from ...schemas import EditScenario
from ...schemas.requests import MOST_LABELS
from ...serialization.json_encoder import encode
from ..runs import Runs
from ..scenario_views import summary

#: Changes of labels: the text of each, or None for one that is taken off; None takes all off.
type LabelChanges = Mapping[str, str | None] | UnsetType | None


class Annotating(Runs):
    """A mixin of `Session`, which has the methods that it does not define."""

    @serial_with_scenarios
    def edit_scenario(self, scenario_id: str, body: EditScenario) -> bytes:
        """Change a scenario's tag, labels or note, whatever its status, and return its summary."""
        annotations = changed(self.manager.annotations_of(scenario_id), body.labels, body.note)
        try:
            is_edited = self.manager.edit_scenario(scenario_id, body.tag, annotations)
        except NotStorable:
            raise
        except ValueError as error:
            raise Conflict(f"A scenario with tag '{body.tag}' already exists") from error
        source = self.manager.source_of(scenario_id) if is_edited else None
        if source is None:
            raise NotFound("Scenario", scenario_id)
        return encode(summary(self.manager, source))


def changed(
    former: Annotations, labels: LabelChanges = UNSET, note: str | UnsetType | None = UNSET
) -> Annotations | None:
    """Annotations with changes; None if there are no changes.

    Raises:
        Invalid: There would be too many labels.
    """
    if labels is UNSET and note is UNSET:
        return None
    return Annotations(_merged(former.labels, labels), former.note if note is UNSET else note or None)


def new_annotations(labels: Mapping[str, str] | None, note: str | None) -> Annotations:
    """The annotations of a new scenario."""
    return changed(NO_ANNOTATIONS, labels or UNSET, note) or NO_ANNOTATIONS


def _merged(former: Mapping[str, str], changes: LabelChanges) -> dict[str, str]:
    if changes is UNSET:
        return dict(former)
    merged = {} if changes is None else {**former, **changes}
    labels = {name: text for name, text in merged.items() if text is not None}
    if len(labels) > MOST_LABELS:
        raise Invalid(f"A scenario has at most {MOST_LABELS} labels; take some off ({{name: null}})")
    return labels
