"""A change filing: only what changed is filled in again, the rest is carried over (prod:B15)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from facilities import rules
from facilities.models import Facility, Filing, FilingSection, FilingSubmission
from facilities.models.choices import FilingKind, FilingSource
from facilities.queries import life
from facilities.rules import life as life_rules
from facilities.workflow import RegistrationStatus, SectionStatus
from portal.core import clock, search
from portal.core.actors import Actor
from portal.core.identifiers import filing_number
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.workflow import action, apply, lock, one_at_a_time, record

from .entering import WRITERS
from .filing import AlreadyRegistered, start_filing
from .standing import NotInRegister


class OpenFilingExists(Exception):
    """A change or closure of this facility is not decided yet; carries it."""

    def __init__(self, filing: Filing) -> None:
        super().__init__(filing.number)
        self.filing = filing


@action
def start_change(
    facility: Facility, tiles: Sequence[str], token: uuid.UUID, *, by: Actor, at: dt.datetime
) -> Filing:
    """Begin a change of `tiles` (keys of life.change_sections), prefilled from the register.

    The same token sent again answers with the filing it made before. Raises OpenFilingExists,
    NotInRegister.
    """
    filing = begin(facility, FilingKind.CHANGE, tiles, token, by=by, at=at)
    if not filing.sections.exists():
        law = in_force(clock.day_of(at))
        tasks = life_rules.tasks_of_tiles(tiles, law)
        held = life.current_answers(facility)
        carry_over(filing, held, tasks)
        FilingSubmission.objects.create(
            filing=filing,
            round=life.BASELINE,
            answers=held,
            declared_name="",
            declaration_sha256="",
            submitted_by=by.somebody,
            submitted_at=at,
            regulation_version=law.version,
        )
    return filing


def begin(
    facility: Facility,
    kind: FilingKind,
    scope: Sequence[str],
    token: uuid.UUID,
    *,
    by: Actor,
    at: dt.datetime,
    source: FilingSource = FilingSource.ONLINE,
) -> Filing:
    """The row of a filing about a facility that stands in the register; one open at a time."""
    one_at_a_time(f"life:{facility.pk}")
    if made := Filing.objects.filter(submit_token=token, created_by=by.somebody).first():
        return made
    facility = lock(facility)
    if facility.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(facility.code)
    if standing := life.open_filing(facility):
        raise OpenFilingExists(standing)
    day = clock.day_of(at)
    law = in_force(day)
    number = filing_number(
        day.year, next_serial("filing", day.year), law.text("filing.filing_number_template")
    )
    names = (facility.name, facility.short_name)
    filing = Filing.objects.create(
        number=number,
        kind=kind,
        scope=list(scope),
        source=source,
        submit_token=token,
        facility=facility,
        created_by=by.somebody,
        created_at=at,
        facility_name=facility.name,
        uscc=facility.uscc,
        community=facility.community,
        search_grams=search.grams(*names, number, facility.uscc, spoken=names),
        draft_until=rules.draft_expires_on(day, law),
    )
    record(filing, "filing.start", by=by, at=at, kind=str(kind))
    return filing


def carry_over(filing: Filing, held: Mapping[str, Any], tasks: Sequence[str]) -> None:
    """One section a part: the tasks wait with what is held now, the others are whole already."""
    keys = list(dict.fromkeys([*held, *tasks]))
    FilingSection.objects.bulk_create(
        FilingSection(
            filing=filing,
            key=key,
            draft=held.get(key),
            answers=held.get(key),
            status=SectionStatus.NOT_STARTED if key in tasks else SectionStatus.COMPLETE,
        )
        for key in keys
    )


def enter_change(filing: Filing, *, by: Actor, at: dt.datetime) -> Facility:
    """Write the parts that changed, and no others; the filing before is superseded.

    Raises NotInRegister when the facility was closed meanwhile, AlreadyRegistered when its new
    credit code is another facility's.
    """
    day = clock.day_of(at)
    answers = filing.submissions.latest("round").answers
    code = answers["registration"]["uscc"]
    one_at_a_time(f"facility:{code}")  # as a first report does, and before any row
    facility: Facility = lock(filing.facility)
    if facility.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(facility.code)
    if _standing(code).exclude(pk=facility.pk).exists():
        raise AlreadyRegistered(code)
    before = life.baseline(filing)
    for key, write in WRITERS.items():
        if key in answers and answers[key] != before.get(key):
            write(facility, _as_of_today(facility, key, answers[key], before), day)
    for former in life.former_filings(facility).exclude(pk=filing.pk):
        apply(former, "supersede", by=Actor.calendar(), at=at, successor=filing.number)
    return facility


def _as_of_today(
    facility: Facility, key: str, answers: Mapping[str, Any], before: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What took effect at once during the review is not set back by an older snapshot."""
    if key == "premises":
        return _with_children_of_today(facility, answers, before)
    if key == "staff":
        return _with_staff_of_today(facility, answers, before)
    return answers


def _with_staff_of_today(
    facility: Facility, answers: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Only people the filing adds, changes or takes off: the others may have moved on since."""
    began_with = before.get("staff", {})
    then = {row["id"]: _said(row) for row in began_with.get("staff", ())}
    here = {str(pk) for pk in facility.staff.present().values_list("pk", flat=True)}
    same = {row["id"] for row in answers["staff"] if then.get(row["id"]) == _said(row)}
    left = set(began_with.get("known", ())) - here
    rows = [row for row in answers["staff"] if row["id"] not in same | left]
    return {"staff": rows, "known": [pk for pk in answers.get("known", ()) if pk not in same]}


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "version"}


def _with_children_of_today(
    facility: Facility, answers: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    then = {row["name"]: row["enrolled"] for row in before.get("premises", {}).get("classes", ())}
    now = dict(facility.classes.values_list("name", "enrolled"))
    rows = [
        {**row, "enrolled": now[row["name"]]}
        if row["name"] in now and then.get(row["name"]) == row["enrolled"]
        else row
        for row in answers["classes"]
    ]
    return {**answers, "classes": rows}


def _standing(code: str) -> QuerySet[Facility]:
    cancelled = RegistrationStatus.CANCELLED
    return Facility.objects.filter(uscc=code).exclude(registration=cancelled)


@action
def start_elsewhere(facility: Facility, token: uuid.UUID, *, by: Actor, at: dt.datetime) -> Filing:
    """Begin the first report of another place (a move, a branch), prefilled with what stays.

    Who the facility is comes along; where it is and its papers are asked anew. The same credit code
    is registered again once the closure of the old place is granted; it then takes effect with the
    registration of the new one.
    """
    filing = start_filing(token, by=by, at=at)
    registration = filing.sections.get(key="registration")
    if registration.draft is None:
        registration.draft = life.current_answers(facility)["registration"]
        registration.save(update_fields=["draft"])
    return filing
