"""What a visit has shown: ratio of carers, values that were read off, the result as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from facilities import rules as register
from portal.core.regulation import Regulation

# What happened at the door.
GRANTED, NOBODY, REFUSED, NOT_OPERATING, UNREACHABLE = (
    "granted", "nobody", "refused", "not_operating", "unreachable",
)  # fmt: skip
WITHOUT_CHECK = {
    NOBODY: "unreachable",
    UNREACHABLE: "unreachable",
    REFUSED: "not_cooperating",
    NOT_OPERATING: "not_operating",
}
PASS, FAIL, NOT_APPLICABLE, UNSEEN = "pass", "fail", "na", "unseen"
CRITICAL, MAJOR, MINOR = "critical", "major", "minor"


@dataclass(frozen=True, slots=True)
class HeadCount:
    """What was counted in one class, and how many carers that takes (None: nothing laid down)."""

    label: str
    children: int
    carers: int
    needed: int | None

    @property
    def is_short(self) -> bool:
        """Whether there were too few carers."""
        return self.needed is not None and self.carers < self.needed

    @property
    def ratio(self) -> str:
        """Children a carer, as people say it: 1:6.5."""
        if not self.carers:
            return "—"
        per = (Decimal(self.children) / self.carers).quantize(Decimal("0.1"))
        return f"1:{per.normalize():f}"


def head_count(
    label: str, class_type: str, children: int, carers: int, law: Regulation
) -> HeadCount:
    """A class as counted, with the carers the setting standard asks for."""
    return HeadCount(label, children, carers, register.carers_needed(class_type, children, law))


def measured_short(value: str, minimum: int | None) -> bool | None:
    """Whether a value that was read off is below what is asked; None when it is no number."""
    if minimum is None:
        return False
    try:
        return Decimal(value) < minimum
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """As much of a finding as decides the result of the visit."""

    severity: str
    fixed_on_site: bool = False


def result_of(access: str, findings: Iterable[FindingFacts]) -> str:
    """The result of a visit: what happened at the door, else the gravest that was found."""
    if access in WITHOUT_CHECK:
        return WITHOUT_CHECK[access]
    found = list(findings)
    if not found:
        return "no_issue"
    if any(finding.severity == CRITICAL for finding in found):
        return "critical"
    return "fixed_on_site" if all(finding.fixed_on_site for finding in found) else "rectify"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One question of the list and what stands behind it when the visit is finished."""

    code: str
    value: str = ""
    has_finding: bool = False
    severity: str = ""
    photos: int = 0
    too_low: bool = False  # the value that was read off is below the least one


UNANSWERED, FINDING_MISSING, PHOTO_MISSING = "unanswered", "finding_missing", "photo_missing"
NOTHING_SEEN, TOO_LOW = "nothing_seen", "too_low"


def unfinished(items: Sequence[ItemFacts], law: Regulation) -> list[tuple[str, str]]:
    """What is missing before a visit can be finished: (code of the item, what)."""
    photo_needed: Collection[str] = law.texts("findings.photo_needed")
    found: list[tuple[str, str]] = []
    for item in items:
        if not item.value:
            found.append((item.code, UNANSWERED))
        elif item.value == FAIL and not item.has_finding:
            found.append((item.code, FINDING_MISSING))
        elif item.value == FAIL and item.severity in photo_needed and not item.photos:
            found.append((item.code, PHOTO_MISSING))
        elif item.value == PASS and item.too_low:
            found.append((item.code, TOO_LOW))
    return found


def nothing_seen(items: Sequence[ItemFacts], findings: int) -> bool:
    """Whether every question that applies was left out: “nothing found” would be untrue then."""
    values = {item.value for item in items}
    return UNSEEN in values and not findings and not values & {PASS, FAIL}
