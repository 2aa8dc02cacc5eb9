"""What a role may do: proposed by a system administrator, decided by another person (R4, R5).

The grants are read with every request, so a change counts from the decision on. Steps of one
matter that two persons must do stay with two persons whatever a role holds: the tables compare
the people themselves (`Transition.other_than`), so no pair of rights has to be kept apart here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.core import acts, clock, outbox
from portal.core.actors import Actor
from portal.core.models import Grant, GrantChange, User
from portal.core.models.accounts import KEEPERS
from portal.core.models.grants import PROPOSERS, GrantKind
from portal.core.outbox import Words, words
from portal.core.roles import Role
from portal.core.topics import Topic
from portal.core.workflow import action, apply, one_at_a_time, record

from . import holdings
from .codes import refuse_unless
from .roles import Refused, keepers_with

_KEY = "grants"
APPROVERS = frozenset({Role.APPROVER})


@action
def propose(
    role: str, right: str, kind: str, reason: str, *, by: Actor, at: dt.datetime
) -> GrantChange:
    """Propose that a role has a right, or has it no longer; the same form twice is one proposal.

    Raises Refused: unknown, granted, missing, kind, keepers, red_lane, waits.
    """
    refuse_unless(by, *PROPOSERS)
    one_at_a_time(_KEY)
    _refuse_what_cannot_be(role, right, kind)
    me = by.somebody
    if waiting := GrantChange.objects.open().filter(role=role, right=right).first():
        if waiting.belongs_to(me) and waiting.reason == reason:
            return waiting
        raise Refused("waits")
    made = GrantChange.objects.create(
        role=role, right=right, kind=kind, reason=reason, proposed_by=me, proposed_at=at
    )
    record(made, "grantchange.propose", by=by, at=at, kind=kind, role=role, right=right)
    outbox.notify(deciders(made, clock.day_of(at)), "grant.proposed", made, at=at, once="once")
    return made


def deciders(change: GrantChange, day: dt.date) -> QuerySet[User]:
    """Who may decide: whoever holds a role that may, but for the one who proposed."""
    roles = APPROVERS if is_for_approvers(change.role, change.kind) else KEEPERS
    found = keepers_with("grantchange.agree", day, roles)
    return found.exclude(pk=change.proposed_by_id)


def is_for_approvers(role: str, kind: str) -> bool:
    """Whether only an approver agrees: administrators give themselves nothing among themselves."""
    return kind == GrantKind.GIVE and role == Role.SYSADMIN


@words("grant.proposed", Topic.TASK)
def _proposed(change: GrantChange, params: Mapping[str, str], person: User) -> Words:
    title = _("待决定：%(what)s（%(who)s）") % {"what": change, "who": change.get_role_display()}
    return Words(title, change.reason, change.url_for(person))


@action
def agree(change: GrantChange, *, by: Actor, at: dt.datetime) -> GrantChange:
    """The second person agrees: from now on the role has the right, or has it no longer.

    Raises Refused when the proposal does not hold any more (the grants have changed since), and
    where it is for an approver to decide (beneficiary).
    """
    one_at_a_time(_KEY)
    agreed: GrantChange = apply(change, "agree", by=by, at=at, sets=lambda _: _decided(by, at))
    role, right = agreed.role, agreed.right
    if is_for_approvers(role, agreed.kind) and not by.somebody.has_role(*APPROVERS):
        raise Refused("beneficiary")
    _refuse_what_cannot_be(role, right, agreed.kind)
    if agreed.kind == GrantKind.GIVE:
        Grant.objects.create(role=role, right=right)
        record(agreed, "grant.given", by=by, at=at, role=role, right=right)
    else:
        Grant.objects.filter(role=role, right=right).delete()
        record(agreed, "grant.taken", by=by, at=at, role=role, right=right)
    return agreed


@action
def refuse(change: GrantChange, reason: str, *, by: Actor, at: dt.datetime) -> GrantChange:
    """The second person does not agree: everything stays as it is."""
    refused: GrantChange = apply(
        change, "refuse", by=by, at=at, sets=lambda _: _decided(by, at, reason), reason=reason
    )
    return refused


@action
def withdraw(change: GrantChange, *, by: Actor, at: dt.datetime) -> GrantChange:
    """The person who proposed takes it back."""
    withdrawn: GrantChange = apply(change, "withdraw", by=by, at=at)
    return withdrawn


def _decided(by: Actor, at: dt.datetime, reason: str = "") -> dict[str, Any]:
    return {"decided_by": by.somebody, "decided_at": at, "decision_reason": reason}


def _refuse_what_cannot_be(role: str, right: str, kind: str) -> None:
    """Looked at when it is proposed, and again when it is decided."""
    known = holdings.rights().get(right)
    if known is None or role not in Role.values or kind not in GrantKind.values:
        raise Refused("unknown")
    held_by = frozenset(Grant.objects.filter(right=right).values_list("role", flat=True))
    if kind != holdings.kind_of_change(holds=role in held_by):
        raise Refused("granted" if role in held_by else "missing")
    if kind == GrantKind.GIVE and not holdings.may_hold(role, known):
        raise Refused("kind")
    if kind == GrantKind.TAKE and (why := acts.why_kept(role, right)):
        raise Refused(why)
