"""The people of a registered facility: joining, papers, leaving; and a look at a number.

A change of staff takes effect at once. Nothing personal is written to the audit trail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from facilities import rules
from facilities.models import Facility, StaffMember, StaffPaper
from facilities.models.choices import LeaveReason, StaffPaperKind, StaffPost
from portal.core import clock
from portal.core.actors import Actor
from portal.core.identifiers import uuid7
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.workflow import action, lock, one_at_a_time, record

from .persons import with_keys
from .standing import refuse_unless_registered

Row = Mapping[str, Any]
_COLUMNS = ("name", "post", "employment", "experience_years", "has_food_duty")
_PAPER = ("title", "number", "issuer", "issued_on", "valid_until")


class AlreadyListed(Exception):
    """A person with this number works in the facility already."""


def write_staff(facility: Facility, answers: Row, day: dt.date) -> None:
    """The people of a filing, found again by number; newly printed papers replace the old ones.

    Written twice it reads the same as written once. Only those a change filing began with
    ("known") and does not list any more have left; who joined meanwhile stays.
    """
    rows = with_keys(answers["staff"], answers["staff"])
    _enter(facility, rows, day)
    listed = {row["identity_key"] for row in rows}
    gone = facility.staff.present().filter(pk__in=answers.get("known", ()))
    for member in gone.exclude(identity_key__in=listed):
        _leave(member, max(day, member.joined_on), LeaveReason.NOT_LISTED)


def _enter(facility: Facility, rows: Sequence[Row], day: dt.date) -> tuple[int, int]:
    """Members for the rows, and their papers; returns how many came and how many changed."""
    law = in_force(day)
    standing = {m.identity_key: m for m in facility.staff.present()}
    current: dict[tuple[Any, str], StaffPaper] = {
        (paper.member_id, paper.kind): paper
        for paper in StaffPaper.objects.filter(member__in=standing.values(), is_current=True)
    }
    fresh: list[StaffMember] = []
    papers: list[StaffPaper] = []
    changed = 0
    for row in rows:
        member = standing.get(row["identity_key"])
        if member is None:
            member = _member(facility, row, day)
            fresh.append(member)
            standing[member.identity_key] = member
        elif _bring_up_to_date(member, row):
            changed += 1
        papers += _papers(member, row, current, day, law)
    StaffMember.objects.bulk_create(fresh)
    StaffPaper.objects.bulk_create(papers)
    return len(fresh), changed


def _member(facility: Facility, row: Row, day: dt.date, pk: UUID | None = None) -> StaffMember:
    return StaffMember(
        id=pk or uuid7(),
        facility=facility,
        identity=row["identity"],
        identity_key=row["identity_key"],
        joined_on=day,
        **{name: row[name] for name in _COLUMNS if name in row},
    )


def _bring_up_to_date(member: StaffMember, row: Row) -> bool:
    differing = [n for n in _COLUMNS if n in row and getattr(member, n) != row[n]]
    for name in differing:
        setattr(member, name, row[name])
    if differing:
        member.save(update_fields=differing)
    return bool(differing)


def _papers(
    member: StaffMember,
    row: Row,
    current: Mapping[tuple[Any, str], StaffPaper],
    day: dt.date,
    law: Regulation,
) -> Iterable[StaffPaper]:
    """The papers of a row that are not on record yet; what they replace is history."""
    for kind, values in _listed_papers(row):
        old = current.get((member.pk, kind))
        if old and all(_stands(old, name, value) for name, value in values.items()):
            continue
        if old:
            _retire(old)
        yield _paper(member, kind, values, day, law)


def _stands(paper: StaffPaper, name: str, value: Any) -> bool:
    """Whether the paper says so; the end that was reckoned from its issue is its end as well."""
    ends = (paper.valid_until, paper.expires_on)
    return value in ends if name == "valid_until" else bool(getattr(paper, name) == value)


def _listed_papers(row: Row) -> Iterable[tuple[str, dict[str, Any]]]:
    if row.get("health_until"):
        yield StaffPaperKind.HEALTH, {"valid_until": _day(row["health_until"])}
    if row.get("letter_on"):
        yield StaffPaperKind.LETTER, {"issued_on": _day(row["letter_on"])}
    if row.get("qualification") or row.get("number"):
        guard = row["post"] == StaffPost.GUARD
        kind = StaffPaperKind.GUARD if guard else StaffPaperKind.QUALIFICATION
        yield kind, {"title": row["qualification"], "number": row["number"]}
    if row.get("is_trained"):
        yield StaffPaperKind.TRAINING, {}


def _paper(
    member: StaffMember, kind: str, values: Row, day: dt.date, law: Regulation
) -> StaffPaper:
    end = rules.paper_end(kind, values.get("issued_on"), values.get("valid_until"), law)
    return StaffPaper(member=member, kind=kind, expires_on=end, recorded_on=day, **values)


def _retire(paper: StaffPaper) -> None:
    paper.is_current = False
    paper.save(update_fields=["is_current"])


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


# --- the ledger -------------------------------------------------------------------------------


@action
def add_staff(
    facility: Facility, token: UUID, values: Row, *, by: Actor, at: dt.datetime
) -> StaffMember:
    """A person begins to work; the same form sent twice makes one person.

    Raises AlreadyListed when somebody with this number works here already, NotInRegister (as all
    acts of the ledger do) when the facility is not in the register.
    """
    row = with_keys([values])[0]
    one_at_a_time(f"staff:{facility.pk}")
    refuse_unless_registered(facility)
    if made := facility.staff.filter(pk=token).first():
        return made
    if facility.staff.present().filter(identity_key=row["identity_key"]).exists():
        raise AlreadyListed
    day = clock.day_of(at)
    member = _member(facility, row, day, token)
    member.save()
    StaffPaper.objects.bulk_create(_papers(member, row, {}, day, in_force(day)))
    record(member, "staff.joined", by=by, at=at, facility=facility.code, post=member.post)
    return member


@action
def import_staff(
    facility: Facility, rows: Sequence[Row], *, by: Actor, at: dt.datetime
) -> tuple[int, int]:
    """Many people at once; those who work here already are brought up to date.

    Returns (added, changed).
    """
    fresh = with_keys(rows)
    one_at_a_time(f"staff:{facility.pk}")
    refuse_unless_registered(facility)
    added, changed = _enter(facility, fresh, clock.day_of(at))
    counts = {"added": added, "changed": changed}
    record(facility, "staff.imported", by=by, at=at, rows=len(fresh), **counts)
    return added, changed


@action
def change_staff(member: StaffMember, values: Row, *, by: Actor, at: dt.datetime) -> StaffMember:
    """Another post, another class, another phone; names of fields go to the trail, no values."""
    refuse_unless_registered(member.facility)
    fresh: StaffMember = lock(member)
    differing = [name for name, value in values.items() if getattr(fresh, name) != value]
    for name in differing:
        setattr(fresh, name, values[name])
    if differing:
        fresh.save(update_fields=differing)
        record(fresh, "staff.changed", by=by, at=at, fields=sorted(differing))
    return fresh


@action
def renew_staff_paper(
    member: StaffMember, kind: str, values: Row, *, by: Actor, at: dt.datetime
) -> StaffPaper:
    """A new paper takes the place of the old one, which stays in the history."""
    refuse_unless_registered(member.facility)
    fresh = lock(member)
    old = fresh.papers.filter(kind=kind, is_current=True).first()
    if old and all(getattr(old, name) == values[name] for name in _PAPER):
        return cast("StaffPaper", old)
    if old:
        _retire(old)
    day = clock.day_of(at)
    paper = _paper(fresh, kind, values, day, in_force(day))
    paper.save()
    record(fresh, "staff.paper_renewed", by=by, at=at, kind=kind, until=paper.expires_on)
    return paper


@action
def record_leaving(
    member: StaffMember, left_on: dt.date, reason: str, *, by: Actor, at: dt.datetime
) -> StaffMember:
    """A person stops working here; the first report of it counts, the papers stay."""
    refuse_unless_registered(member.facility)
    fresh: StaffMember = lock(member)
    if fresh.left_on:
        return fresh
    _leave(fresh, left_on, reason)
    record(fresh, "staff.left", by=by, at=at, left_on=left_on, reason=reason)
    return fresh


def _leave(member: StaffMember, day: dt.date, reason: str) -> None:
    member.left_on, member.leave_reason = day, reason
    member.save(update_fields=["left_on", "leave_reason"])


@action
def reveal_identity(member: StaffMember, reason: str, *, by: Actor, at: dt.datetime) -> str:
    """The full number for an official who says why; who looked, when and why is on the trail."""
    record(member, "staff.identity_revealed", by=by, at=at, reason=reason)
    return str(member.identity)
