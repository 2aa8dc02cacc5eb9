"""What the calendar says to the officials while an answer is owed."""

from __future__ import annotations

import datetime as dt

from facilities import queries
from facilities.models import Filing
from facilities.queries import life
from portal.core import clock, outbox
from portal.core.models import User, staff_with
from portal.core.roles import Role
from portal.core.workflow import action


@action
def remind_reviewers(filing: Filing, *, at: dt.datetime) -> int:
    """Tell the people whose move it is that the answer is due soon; once a round and deadline."""
    people = whose_move(filing, clock.day_of(at))
    once = f"{filing.round}:{filing.answer_due}"
    return outbox.notify(people, "filing.due_soon", filing, at=at, once=once, due=filing.answer_due)


@action
def escalate_filing(filing: Filing, *, at: dt.datetime) -> int:
    """Tell approvers and handler that the answer is overdue; once a round and deadline."""
    day = clock.day_of(at)
    people = {p.pk: p for p in [*staff_with(Role.APPROVER, day), *whose_move(filing, day)]}
    once = f"{filing.round}:{filing.answer_due}"
    return outbox.notify(
        people.values(), "filing.overdue", filing, at=at, once=once, due=filing.answer_due
    )


@action
def remind_of_correction(filing: Filing, *, at: dt.datetime) -> int:
    """Tell the operator that the day of the correction is near; tell both when it has passed."""
    overdue = filing.correction_due is not None and filing.correction_due < clock.day_of(at)
    kind = "filing.correction_overdue" if overdue else "filing.correction_due_soon"
    people = {p.pk: p for p in life.people_of(filing)}
    if overdue and filing.handler:
        people[filing.handler.pk] = filing.handler
    once = f"{filing.round}:{filing.correction_due}"
    return outbox.notify(people.values(), kind, filing, at=at, once=once, due=filing.correction_due)


def whose_move(filing: Filing, day: dt.date) -> list[User]:
    """The people who must act next: the approvers, the handler, or every clerk for the place."""
    if filing.state == "proposed":
        return [p for p in staff_with(Role.APPROVER, day) if p.pk != filing.proposed_by_id]
    return queries.reviewers_of(filing, day)
