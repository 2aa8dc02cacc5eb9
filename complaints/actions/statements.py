"""The facility is heard: a summary written by one official and checked by another (sec:C5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from complaints import queries, rules
from complaints.models import Complaint, StatementRequest, StepKind
from complaints.workflow import OPEN, WORKED_ON, ComplaintStatus, StatementStatus
from facilities.models import Membership
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.identifiers import filing_number
from portal.core.models import User
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, apply, lock, record

from .talking import answered
from .telling import tell, tell_caseworkers
from .timeline import step

FILES = "statement"
WITHHELD = "这件已转到别的专线，没有发出"


class TooClose(Exception):
    """The summary repeats the complainant's own words; `shared` is the run both have."""

    def __init__(self, shared: str) -> None:
        super().__init__("summary too close to the original")
        self.shared = shared


class CaseEnded(Exception):
    """The case has ended: the facility is asked nothing more."""


class NoFacility(Exception):
    """The case is not about a facility of the register."""


@action
def request_statement(
    complaint: Complaint, summary: str, *, by: Actor, at: dt.datetime
) -> StatementRequest:
    """Write what the facility is asked; it waits for a second person and the next day's batch."""
    facility = complaint.facility
    if facility is None:
        raise NoFacility(complaint.number)
    day = clock.day_of(at)
    law = in_force(day)
    refuse_too_close(complaint, summary, day)
    complaint = apply(complaint, "request_statement", by=by, at=at)
    same = complaint.statements.filter(state=StatementStatus.DRAFTED, written_by=by.somebody)
    if twice := same.filter(summary=summary).first():
        return twice
    number = filing_number(
        day.year, next_serial("statement", day.year), law.text("complaints.statement_number")
    )
    made = StatementRequest.objects.create(
        number=number, complaint=complaint, facility=facility, summary=summary,
        written_by=by.somebody,
    )  # fmt: skip
    record(made, "statement.draft", by=by, at=at)
    step(complaint, StepKind.STATEMENT, f"{number} 待核对", by=by, at=at)
    _tell_second(made, by.somebody, at)
    return made


def refuse_too_close(complaint: Complaint, summary: str, day: dt.date) -> None:
    """TooClose where the summary shares a run of characters with anything the complainant wrote."""
    length = in_force(day).integer("complaints.shared_characters")
    told = complaint.told
    texts = [str(told.get(name, "")) for name in ("happened", "wish", "when")]
    texts += [str(answer) for answer in (told.get("answers") or {}).values()]
    texts += [m.text for m in queries.messages_of(complaint) if not m.from_office]
    for text in texts:
        if shared := rules.shared_run(text, summary, length):
            raise TooClose(shared)


def _tell_second(statement: StatementRequest, first: User, at: dt.datetime) -> None:
    people = queries.others_who_may(statement.complaint, clock.day_of(at), first)
    tell(people, statement.complaint, "second_person", at=at, once=f"{statement.pk}:{at.date()}")


@action
def rewrite_statement(
    statement: StatementRequest, summary: str, *, by: Actor, at: dt.datetime
) -> StatementRequest:
    """Another wording; who writes last is the one from whom the second person must differ."""
    refuse_too_close(statement.complaint, summary, clock.day_of(at))
    columns = {"summary": summary, "written_by": by.somebody, "refusal": "", "checked_by": None}
    statement = apply(statement, "rewrite", by=by, at=at, sets=lambda _: columns)
    _tell_second(statement, by.somebody, at)
    return statement


@action
def hand_back_statement(
    statement: StatementRequest, reason: str, *, by: Actor, at: dt.datetime
) -> StatementRequest:
    """The second person wants another wording."""
    columns = {"refusal": reason}
    statement = apply(statement, "hand_back", by=by, at=at, sets=lambda _: columns, reason=reason)
    tell([statement.written_by], statement.complaint, "statement_back", at=at, once=at.isoformat())
    return statement


@action
def release_statement(
    statement: StatementRequest, *, by: Actor, at: dt.datetime
) -> StatementRequest:
    """The second person agrees: it goes out with the next working day's batch (sec:C4)."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    release = calendar.add_working_days(day, 1)
    due = calendar.add_working_days(release, law.integer("complaints.statement_working_days"))
    columns = {"checked_by": by.somebody, "release_on": release, "due_on": due}
    statement = apply(statement, "release", by=by, at=at, sets=lambda _: columns)
    complaint = lock(statement.complaint)
    if complaint.state not in OPEN:
        raise CaseEnded(statement.number)
    # The complainant may have written more since the summary was drafted.
    refuse_too_close(complaint, statement.summary, day)
    if complaint.state in WORKED_ON:
        complaint = apply(complaint, "await_statement", by=Actor.calendar(), at=at)
    step(complaint, StepKind.STATEMENT, f"{statement.number} 已核对", by=by, at=at)
    return statement


def withhold_statements(complaint: Complaint, *, at: dt.datetime) -> None:
    """What was checked for the facility and has not gone out waits for another second person.

    A case that became a red one, or the discipline inspectors', must not warn the facility by the
    next day's batch of what nobody of its new lane has read.
    """
    waiting = complaint.statements.filter(
        state=StatementStatus.RELEASED, release_on__gt=clock.day_of(at)
    )
    columns = {"refusal": WITHHELD, "checked_by": None, "release_on": None, "due_on": None}
    for each in waiting.order_by("number"):
        apply(each, "withhold", by=Actor.calendar(), at=at, sets=lambda _: columns)
        text = f"{each.number} 没有发出，待改写和核对"
        step(complaint, StepKind.STATEMENT, text, by=Actor.calendar(), at=at)
    _go_on(complaint, at)


@action
def send_statement(statement: StatementRequest, *, at: dt.datetime) -> int:
    """The day has come: the facility's people are told that they are asked, no more."""
    members = Membership.objects.filter(facility=statement.facility_id, left_on=None)
    people = User.objects.filter(pk__in=members.values("user"), is_active=True)
    return outbox.notify(people, "statement.asked", statement, at=at, once="once")


@action
def answer_statement(
    statement: StatementRequest,
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
    files: Sequence[Accepted] = (),
) -> StatementRequest:
    """The facility's own account, by one of its people; late is better than never."""
    columns: dict[str, Any] = {
        "answer": text,
        "answered_by": by.somebody,
        "answered_on": clock.day_of(at),
    }
    statement = apply(statement, "answer", by=by, at=at, sets=lambda _: columns)
    for file in files:
        attachments.attach(statement, file, slot=FILES, by=by, at=at)
    complaint = lock(statement.complaint)
    _go_on(complaint, at)
    step(complaint, StepKind.STATEMENT, f"{statement.number} 机构已说明",
         by=Actor.calendar(), at=at)  # fmt: skip
    tell_caseworkers(complaint, "statement", at=at, once=str(statement.pk))
    return statement


@action
def lapse_statement(statement: StatementRequest, *, at: dt.datetime) -> StatementRequest:
    """The day is past and nothing came: the case goes on without it."""
    by = Actor.calendar()
    statement = apply(statement, "lapse", by=by, at=at)
    complaint = lock(statement.complaint)
    _go_on(complaint, at)
    step(complaint, StepKind.STATEMENT, f"{statement.number} 逾期未说明", by=by, at=at)
    tell_caseworkers(complaint, "statement", at=at, once=f"late:{statement.pk}")
    return statement


def _go_on(complaint: Complaint, at: dt.datetime) -> None:
    """Back to work once no request waits any more; the facility never moves the case itself."""
    waiting = complaint.statements.filter(state=StatementStatus.RELEASED).exists()
    if complaint.state == ComplaintStatus.AWAITING_FACILITY and not waiting:
        apply(complaint, "resume", by=Actor.calendar(), at=at, sets=lambda n: answered(n, at))
