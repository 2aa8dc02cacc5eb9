"""What the public pages ask."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Concat

from complaints.models.case import OUTCOME
from evaluations.models import Evaluation
from facilities import queries
from facilities.models import (
    Certificate,
    ClassGroup,
    Facility,
    FeeItem,
    Filing,
    OperatingPause,
    StaffMember,
)
from facilities.models.choices import FacilityType, FilingKind, FilingSource
from facilities.models.leads import REFUSAL_NOTICE, REGISTRATION_NOTICE
from facilities.workflow import FilingStatus, OperatingStatus, RegistrationStatus
from inspections.models import Inspection
from inspections.workflow import InspectionStatus
from portal.core import search
from portal.core.identifiers import facility_code
from portal.core.models import Community, Publication
from portal.core.paging import PUBLIC_MOST
from portal.core.regulation import Regulation, display_citation
from portal.core.within import rows_within

BY_NAME = ("sort_key", "code")
NEWEST = ("-registered_on", "code")
ORDERS: dict[str, tuple[Any, ...]] = {
    "name": BY_NAME,
    "fee": (F("monthly_fee_from").asc(nulls_last=True), "code"),
    "vacancy": ("-vacancies", "code"),
    "newest": NEWEST,
}
NEEDS = {
    "vacancy": Q(vacancies__gt=0),
    "affordable": Q(is_affordable=True),
    "extended": Q(extended_until__isnull=False),
    "meals": Q(serves_meals=True),
    "accessible": Q(is_accessible=True),
}
_MOST_WORDS = 4
_PIECE = 2  # so long are the pieces a text is stored in: shorter words need no second look
_MANY = 20_000
_OTHERS = 3
_SITE_MAP = 50_000  # what one file of the protocol may hold
_CONDITIONS = ("always", "leased", "serves_meals", "never")  # what all must hand in comes first


class _Plain(Func):
    """A text as `search.normalise` writes it: half-width, lower case, without spaces."""

    template = "replace(lower(normalize(%(expressions)s, NFKC)), ' ', '')"
    output_field = CharField()


def newest(count: int) -> QuerySet[Facility]:
    """The facilities registered last."""
    return queries.public_facilities().order_by(*NEWEST)[:count]


def containing(facilities: QuerySet[Facility], text: str) -> QuerySet[Facility]:
    """Those in whose name, address or community every word of `text` is found (R20)."""
    for word in unicodedata.normalize("NFKC", text).split()[:_MOST_WORDS]:
        found = Q()
        for spelling in search.spellings(word):
            found |= _holds(spelling)
        facilities = facilities.alias(_words=_searched()).filter(found)
    return facilities


def with_page(facilities: QuerySet[Facility], day: dt.date) -> QuerySet[Facility]:
    """What the page of a facility shows beside its cards, without a question for each.

    Fees, papers, posts, the open pause and outcomes of complaints; whether it was ever visited or
    evaluated in public.
    """
    outcomes = Publication.objects.standing(day).filter(kind=OUTCOME, party=OuterRef("code"))
    its = {"facility": OuterRef("pk")}
    papers = queries.current(Certificate.objects.filter(**its))
    posts = StaffMember.objects.present().filter(**its).order_by().values("post")
    visits = Inspection.objects.filter(facility=OuterRef("pk"), state=InspectionStatus.PUBLISHED)
    evaluations = Evaluation.objects.shown_to_public().filter(facility=OuterRef("pk"))
    return facilities.annotate(
        was_visited=Exists(visits),
        was_evaluated=Exists(evaluations),
        its_fees=rows_within(FeeItem.objects.filter(**its)),
        its_papers=rows_within(papers),
        its_posts=ArraySubquery(posts),
        its_outcomes=rows_within(outcomes.order_by("-published_on", "-id")),
        its_pauses=rows_within(OperatingPause.objects.open().filter(**its)),
    )


class Found(Sequence[Facility]):
    """Facilities known by their keys, in order; what is shown of them is read page by page."""

    def __init__(self, keys: Sequence[Any]) -> None:
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, index: int) -> Facility: ...
    @overload
    def __getitem__(self, index: slice) -> list[Facility]: ...
    def __getitem__(self, index: int | slice) -> Facility | list[Facility]:
        """One facility, or those of a page."""
        if isinstance(index, int):
            return queries.public_facilities().get(pk=self.keys[index])
        keys = self.keys[index]
        rows = {each.pk: each for each in queries.public_facilities().filter(pk__in=keys)}
        return [rows[key] for key in keys if key in rows]


def gathered(facilities: QuerySet[Facility]) -> QuerySet[Facility] | Found:
    """The same rows in the same order, as far as a list is turned: found first, sorted afterwards.

    Looking through the names in order for a word that stands late in the alphabet reads them all;
    only a word that most names hold is found sooner that way. The keys are sorted by what no index
    knows, else the planner would walk the names after all.
    """
    if _guessed(facilities) > _MANY:
        return facilities
    order = [_unindexed(name) for name in facilities.query.order_by]
    return Found(list(facilities.order_by(*order).values_list("pk", flat=True)[: PUBLIC_MOST + 1]))


def _guessed(rows: QuerySet[Any]) -> int:
    """How many rows the database expects; it asks its statistics and reads no row."""
    (plan,) = json.loads(rows.order_by().values("pk").explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _unindexed(name: Any) -> OrderBy:
    """The same order by a value that no index holds."""
    asked = name.copy() if isinstance(name, OrderBy) else OrderBy(F(name.lstrip("-")))
    asked.descending = asked.descending or (isinstance(name, str) and name.startswith("-"))
    asked.expression = Func(asked.expression, template="(SELECT %(expressions)s)")
    return asked


def _searched() -> _Plain:
    gap = Value("|")
    return _Plain(Concat("name", gap, "short_name", gap, "address", output_field=CharField()))


def _holds(word: str) -> Q:
    """By pieces, with the index; a longer word then really in one of the texts."""
    pieces = Q(search_grams__contains=search.wanted(word))
    may_be_initials = word.isascii() and not word.isdecimal()
    if len(word) <= _PIECE or may_be_initials:
        return pieces
    communities = Community.objects.filter(name__contains=word).order_by().values("pk")
    return pieces & (Q(_words__contains=word) | Q(community__in=communities))


def community_choices() -> list[tuple[str, str]]:
    """The communities as choices of a filter."""
    return list(Community.objects.values_list("slug", "name"))


def other_communities(facilities: QuerySet[Facility]) -> list[dict[str, Any]]:
    """The communities with most of these facilities: slug, name, how many."""
    place = ("community__slug", "community__name", "community__position")
    counted = facilities.order_by().values_list(*place).annotate(count=Count("pk"))
    most = counted.order_by("-count", "community__position")[:_OTHERS]
    return [{"slug": slug, "name": name, "count": count} for slug, name, _position, count in most]


def street_numbers() -> dict[str, Any]:
    """Facilities, places and free places of the street, and the day of the newest update."""
    public = Facility.objects.public()
    numbers = public.order_by().aggregate(
        facilities=Count("pk"),
        places=Sum("places", default=0),
        vacancies=Sum("vacancies", default=0),
    )
    updates = ClassGroup.objects.filter(facility__in=public.order_by().values("pk"))
    newest_one = updates.order_by("-updated_on").values_list("updated_on", flat=True).first()
    return {**numbers, "updated_on": newest_one}


@dataclass(frozen=True, slots=True)
class Gone:
    """Why a code has no page any more: where it went, or since when it is closed."""

    moved_to: str
    is_withdrawn: bool
    closed_on: dt.date | None


def gone(code: str) -> Gone | None:
    """What became of a facility that is not public; None for a code nobody knows."""
    found = Facility.objects.filter(code=code).select_related("merged_into").first()
    if found is None:
        return None
    is_closed = found.operating == OperatingStatus.CLOSED
    return Gone(
        moved_to=found.merged_into.code if found.merged_into else "",
        is_withdrawn=is_closed or found.registration == RegistrationStatus.CANCELLED,
        closed_on=found.closes_on if is_closed else None,
    )


def code_typed(text: str, law: Regulation) -> str:
    """The code a person means: any case and width, without hyphens, without leading zeros.

    A text that holds no counter is given back in capitals, for the page that says "not found".
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    template = law.text("filing.facility_code_template")
    letters = re.sub(r"[^A-Z]", "", template.partition("{")[0])
    typed = re.fullmatch(r"([A-Z]*)0*([1-9][0-9]{0,8})", re.sub(r"[^A-Z0-9]", "", plain))
    if typed is None or typed[1] not in {"", letters}:
        return plain
    return facility_code(int(typed[2]), template)


def not_open(day: dt.date, law: Regulation) -> QuerySet[Facility]:
    """Who pauses on `day`, then who closed or lost the registration, the last first (prod:A17).

    Each with `by_office`: whether the office ended the registration by itself.
    """
    since = day - dt.timedelta(days=law.integer("disclosure.ended_days"))
    paused = Q(registration=RegistrationStatus.REGISTERED, operating=OperatingStatus.SUSPENDED)
    ended = Q(registration=RegistrationStatus.CANCELLED, closes_on__gte=since)
    by_office = Filing.objects.filter(
        facility=OuterRef("pk"), kind=FilingKind.CLOSURE, source=FilingSource.COUNTER,
        state=FilingStatus.REGISTERED,
    )  # fmt: skip
    rows = Facility.objects.filter(paused | ended, merged_into=None).select_related("community")
    running = Prefetch("pauses", OperatingPause.objects.open(), to_attr="open_pauses")
    rows = rows.annotate(by_office=Exists(by_office)).prefetch_related(running)
    return rows.order_by("-registration", "-closes_on", "code")


def site_map() -> list[tuple[str, dt.date]]:
    """Code and day of the newest facts of each public facility."""
    public = Facility.objects.public().order_by("code")
    return list(public.values_list("code", "facts_on")[:_SITE_MAP])


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One paper of the guide: what it is, who issues it, when it is needed."""

    name: str
    issuer: str
    condition: str


@dataclass(frozen=True, slots=True)
class MaterialList:
    """The papers for these kinds of facility, with the article once it is verified (R30)."""

    types: tuple[str, ...]
    lines: tuple[MaterialLine, ...]
    basis: str


def material_lists(law: Regulation, only: str = "") -> list[MaterialList]:
    """The lists in force, kinds with the same list together, in the order of the kinds.

    `only` is a kind of facility: then its list alone.
    """
    grouped: dict[tuple[tuple[str, str], ...], list[FacilityType]] = {}
    for kind in FacilityType if only not in FacilityType.values else (FacilityType(only),):
        key = f"materials.for_{kind}"
        if key in law:
            conditions = law.table(key).items()
            grouped.setdefault(tuple((c, str(when)) for c, when in conditions), []).append(kind)
    return [_material_list(kinds, dict(lines), law) for lines, kinds in grouped.items()]


def _material_list(
    kinds: list[FacilityType], conditions: Mapping[str, str], law: Regulation
) -> MaterialList:
    first = sorted(conditions.items(), key=lambda pair: _CONDITIONS.index(pair[1]))
    lines = tuple(
        MaterialLine(
            law.text(f"materials.{code}", "name"), law.text(f"materials.{code}", "issuer"), when
        )
        for code, when in first
    )
    types = tuple(str(kind.label) for kind in kinds)
    return MaterialList(types, lines, display_citation(law[f"materials.for_{kinds[0]}"]))


def disclosed(facilities: QuerySet[Facility], day: dt.date) -> QuerySet[Facility]:
    """Those whose registration is published on `day` and was not taken back."""
    notices = Publication.objects.standing(day).filter(kind=REGISTRATION_NOTICE)
    return facilities.filter(code__in=notices.order_by().values("party"))


def notices_of(codes: list[str], day: dt.date) -> dict[str, Publication]:
    """The published notices of these facilities by code."""
    notices = Publication.objects.standing(day).filter(kind=REGISTRATION_NOTICE, party__in=codes)
    return {notice.party: notice for notice in notices}


def latest_notices(day: dt.date, count: int) -> list[Publication]:
    """What was published last, of every kind."""
    return list(Publication.objects.standing(day).order_by("-published_on", "-id")[:count])


def refusals(day: dt.date) -> QuerySet[Publication]:
    """The refusals that are public on `day`, the newest first."""
    standing = Publication.objects.standing(day).filter(kind=REFUSAL_NOTICE)
    return standing.order_by("-published_on", "-id")


def published_kinds(day: dt.date) -> set[str]:
    """The kinds of which something is public on `day`."""
    standing = Publication.objects.standing(day).order_by()
    return set(standing.values_list("kind", flat=True).distinct())
