"""What the calendar says to the officials while an answer is owed."""

from __future__ import annotations

import datetime as dt

from facilities import queries
from facilities.models import Filing
from portal.core import clock, outbox
from portal.core.models import User, staff_with
from portal.core.roles import Role
from portal.core.workflow import action


@action
def remind_reviewers(filing: Filing, *, at: dt.datetime) -> int:
    """Tell the people whose move it is that the answer is due soon; once a round and deadline."""
    people = _whose_move(filing, clock.day_of(at))
    once = f"{filing.round}:{filing.answer_due}"
    return outbox.notify(people, "filing.due_soon", filing, at=at, once=once, due=filing.answer_due)


@action
def escalate_filing(filing: Filing, *, at: dt.datetime) -> int:
    """Tell approvers and handler that the answer is overdue; once a round and deadline."""
    day = clock.day_of(at)
    people = {p.pk: p for p in [*staff_with(Role.APPROVER, day), *_whose_move(filing, day)]}
    once = f"{filing.round}:{filing.answer_due}"
    return outbox.notify(
        people.values(), "filing.overdue", filing, at=at, once=once, due=filing.answer_due
    )


@action
def remind_of_correction(filing: Filing, *, at: dt.datetime) -> int:
    """Tell the operator that the day of the correction is near; tell both when it has passed."""
    overdue = filing.correction_due is not None and filing.correction_due < clock.day_of(at)
    kind = "filing.correction_overdue" if overdue else "filing.correction_due_soon"
    people = filter(None, [filing.created_by, filing.handler if overdue else None])
    once = f"{filing.round}:{filing.correction_due}"
    return outbox.notify(people, kind, filing, at=at, once=once, due=filing.correction_due)


def _whose_move(filing: Filing, day: dt.date) -> list[User]:
    if filing.state == "proposed":
        return [p for p in staff_with(Role.APPROVER, day) if p.pk != filing.proposed_by_id]
    return queries.reviewers_of(filing, day)
