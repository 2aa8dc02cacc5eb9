"""What ends and when: one table of sources, asked by reminders, calendar and the operator's list.

A fourth kind of paper is one more line in `SOURCES`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import (
    Case,
    CharField,
    F,
    Func,
    Model,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from facilities.models import Certificate, Facility
from facilities.models.choices import StaffPaperKind
from facilities.models.staff import StaffPaper
from facilities.rules import Step
from facilities.workflow import OperatingStatus, RegistrationStatus
from portal.core.models import staff_with
from portal.core.regulation import Regulation
from portal.core.roles import Role

DAY = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing that ends: its rows, the field of the last day, the way to its facility.

    `what` names the thing inside its kind (a material, a kind of staff paper); `holder` is the
    path to the person who holds it, empty where the facility does.
    """

    key: str
    label: Promise | str
    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    until: str
    facility: str = ""
    what: str = ""
    holder: str = ""

    def to_facility(self, path: str) -> str:
        """The path from a row to something of its facility."""
        return f"{self.facility}__{path}" if self.facility else path

    @property
    def facility_key(self) -> str:
        """The path from a row to its facility itself."""
        return self.facility or "pk"


SOURCES: tuple[Source, ...] = (
    Source(
        "certificate",
        _("证照"),
        Certificate,
        lambda: Certificate.objects.filter(is_current=True),
        "valid_until",
        "facility",
        "material",
    ),
    Source("lease", _("场所租期"), Facility, Facility.objects.all, "lease_end"),
    Source(
        "staff",
        _("人员证件"),
        StaffPaper,
        lambda: StaffPaper.objects.filter(is_current=True, member__left_on=None),
        "expires_on",
        "member__facility",
        "kind",
        "member__name",
    ),
)


def source(key: str) -> Source:
    """The source of that key; KeyError for another word."""
    return {each.key: each for each in SOURCES}[key]


def ending_thing(noun: Model) -> tuple[Source, str, Facility, dt.date]:
    """What a noun of `SOURCES` is: its source, the kind within it, its facility, its last day."""
    each = next(one for one in SOURCES if isinstance(noun, one.model))
    facility: Any = noun
    for step in filter(None, each.facility.split("__")):
        facility = getattr(facility, step)
    return each, getattr(noun, each.what) if each.what else "", facility, getattr(noun, each.until)


def name_of(kind: str, what: str, law: Regulation) -> str:
    """The thing in words: the material, the kind of staff paper, or the lease."""
    if kind == "certificate":
        key = f"materials.{what}"
        return law.text(key, "name") if key in law else what
    if kind == "staff":
        return str(StaffPaperKind(what).label)
    return str(source(kind).label)


# --- what is shown ------------------------------------------------------------------------------


def ending(
    facilities: QuerySet[Facility],
    *,
    kind: str = "",
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> QuerySet[Any, dict[str, Any]]:
    """What ends at these facilities from `first` to `last`, the soonest first, as plain rows.

    Keys of a row: source_key, noun, until, what, holder, facility_code, facility_name,
    facility_community. One query, whatever the number of sources.
    """
    chosen = [each for each in SOURCES if kind in {"", each.key}]
    rows = [_shown(each, facilities, first, last) for each in chosen]
    found = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    return found.order_by("until", "facility_code", "source_key", "what", "noun")


_ALIKE = itemgetter("until", "facility_code", "source_key", "what")


def together(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows as `ending` orders them; those that would read the same are one, with their `count`.

    Where nobody's name is shown, five health certificates that end on one day are one line.
    """
    for _key, alike in itertools.groupby(rows, key=_ALIKE):
        first, *others = alike
        yield {**first, "count": 1 + len(others)}


def _shown(
    each: Source, facilities: QuerySet[Facility], first: dt.date | None, last: dt.date | None
) -> QuerySet[Any, dict[str, Any]]:
    return _within(each, facilities, first, last).values(
        source_key=Value(each.key, CharField()),
        noun=F("pk"),
        until=F(each.until),
        what=Cast(F(each.what) if each.what else Value(""), CharField()),
        holder=Cast(F(each.holder) if each.holder else Value(""), CharField()),
        facility_code=F(each.to_facility("code")),
        facility_name=F(each.to_facility("name")),
        facility_community=F(each.to_facility("community__name")),
    )


def _within(
    each: Source, facilities: QuerySet[Facility], first: dt.date | None, last: dt.date | None
) -> QuerySet[Any]:
    inside = facilities.order_by().values("pk")
    rows = each.rows().order_by().filter(**{f"{each.facility_key}__in": inside})
    rows = rows.filter(**{f"{each.until}__isnull": False})
    if first is not None:
        rows = rows.filter(**{f"{each.until}__gte": first})
    if last is not None:
        rows = rows.filter(**{f"{each.until}__lte": last})
    return rows


def facilities_with_ending(
    facilities: QuerySet[Facility], *, last: dt.date, first: dt.date | None = None
) -> QuerySet[Facility]:
    """Those of the facilities at which something ends in that time."""
    return facilities.filter(with_ending(facilities, first=first, last=last))


def with_ending(
    facilities: QuerySet[Facility], *, last: dt.date, first: dt.date | None = None
) -> Q:
    """That something ends there in that time, as a condition of a facility among these."""
    some = Q(pk__in=[])
    for each in SOURCES:
        some |= Q(pk__in=_within(each, facilities, first, last).values(each.facility_key))
    return some


# --- who is told --------------------------------------------------------------------------------


def facilities_at_work() -> QuerySet[Facility]:
    """Registered facilities that are open or about to be: the only ones that are reminded."""
    return Facility.objects.filter(
        registration=RegistrationStatus.REGISTERED,
        operating__in=[OperatingStatus.OPEN, OperatingStatus.PREPARING],
    )


def expiry_messages(steps: Iterable[Step], on: dt.date) -> list[tuple[str, QuerySet[Any]]]:
    """Every message owed on the day `on`: label of the nouns, and (noun, person, once, params).

    `once` is the last day and the step: a paper renewed or a date put right is another occasion.
    The number of queries depends on the number of officials' territories, never on the papers.
    """
    found: list[tuple[str, QuerySet[Any]]] = []
    steps = list(steps)
    for each in SOURCES:
        for who, narrowed, person in _people(each, on):
            mine = [step for step in steps if who in step.audience]
            if mine:
                rows = _within(each, facilities_at_work(), *_span(mine)).filter(narrowed)
                label = each.model._meta.label_lower
                found.append((label, _messages(rows, each, mine, person)))
    return found


def _span(steps: list[Step]) -> tuple[dt.date, dt.date]:
    return min(step.first for step in steps), max(step.last for step in steps)


def _messages(
    rows: QuerySet[Any], each: Source, steps: list[Step], person: Any
) -> QuerySet[Any, tuple[Any, ...]]:
    """The columns that outbox.notify_each takes."""
    until = Func(F(each.until), Value(DAY), function="to_char", output_field=CharField())
    at_step = [
        When(**{f"{each.until}__range": (step.first, step.last)}, then=Value(step.name))
        for step in steps
    ]
    name = Case(*at_step, output_field=CharField())
    told: QuerySet[Any, tuple[Any, ...]] = (
        rows.annotate(step=name, who=person)
        .filter(step__isnull=False)
        .values_list(
            "pk",
            "who",
            Concat(until, Value(":"), F("step"), output_field=CharField()),
            JSONObject(until=until, step=F("step")),
        )
    )
    return told


def _people(each: Source, on: dt.date) -> list[tuple[str, Q, Any]]:
    """(audience, which rows, the person of a row): members by their facility, officials by theirs.

    Officials of the whole street are one set; those of one community a set each.
    """
    member = {each.to_facility("memberships__left_on"): None,
              each.to_facility("memberships__user__is_active"): True}  # fmt: skip
    found: list[tuple[str, Q, Any]] = [
        ("members", Q(**member), F(each.to_facility("memberships__user")))
    ]
    for who, role in (("clerk", Role.CLERK), ("approver", Role.APPROVER)):
        for community, people in _by_territory(role, on).items():
            ground = Q() if community is None else Q(**{each.to_facility("community"): community})
            found.append((who, ground, _each_of(people)))
    return found


def _by_territory(role: str, on: dt.date) -> dict[Any, list[Any]]:
    given = (
        staff_with(role, on)
        .filter(role_assignments__role=role)
        .filter(Q(role_assignments__valid_to=None) | Q(role_assignments__valid_to__gte=on))
        .filter(role_assignments__valid_from__lte=on)
        .values_list("role_assignments__community", "pk")
    )
    found: dict[Any, list[Any]] = {}
    for community, person in given:
        found.setdefault(community, []).append(person)
    return found


def _each_of(people: list[Any]) -> Func:
    """The persons one after the other, a row each."""
    array = Func(
        *(Value(person, UUIDField()) for person in people),
        function="ARRAY",
        template="%(function)s[%(expressions)s]::uuid[]",
    )
    return Func(array, function="unnest", output_field=UUIDField(), set_returning=True)
