"""Whose filing it is: giving it to a clerk, and reminding whoever keeps it waiting."""

from __future__ import annotations

import datetime as dt

from facilities.models import Filing
from facilities.workflow import OPEN_STATES
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, one_at_a_time

from .reminders import whose_move


class CannotHandle(Exception):
    """The person cannot be given the filing; `reason` is one of self, role, full."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@action
def assign_filing(filing: Filing, handler: User, *, by: Actor, at: dt.datetime) -> bool:
    """Make `handler` the one who works on the filing; False when he is so already.

    Both the new and the previous handler are told. Raises CannotHandle when he entered the filing
    himself and another clerk could take it, is no clerk for its community, or holds as many open
    filings as one may (prod:B10).
    """
    one_at_a_time(f"handler:{handler.pk}")  # two at once would both find room for one more
    fresh = lock(filing)
    before, day = fresh.handler, clock.day_of(at)
    if before == handler:
        return False
    _check(fresh, handler, day)
    filing = apply(
        fresh,
        "assign",
        by=by,
        at=at,
        sets=lambda _: {"handler": handler},
        handler=True,
        to=handler.pk,
    )
    once = at.isoformat()
    outbox.notify([handler], "filing.assigned", filing, at=at, once=once)
    others = [p for p in (before,) if p and p != by.user]
    outbox.notify(others, "filing.reassigned", filing, at=at, once=once)
    return True


def _check(filing: Filing, handler: User, day: dt.date) -> None:
    wrote_it = handler.pk == filing.created_by_id
    if wrote_it and not filing.admits_again(handler, "take", ["created_by"]):
        raise CannotHandle("self")
    if not staff_with(Role.CLERK, day, filing.community).filter(pk=handler.pk).exists():
        raise CannotHandle("role")
    held = Filing.objects.filter(handler=handler, state__in=OPEN_STATES).count()
    if held >= in_force(day).integer("review.open_cases"):
        raise CannotHandle("full")


@action
def remind_by_hand(filing: Filing, *, by: Actor, at: dt.datetime) -> int:
    """Tell those whose move it is that somebody waits, each once a day; how many are new."""
    day = clock.day_of(at)
    filing = apply(filing, "remind", by=by, at=at)
    people = [person for person in whose_move(filing, day) if person != by.user]
    return outbox.notify(
        people, "filing.urged", filing, at=at, once=day.isoformat(), due=filing.answer_due
    )
