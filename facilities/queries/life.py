"""What is asked about a facility after its registration: what it holds now, what falls due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from facilities.models import (
    Certificate,
    Facility,
    FacilityMerge,
    Filing,
    FilingSection,
    FilingSubmission,
    Membership,
    OperatingPause,
    StatutoryFiling,
)
from facilities.models.choices import FilingKind
from facilities.rules import life as life_rules
from facilities.workflow import (
    FilingStatus,
    OperatingStatus,
    PauseStatus,
    RegistrationStatus,
    SectionStatus,
    StatutoryFilingStatus,
)
from portal.core.calendar import shanghai_day
from portal.core.models import Attachment, User
from portal.core.queries import in_force
from portal.core.regulation import Regulation

from .staff import staff_answers

S = FilingStatus
AFTERWARDS = (FilingKind.CHANGE, FilingKind.CLOSURE)
OPEN = (S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.CORRECTION, S.PROPOSED)
BASELINE = 0
"""The round of a change filing that holds what the register said when it was begun."""
_SAME_NAME = (
    "short_name", "uscc", "facility_type", "legal_form", "operating_model",
    "registration_authority", "business_scope", "legal_representative", "manager",
    "public_phone", "chain_name", "is_affordable",
)  # fmt: skip
_PLACE = ("address", "floor_lowest", "floor_highest", "tenure", "serves_meals")
_AREAS = ("building_area", "indoor_area", "outdoor_area")


def members_of(facility: Facility) -> list[User]:
    """The people who work for the facility now."""
    return list(User.objects.filter(memberships__facility=facility, memberships__left_on=None))


def people_of(filing: Filing) -> list[User]:
    """Whom an answer to this filing is for: the members, or who began it while there are none.

    The clerk who typed it in at the counter is told with them; what the office began by itself is
    told to the office only, the facility hears of it on its closing day.
    """
    maker = [filing.created_by] if filing.is_held_by_maker(filing.created_by) else []
    if filing.facility is None or filing.is_of_the_office:
        return maker
    return list({p.pk: p for p in [*members_of(filing.facility), *maker]}.values())


def facilities_of(user: User) -> QuerySet[Facility]:
    """The registered facilities a person works for, by name."""
    mine = Membership.objects.filter(user=user, left_on=None).values("facility")
    standing = Facility.objects.filter(registration=RegistrationStatus.REGISTERED, pk__in=mine)
    return standing.select_related("community").order_by("sort_key", "code")


def open_filings(facilities: Iterable[Facility]) -> list[Filing]:
    """The changes and closures of these facilities that are not decided yet; one query."""
    undecided = Filing.objects.filter(kind__in=AFTERWARDS, state__in=OPEN)
    return list(undecided.filter(facility__in=list(facilities)))


def open_filing(facility: Facility) -> Filing | None:
    """The change or closure of this facility that is not decided yet; there is at most one."""
    return next(iter(open_filings([facility])), None)


def standing_closure(facility: Facility) -> Filing | None:
    """The closure that was granted and whose day has not come, or has."""
    granted = facility.filings.filter(kind=FilingKind.CLOSURE, state=S.REGISTERED)
    return granted.order_by("-decided_at").first()


def is_moving(facility: Facility, user: User) -> bool:
    """Whether its closure has been sent or granted and this person works for it.

    Then the same credit code may be reported for another place (prod:B17); it is registered there
    once the closure is granted.
    """
    if not facility.memberships.filter(user=user, left_on=None).exists():
        return False
    under_way = Filing.objects.filter(
        facility=facility, kind=FilingKind.CLOSURE, state__in=OPEN, submitted_at__isnull=False
    )
    return standing_closure(facility) is not None or under_way.exists()


def former_filings(facility: Facility) -> QuerySet[Filing]:
    """The registered filings that a granted change takes the place of."""
    kinds = (FilingKind.INITIAL, FilingKind.CHANGE)
    return Filing.objects.filter(facility=facility, kind__in=kinds, state=S.REGISTERED)


# --- what the register holds now (diff:22) ------------------------------------------------------


def current_answers(facility: Facility) -> dict[str, Any]:
    """Every part as the register holds it now, in the shape of a snapshot.

    The last registered snapshot, and over it whatever has changed since without a filing: the
    columns of the facility, the classes with their children, the papers in force, the people.
    """
    answers = dict(_last_snapshot(facility))
    answers.pop("closure", None)
    answers["registration"] = _registration(facility, answers.get("registration", {}))
    answers["premises"] = _premises(facility, answers.get("premises", {}))
    answers["certificates"] = {"certificates": carried_papers(facility)}
    answers["staff"] = staff_answers(facility)
    return answers


def _last_snapshot(facility: Facility) -> Mapping[str, Any]:
    sent = FilingSubmission.objects.filter(
        filing__facility=facility,
        filing__kind__in=(FilingKind.INITIAL, FilingKind.CHANGE),
        filing__state__in=(S.REGISTERED, S.SUPERSEDED),
    )
    # What came over with a merged record tells of that one (FacilityMerge.moved_filings).
    came = FacilityMerge.objects.filter(target=facility).values_list("moved_filings", flat=True)
    sent = sent.exclude(filing__in=[pk for moved in came for pk in moved])
    latest = sent.order_by("-filing__decided_at", "-round").first()
    return latest.answers if latest else {}


def _registration(facility: Facility, said: Mapping[str, Any]) -> dict[str, Any]:
    contact = facility.contact or {}
    return {
        **said,
        "facility_name": facility.name,
        **{name: getattr(facility, name) for name in _SAME_NAME},
        "established_on": facility.established_on.isoformat() if facility.established_on else None,
        "manager_phone": contact.get("manager_phone", said.get("manager_phone", "")),
    }


def _premises(facility: Facility, said: Mapping[str, Any]) -> dict[str, Any]:
    columns = ("class_type", "name", "capacity", "enrolled")
    order = [row["name"] for row in said.get("classes", ())]
    groups = list(facility.classes.all())
    groups.sort(key=lambda g: order.index(g.name) if g.name in order else len(order))
    return {
        "has_basement": False,
        "lease_start": None,
        **said,
        "community": facility.community.slug,
        **{name: getattr(facility, name) for name in _PLACE},
        **{name: _plain(getattr(facility, name)) for name in _AREAS},
        "lease_end": facility.lease_end.isoformat() if facility.lease_end else None,
        "classes": [{name: getattr(group, name) for name in columns} for group in groups],
    }


def _plain(area: Decimal | None) -> str | None:
    return None if area is None else str(area)


def carried_papers(facility: Facility) -> list[dict[str, Any]]:
    """The papers in force with their files, as a snapshot writes papers."""
    papers = list(facility.certificates.filter(is_current=True).order_by("id"))
    files: dict[Any, list[str]] = {}
    holders = [paper.source_id for paper in papers]
    for file in Attachment.objects.present().filter(noun_id__in=holders).order_by("id"):
        files.setdefault(file.noun_id, []).append(str(file.pk))
    return [_paper(paper, files.get(paper.source_id, [])) for paper in papers]


def _paper(paper: Certificate, files: list[str]) -> dict[str, Any]:
    return {
        "material": paper.material,
        "number": paper.number,
        "issuer": paper.issuer,
        "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
        "valid_until": paper.valid_until.isoformat() if paper.valid_until else None,
        "files": files,
    }


def baseline(filing: Filing) -> Mapping[str, Any]:
    """What the register said when this change was begun; nothing for other filings."""
    stored = filing.submissions.filter(round=BASELINE).first()
    return stored.answers if stored else {}


def names_another_place(filing: Filing, law: Regulation) -> bool:
    """Whether a change names another place than the registered one: a move is reported anew."""
    before = baseline(filing).get("premises")
    section = filing.sections.filter(key="premises").first()
    if not before or section is None or not section.answers:
        return False
    if not life_rules.needs_new_filing("move", law):
        return False
    return life_rules.is_another_place(before, section.answers)


def task_keys(filing: Filing, law: Regulation) -> frozenset[str]:
    """The parts a change or closure is about; the others are carried over and stay closed."""
    if filing.kind == FilingKind.CLOSURE:
        return frozenset(filing.scope)
    return frozenset(life_rules.tasks_of_tiles(filing.scope, law))


def tasks_among(
    filing: Filing, sections: Mapping[str, FilingSection], law: Regulation
) -> dict[str, FilingSection]:
    """The sections that are tasks: all of a first report, of the others those they are about.

    A part carried over that is not whole under the answers of today becomes a task as well.
    """
    if filing.kind == FilingKind.INITIAL:
        return dict(sections)
    about = task_keys(filing, law)
    return {
        key: section
        for key, section in sections.items()
        if key in about or section.status != SectionStatus.COMPLETE
    }


def is_task(filing: Filing, key: str) -> bool:
    """Whether the filing is about this part; a part carried over is changed by nobody."""
    if filing.kind == FilingKind.INITIAL:
        return True
    return key in task_keys(filing, in_force(shanghai_day(filing.created_at)))


# --- what falls due -----------------------------------------------------------------------------


def closings_due(day: dt.date) -> QuerySet[Facility]:
    """Facilities whose closing day has come and that still stand in the register."""
    due = Facility.objects.filter(closes_on__lte=day)
    return due.exclude(registration=RegistrationStatus.CANCELLED).order_by("closes_on", "code")


def pauses_to_begin(day: dt.date) -> QuerySet[OperatingPause]:
    """Announced pauses whose first day has come."""
    return OperatingPause.objects.filter(state=PauseStatus.PLANNED, starts_on__lte=day)


def pauses_ending(by: dt.date) -> QuerySet[OperatingPause]:
    """Pauses under way whose last day is `by` or earlier."""
    running = OperatingPause.objects.filter(state=PauseStatus.RUNNING, expected_end__lte=by)
    return running.select_related("facility")


def open_pause(facility: Facility) -> OperatingPause | None:
    """The pause that is announced or under way; there is at most one."""
    return OperatingPause.objects.open().filter(facility=facility).first()


def public_pause(facility: Facility) -> OperatingPause | None:
    """The pause residents should know of."""
    return open_pause(facility) if facility.operating == OperatingStatus.SUSPENDED else None


def mirrors_to_check(before: dt.date) -> QuerySet[StatutoryFiling]:
    """Mirrors of registered facilities looked at on `before` or earlier, or never."""
    standing = StatutoryFiling.objects.filter(facility__registration=RegistrationStatus.REGISTERED)
    return standing.filter(Q(checked_on__lte=before)).select_related("facility__community")


def without_statutory_filing() -> QuerySet[StatutoryFiling]:
    """Registered facilities that were not found in the county's system."""
    standing = StatutoryFiling.objects.filter(facility__registration=RegistrationStatus.REGISTERED)
    missing = (StatutoryFilingStatus.NONE, StatutoryFilingStatus.CANCELLED)
    return standing.filter(status__in=missing).select_related("facility__community")
