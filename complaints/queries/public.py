"""What the public pages ask: facilities to choose from, and the figures of the office (R14)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncQuarter

from complaints import rules
from complaints.models import Category, Complaint, Lane, Result
from complaints.workflow import OPEN, ComplaintStatus
from facilities.models import Facility
from portal.core import crypto, search
from portal.core.regulation import Regulation

MOST_FOUND, MOST_TYPED = 10, 100


def findable(code: str) -> Facility | None:
    """A facility of the register by its code, closed ones included; None for anything else."""
    is_text = bool(code) and "\0" not in code  # PostgreSQL could not even be asked
    return Facility.objects.filter(code=code).first() if is_text else None


def found(query: str, chosen: str) -> list[Facility]:
    """Facilities whose name, address or initials fit, and the one chosen before."""
    wanted = search.wanted(query[:MOST_TYPED].replace("\0", ""))
    hits: QuerySet[Facility] = Facility.objects.none()
    if wanted:
        hits = Facility.objects.public().filter(search_grams__contains=wanted)
    shown = list(hits.order_by("name", "code")[:MOST_FOUND])
    known = findable(chosen)
    if known and known not in shown:
        shown.insert(0, known)
    return shown


def reads_like(own: Complaint | None, answers: Mapping[str, Any], law: Regulation) -> bool:
    """Whether what is about to be sent is what the writer's own open case tells (docs/adr/0025).

    `own` is the case this browser has opened by number and code: nobody else's is ever compared.
    """
    if own is None or own.state not in OPEN or own.category != answers["category"]:
        return False
    place = own.facility.code if own.facility else None
    same_place = place == answers.get("facility")
    told = rules.sketch(answers["happened"], crypto.fingerprint_key("complaint.likeness"))
    alike = rules.likeness(told, own.sketch) >= law.integer("complaints.likeness_percent")
    return same_place or alike


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the statistics; None where it is too small to be told (R14)."""

    count: int | None

    @property
    def is_hidden(self) -> bool:
        """Whether it is kept back."""
        return self.count is None


def quarter_of(day: dt.date) -> tuple[int, int]:
    """Year and quarter of a day."""
    return day.year, (day.month - 1) // 3 + 1


def quarter_days(year: int, quarter: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a quarter."""
    first = dt.date(year, quarter * 3 - 2, 1)
    after = dt.date(year + (quarter == 4), quarter % 4 * 3 + 1, 1)
    return first, after - dt.timedelta(days=1)


def last_quarters(day: dt.date, count: int) -> list[tuple[int, int]]:
    """The quarters that are over on `day`, the newest first: a running one is never shown."""
    year, quarter = quarter_of(day)
    shown = []
    for _ in range(count):
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
        shown.append((year, quarter))
    return shown


COUNTED = {
    "all": Count("pk"),
    "on_time": Count("pk", filter=Q(first_due=None) | Q(first_closed_on__lte=F("first_due"))),
    "reviewed": Count("pk", filter=~Q(review_asked_on=None)),
    "rated": Count("pk", filter=~Q(satisfaction="")),
    "satisfied": Count("pk", filter=Q(satisfaction__in=["good", "fair"])),
}


def quarter_figures(quarters: Sequence[tuple[int, int]], law: Regulation) -> list[dict[str, Any]]:
    """Closed cases by quarter: in all, on time, by category and result, reopened, satisfied.

    Counted once the quarter is over, so that two editions never differ by one case. Three
    questions, whatever the number of quarters.
    """
    least = law.integer("complaints.small_cell")
    ended = _ended(list(starmap(quarter_days, quarters)))
    totals = {row.pop("began"): row for row in ended.values("began").annotate(**COUNTED)}
    categories = _kinds(ended, "category")
    results = _kinds(ended, "first_result")  # what was rejected has none
    shown = []
    for year, quarter in quarters:
        began, _last = quarter_days(year, quarter)
        counts = totals.get(began, dict.fromkeys(COUNTED, 0))
        shown.append({
            "year": year, "quarter": quarter,
            "totals": _hidden(counts, counts["all"], least),
            "categories": _by(categories[began], Category, least),
            "results": _by(results[began], Result, least),
        })  # fmt: skip
    return shown


def _ended(times: Sequence[tuple[dt.date, dt.date]]) -> QuerySet[Any]:
    """The cases that ended in these quarters, each with the first day of its own (`began`).

    The first end counts: a review later on changes nothing that was shown. What was taken back
    has neither result nor ground, archived or not.
    """
    within = Q(pk__in=[])
    for first, last in times:
        within |= Q(first_closed_on__range=(first, last))
    ended = Complaint.objects.filter(within).exclude(lane=Lane.DISCIPLINE)
    ended = ended.exclude(first_result="", reject_ground="").order_by()
    return ended.annotate(began=TruncQuarter("first_closed_on"))


def _kinds(cases: QuerySet[Any], column: str) -> dict[dt.date, dict[str, int]]:
    """The number of cases of each kind, by the first day of their quarter."""
    found: dict[dt.date, dict[str, int]] = defaultdict(dict)
    for began, kind, count in cases.values_list("began", column).annotate(n=Count("pk")):
        found[began][kind] = count
    return found


def _hidden(counts: dict[str, int], whole: int, least: int) -> dict[str, Cell]:
    """Small counts are kept back, and those from which a small one could be told by taking away."""
    shown = {}
    for name, count in counts.items():
        rest = whole - count
        small = 0 < count < least or (name == "on_time" and 0 < rest < least)
        shown[name] = Cell(None if small or 0 < whole < least else count)
    rated, satisfied = counts["rated"], counts["satisfied"]
    if 0 < rated - satisfied < least:
        shown["satisfied"] = Cell(None)
    return shown


def _by(counts: dict[str, int], words: Any, least: int) -> list[tuple[str, Cell]]:
    """Counts by kind; larger ones are kept back too until the small ones cannot be told by them."""
    # What has no row of its own could be told by taking the others from the whole.
    hidden = {key for key, n in counts.items() if n < least or key not in words.values}
    larger = sorted((k for k in counts if k not in hidden), key=lambda k: counts[k])
    while hidden and larger and (len(hidden) == 1 or sum(counts[k] for k in hidden) < least):
        hidden.add(larger.pop(0))
    return [
        (words(key).label, Cell(None if key in hidden else counts[key]))
        for key in words.values if key in counts
    ]  # fmt: skip


def outcomes_of(facility: Facility, law: Regulation) -> QuerySet[Complaint]:
    """What a facility's public page may tell, once published: upheld, of harmless kinds (R14)."""
    return Complaint.objects.filter(
        facility=facility, lane=Lane.NORMAL, parent=None, result=Result.UPHELD,
        category__in=law.texts("complaints.outcome_categories"),
        state__in=[ComplaintStatus.RESOLVED, ComplaintStatus.ARCHIVED],
    )  # fmt: skip
