"""The report: a line for each difference, unexpected ones last, and a summary."""

from collections import Counter
from dataclasses import dataclass, field

from .cases import Request
from .differences import Difference
from .expected import EXPECTED

_WIDTHS = {"variant": 7, "request": 44, "where": 26, "ours": 44, "peer": 44}


@dataclass(frozen=True)
class Row:
    """A request whose responses differ: the differences, their reasons, and the unexplained ones."""

    variant: str
    request: Request
    differences: list[Difference]
    reasons: list[str]
    unexplained: list[Difference]


@dataclass
class Report:
    """All results of a comparison."""

    asked: int = 0
    rows: list[Row] = field(default_factory=list)
    wordings: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def unexpected(self) -> list[Row]:
        """The requests with an unexplained difference."""
        return [row for row in self.rows if row.unexplained]

    def stale(self) -> list[str]:
        """The reasons in `EXPECTED` that explained no difference."""
        seen = {reason for row in self.rows for reason in row.reasons}
        return [expectation.reason for expectation in EXPECTED if expectation.reason not in seen]

    def table(self, most: int) -> str:
        """A line for each request with its reason; up to ``most`` lines for an unexpected one."""
        lines = [_line("variant", "request", "where", "this project", "the peer", "why")]
        for row in sorted(self.rows, key=lambda row: bool(row.unexplained)):
            request = f"{row.request.name} ({row.request.method})"
            shown = row.unexplained[:most] or row.differences[:1]
            why = "UNEXPECTED" if row.unexplained else "; ".join(row.reasons)
            lines += [_line(row.variant, request, found.where, found.ours, found.peer, why) for found in shown]
            if (hidden := len(row.unexplained) - len(shown)) > 0:
                lines.append(_line("", "", f"and {hidden} more differences", "", "", ""))
        return "\n".join(lines)

    def wording_table(self) -> str:
        """The two texts of each error that differs only in its text."""
        return "\n".join(
            f"{variant:<7}  {name:<44}  {ours}\n{'':<55}{peer}" for variant, name, ours, peer in self.wordings
        )

    def summary(self, complete: bool) -> str:
        """Numbers of differing responses by reason, and the stale reasons if the run was complete."""
        lines = [f"{self.asked} requests, {len(self.rows)} responses differ"]
        counts = Counter(reason for row in self.rows for reason in row.reasons)
        reasons = [expectation.reason for expectation in EXPECTED]
        lines += [f"  {counts[reason]:>5}  {reason}" for reason in reasons if counts[reason]]
        lines += [f"  STALE  {reason}" for reason in self.stale() if complete]
        lines.append(f"  {len(self.unexpected):>5}  UNEXPECTED")
        return "\n".join(lines)


def _line(variant: str, request: str, where: str, ours: str, peer: str, why: str) -> str:
    cells = zip((variant, request, where, ours, peer), _WIDTHS.values(), strict=True)
    return f"{'  '.join(f'{_shortened(text, width):<{width}}' for text, width in cells)}  {why}".rstrip()


def _shortened(text: str, width: int) -> str:
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
