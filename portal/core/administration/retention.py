"""Erasing what need not be kept: how long is data, what goes is shown first, two persons decide.

Registrations, papers and the audit trail are never erased here: they have no rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import AccountCode, Erasure, Notification, Outbox, User
from portal.core.models.people import staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.staffing.codes import refuse_unless
from portal.core.workflow import action, apply, one_at_a_time, record

_KEY = "erasure"


class NothingDue(Exception):
    """Nothing has come to the end of its time."""


class Waiting(Exception):
    """A plan is waiting for the second person."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of record: how long it is kept after it ended, and which ended before a moment."""

    name: str
    label: Any
    figure: str
    ended: Callable[[dt.datetime], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule finds now."""

    rule: Rule
    days: int
    before: dt.datetime
    count: int


_rules: dict[str, Rule] = {}


def rule(name: str, label: Any, figure: str) -> Callable[[Any], Any]:
    """Register a kind of record; apps do it for their own where the law lets it go."""

    def remember(ended: Callable[[dt.datetime], QuerySet[Any]]) -> Any:
        _rules[name] = Rule(name, label, figure, ended)
        return ended

    return remember


@rule("delivered", _("已经送达的发送记录"), "retention.delivered_days")
def _delivered(before: dt.datetime) -> QuerySet[Any]:
    return Outbox.objects.filter(done_at__lt=before)


@rule("messages", _("已读的站内消息"), "retention.message_days")
def _messages(before: dt.datetime) -> QuerySet[Any]:
    return Notification.objects.filter(read_at__lt=before)


@rule("codes", _("用过或过期的一次性代码"), "retention.code_days")
def _codes(before: dt.datetime) -> QuerySet[Any]:
    return AccountCode.objects.filter(expires_at__lt=before)


@rule("sessions", _("已经结束的登录"), "retention.session_days")
def _sessions(before: dt.datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=before)


def due(at: dt.datetime) -> list[Due]:
    """What every rule finds at this moment."""
    law, found = in_force(clock.day_of(at)), []
    for each in _rules.values():
        days = law.integer(each.figure)
        before = at - dt.timedelta(days=days)
        found.append(Due(each, days, before, each.ended(before).count()))
    return found


def label(name: str) -> Any:
    """What a kind of record is called."""
    return _rules[name].label if name in _rules else name


@action
def propose(*, by: Actor, at: dt.datetime) -> Erasure:
    """Put what is due before the second person. Raises NothingDue, Waiting."""
    refuse_unless(by, Role.SYSADMIN)
    one_at_a_time(_KEY)
    plan = [
        {"name": each.rule.name, "before": each.before.isoformat(), "count": each.count}
        for each in due(at)
        if each.count
    ]
    if not plan:
        raise NothingDue
    try:
        with transaction.atomic():
            made = Erasure.objects.create(plan=plan, proposed_by=by.somebody, proposed_at=at)
    except IntegrityError:
        raise Waiting from None
    record(made, "erasure.propose", by=by, at=at, count=made.total)
    people = User.objects.filter(pk__in=staff_with(Role.APPROVER, clock.day_of(at)), is_active=True)
    outbox.notify(people.exclude(pk=by.somebody.pk), "erasure.proposed", made, at=at, once="once")
    return made


@action
def approve(erasure: Erasure, *, by: Actor, at: dt.datetime) -> Erasure:
    """The second person agrees: what ended before the moments of the plan goes now.

    Records that came under a rule after the plan was made are not in it.
    """
    one_at_a_time(_KEY)
    erased: dict[str, int] = {}

    def erase(plan: Erasure) -> dict[str, Any]:
        for step in plan.plan:
            rows = _rules[step["name"]].ended(dt.datetime.fromisoformat(step["before"]))
            erased[step["name"]] = rows.delete()[1].get(rows.model._meta.label, 0)
        return {"decided_by": by.somebody, "decided_at": at, "erased": erased}

    done: Erasure = apply(erasure, "approve", by=by, at=at, sets=erase)
    record(done, "erasure.done", by=by, at=at, **erased)
    return done


@action
def decline(erasure: Erasure, reason: str, *, by: Actor, at: dt.datetime) -> Erasure:
    """The second person does not agree."""
    columns = {"decided_by": by.somebody, "decided_at": at, "decision_reason": reason}
    declined: Erasure = apply(
        erasure, "decline", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    return declined


@action
def withdraw(erasure: Erasure, *, by: Actor, at: dt.datetime) -> Erasure:
    """The proposer takes it back."""
    gone: Erasure = apply(erasure, "withdraw", by=by, at=at)
    return gone
