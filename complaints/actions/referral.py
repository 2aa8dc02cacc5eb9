"""Handing a case on to the authority that answers for the matter: letter, receipt, feedback."""

from __future__ import annotations

import datetime as dt
from typing import Any

from complaints import papers
from complaints.models import Complaint, StepKind
from complaints.models.choices import MessageKind
from complaints.workflow import ComplaintStatus
from facilities.actions import acknowledge_transfer, answer_transfer, matter_of
from facilities.models import Department, Transfer
from facilities.rules import leads as transfer_rules
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, apply, lock, record

from .statements import refuse_too_close
from .telling import dealing_with, tell, tell_caseworkers
from .timeline import message, step


@action
def refer_complaint(
    complaint: Complaint,
    department: Department,
    facts: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> Transfer:
    """Send the letter; facts in the office's own words, never who complained.

    The complainant is told which authority has it (food safety law art. 115). Raises NotAnswering
    for a department to which nothing is handed on that day.
    """
    day = clock.day_of(at)
    refuse_too_close(complaint, facts, day)
    matter = matter_of(department, day)
    law, calendar = in_force(day), working_calendar()
    due = transfer_rules.transfer_due(day, law, calendar)
    complaint = apply(complaint, "refer", by=by, at=at, department=department.slug)
    paper = papers.issue_referral(complaint, department, matter, facts, due, by=by, at=at)
    made = Transfer.objects.create(
        noun=complaint, party="", department=department, matter=matter, facts=facts, paper=paper,
        number=paper.number, sent_by=by.somebody, sent_on=day,
        remind_on=transfer_rules.transfer_reminder(day, law, calendar), due_on=due,
    )  # fmt: skip
    record(made, "transfer.send", by=by, at=at, department=department.slug, number=paper.number)
    step(complaint, StepKind.REFERRED, f"{department.name} {paper.number}", by=by, at=at)
    text = f"您反映的事项已转给 {department.name} 办理，有结果后我们会在这里答复您。"
    message(complaint, MessageKind.MESSAGE, text, from_office=True, by=by, at=at)
    return made


@action
def remind_of_letter(transfer: Transfer, *, at: dt.datetime) -> int:
    """No feedback by the day of reminder: whoever deals with the case now is told too, once.

    The letter's sender hears of every letter of his own; the case may lie with others since.
    """
    complaint: Any = transfer.noun
    people = [each for each in dealing_with(complaint, at) if each.pk != transfer.sent_by_id]
    return tell(people, complaint, "letter_waits", at=at, once=str(transfer.pk))


@action
def note_referral_receipt(
    complaint: Complaint, transfer: Transfer, on: dt.date, *, by: Actor, at: dt.datetime
) -> Transfer:
    """The authority has confirmed the letter."""
    done = acknowledge_transfer(transfer, on, by=by, at=at)
    step(lock(complaint), StepKind.REFERRED, f"{transfer.number} 已回执", by=by, at=at)
    return done


@action
def note_referral_result(
    complaint: Complaint,
    transfer: Transfer,
    on: dt.date,
    result: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> Transfer:
    """The authority has told what it found or did; the case is the office's again."""
    done = answer_transfer(transfer, on, result, by=by, at=at)
    complaint = lock(complaint)
    step(complaint, StepKind.REFERRED, f"{transfer.number} 已反馈", by=by, at=at)
    if complaint.state == ComplaintStatus.REFERRED:
        apply(complaint, "investigate", by=Actor.calendar(), at=at)
    tell_caseworkers(complaint, "referral", at=at, once=str(transfer.pk))
    return done
