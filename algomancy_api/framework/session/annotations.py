"""What users have written on scenarios: labels and a note, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)  # compared by identity: each change makes a new one
class Annotations:
    """The labels of a scenario, text by name, and its note."""

    labels: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


#: Those of a scenario on which nobody has written.
NO_ANNOTATIONS = Annotations()


class KeptAnnotations:
    """The annotations of a session's scenarios."""

    def __init__(self) -> None:
        self._of: dict[str, Annotations] = {}

    def of(self, scenario_id: str) -> Annotations:
        """The annotations of a scenario."""
        return self._of.get(scenario_id, NO_ANNOTATIONS)

    def note(self, scenario_id: str, annotations: Annotations) -> None:
        """Note the annotations of a scenario, in place of those before."""
        if annotations.labels or annotations.note:
            self._of[scenario_id] = annotations
        else:
            self._of.pop(scenario_id, None)

    def forget(self, scenario_id: str) -> None:
        """Forget the annotations of a scenario that is deleted."""
        self._of.pop(scenario_id, None)
