"""Roles: proposed by one person, decided by another; deputies; people who leave (R4, R5).

An assignment is never deleted: it ends by its date. Nobody changes his own account, the auditor
holds no writing role, the administrator none that reads sealed content, and the street is never
left without an administrator or an approver.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import AccountChange, Community, Grant, RoleAssignment, User
from portal.core.models.accounts import KEEPERS, ChangeKind, CodeKind
from portal.core.roles import STAFF_ROLES, Role, excluded_by
from portal.core.workflow import action, apply, lock, one_at_a_time, record

from .codes import give_code, refuse_unless
from .sessions import drop

GIVEN = STAFF_ROLES | {Role.EVALUATOR}
LAST = (Role.SYSADMIN, Role.APPROVER)
_KEY = "accounts"


class Refused(Exception):
    """Why it cannot be, as a code that the form words: see `user_forms.REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role for some days, both ends included; without a last day it stays until it is ended."""

    role: str
    first: dt.date
    last: dt.date | None = None
    community: Community | None = None


@action
def propose_role(
    person: User, wanted: Wanted, reason: str, *, by: Actor, at: dt.datetime
) -> AccountChange:
    """Propose that a person holds a role.

    Raises Refused: own, left, before, dates, reach, excluded, held, proposed.
    """
    refuse_unless(by, Role.SYSADMIN)
    _refuse_own(person, by)
    _refuse_dates(wanted.first, wanted.last, clock.day_of(at))
    if wanted.role not in GIVEN or (wanted.role == Role.COMMUNITY and wanted.community is None):
        raise Refused("reach")
    _refuse_conflict(person, wanted)
    return _propose(person, ChangeKind.GIVE, reason, by, at, role=wanted.role,
                    community=wanted.community, valid_from=wanted.first,
                    valid_to=wanted.last)  # fmt: skip


@action
def propose_end(
    assignment: RoleAssignment, last_day: dt.date, reason: str, *, by: Actor, at: dt.datetime
) -> AccountChange:
    """Propose the last day of an assignment. Raises Refused: own, before, ended, last, proposed."""
    refuse_unless(by, Role.SYSADMIN)
    _refuse_own(assignment.user, by)
    _refuse_ending(assignment, last_day, clock.day_of(at))
    return _propose(assignment.user, ChangeKind.END, reason, by, at, role=assignment.role,
                    community=assignment.community, assignment=assignment,
                    valid_to=last_day)  # fmt: skip


@action
def propose_recovery(
    person: User, reason: str, *, resets_factor: bool, by: Actor, at: dt.datetime
) -> AccountChange:
    """Propose a code for a colleague who lost password or second factor (R23)."""
    refuse_unless(by, *KEEPERS)
    _refuse_own(person, by)
    return _propose(person, ChangeKind.RECOVER, reason, by, at, resets_factor=resets_factor)


def _propose(
    person: User, kind: str, reason: str, by: Actor, at: dt.datetime, **what: Any
) -> AccountChange:
    if not person.is_active:
        raise Refused("left")
    try:
        with transaction.atomic():
            made = AccountChange.objects.create(
                person=person, kind=kind, reason=reason, proposed_by=by.somebody, proposed_at=at,
                **what,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("proposed") from None
    record(made, "accountchange.propose", by=by, at=at, kind=kind, person=person.pk,
           role=what.get("role", ""))  # fmt: skip
    outbox.notify(deciders(made, clock.day_of(at)), "account.proposed", made, at=at, once="once")
    return made


def deciders(change: AccountChange, day: dt.date) -> QuerySet[User]:
    """Who may decide: whoever keeps accounts and has the right, not the person it is about."""
    found = keepers_with("accountchange.grant", day)
    return found.exclude(pk__in=[change.proposed_by_id, change.person_id])


def keepers_with(right: str, day: dt.date, roles: frozenset[Role] = KEEPERS) -> QuerySet[User]:
    """Who can sign in and keeps accounts in one of these roles, which has the right now."""
    may = Grant.objects.filter(right=right, role__in=roles).values("role")
    held = RoleAssignment.objects.in_force(day).filter(role__in=may)
    return User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("id")


@action
def grant(change: AccountChange, *, by: Actor, at: dt.datetime) -> tuple[AccountChange, str]:
    """The second person agrees; what was proposed happens now.

    Returns the proposal, and the code to hand over where it is a recovery. Raises Refused when
    the proposal does not hold any more: the roles have changed since.
    """
    one_at_a_time(_KEY)
    change = apply(change, "grant", by=by, at=at, sets=lambda _: _decided(by, at))
    if not change.person.is_active:
        raise Refused("left")
    if change.kind == ChangeKind.RECOVER:
        code = give_code(change.person, CodeKind.RECOVERY, by=by, at=at,
                         resets_factor=change.resets_factor)  # fmt: skip
        return change, code
    if change.kind == ChangeKind.GIVE:
        _give(change, by, at)
    else:
        _end(change, by, at)
    return change, ""


def _give(change: AccountChange, by: Actor, at: dt.datetime) -> None:
    today = clock.day_of(at)
    first = max(change.valid_from or today, today)  # nobody has held it before it was decided
    _refuse_dates(first, change.valid_to, today)
    wanted = Wanted(change.role, first, change.valid_to, change.community)
    _refuse_conflict(change.person, wanted)
    RoleAssignment.objects.create(
        user=change.person,
        role=change.role,
        community=change.community,
        valid_from=first,
        valid_to=change.valid_to,
        given_by=change.proposed_by,
    )
    record(change.person, "account.role_given", by=by, at=at, role=change.role)


def _end(change: AccountChange, by: Actor, at: dt.datetime) -> None:
    assignment = lock(change.assignment)
    today = clock.day_of(at)
    last_day = max(change.valid_to or today, today)
    _refuse_ending(assignment, last_day, today)
    assignment.valid_to = last_day
    assignment.save(update_fields=["valid_to"])
    record(change.person, "account.role_ended", by=by, at=at, role=assignment.role)


def _decided(by: Actor, at: dt.datetime, reason: str = "") -> dict[str, Any]:
    return {"decided_by": by.somebody, "decided_at": at, "decision_reason": reason}


@action
def refuse(change: AccountChange, reason: str, *, by: Actor, at: dt.datetime) -> AccountChange:
    """The second person does not agree."""
    refused: AccountChange = apply(
        change, "refuse", by=by, at=at, sets=lambda _: _decided(by, at, reason), reason=reason
    )
    return refused


@action
def withdraw(change: AccountChange, *, by: Actor, at: dt.datetime) -> AccountChange:
    """The person who proposed takes it back."""
    withdrawn: AccountChange = apply(change, "withdraw", by=by, at=at)
    return withdrawn


# --- deputies -----------------------------------------------------------------------------------


@action
def appoint_deputy(
    held: RoleAssignment, deputy: User, first: dt.date, last: dt.date, *, by: Actor, at: dt.datetime
) -> RoleAssignment:
    """Let `deputy` act in a post from `first` to `last`, both included (R5).

    Raises Refused: own, deputy, left, before, dates, beyond, excluded, held.
    """
    refuse_unless(by, *KEEPERS)
    one_at_a_time(_KEY)
    _refuse_own(deputy, by)
    if held.deputy_for_id or held.user_id == deputy.pk:
        raise Refused("deputy")
    if not deputy.is_active or not held.user.is_active:
        raise Refused("left")
    _refuse_dates(first, last, clock.day_of(at))
    if first < held.valid_from or (held.valid_to and last > held.valid_to):
        raise Refused("beyond")
    _refuse_conflict(deputy, Wanted(held.role, first, last, held.community))
    made = RoleAssignment.objects.create(
        user=deputy, role=held.role, community=held.community, valid_from=first, valid_to=last,
        deputy_for=held.user, given_by=by.somebody,
    )  # fmt: skip
    record(deputy, "account.deputy_appointed", by=by, at=at, role=held.role, post=held.user_id)
    return made


@action
def end_deputy(assignment: RoleAssignment, *, by: Actor, at: dt.datetime) -> None:
    """The post is held by its own person again from tomorrow; a deputyship to come never begins."""
    refuse_unless(by, *KEEPERS)
    fresh, today = lock(assignment), clock.day_of(at)
    if fresh.deputy_for_id is None:
        raise PermissionDenied("no deputyship")
    if fresh.valid_to <= today:
        return
    begun = fresh.valid_from <= today
    fresh.valid_to = today if begun else today - dt.timedelta(days=1)
    fresh.save(update_fields=["valid_to"])
    record(fresh.user, "account.deputy_ended", by=by, at=at, role=fresh.role)


# --- people who leave ---------------------------------------------------------------------------


@action
def mark_left(person: User, *, by: Actor, at: dt.datetime) -> User:
    """The person has left: no sign-in, no session, every role ends today.

    It takes effect at once, because a former colleague's access is the greater danger; coming
    back needs two persons again. Raises Refused: own, last.
    """
    refuse_unless(by, Role.SYSADMIN)
    one_at_a_time(_KEY)
    _refuse_own(person, by)
    gone: User = lock(person)
    today = clock.day_of(at)
    if not gone.is_active:
        return person
    for role in LAST:
        held = RoleAssignment.objects.in_force(today).filter(user=gone, role=role, deputy_for=None)
        if held.exists() and not _others_hold(role, gone, today):
            raise Refused("last")
    _end_all(gone, today)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    gone.codes.filter(ended_at=None).update(ended_at=at)
    ended = drop(gone)
    record(gone, "account.left", by=by, at=at, sessions=ended)
    return gone


def _end_all(person: User, today: dt.date) -> None:
    """Roles end today; one that was to begin later keeps its row and never lasts beyond today."""
    running = person.role_assignments.filter(Q(valid_to=None) | Q(valid_to__gt=today))
    running.filter(valid_from__gt=today).update(valid_from=today, valid_to=today)
    running.update(valid_to=today)


# --- what is refused ----------------------------------------------------------------------------


def _refuse_own(person: User, by: Actor) -> None:
    if person.pk == by.somebody.pk:
        raise Refused("own")


def _refuse_dates(first: dt.date, last: dt.date | None, today: dt.date) -> None:
    if first < today:
        raise Refused("before")
    if last is not None and last < first:
        raise Refused("dates")


def _refuse_conflict(person: User, wanted: Wanted) -> None:
    """No excluded pair of roles on any day, and not the same role twice (R4)."""
    there = person.role_assignments.filter(Q(valid_to=None) | Q(valid_to__gte=wanted.first))
    if wanted.last is not None:
        there = there.filter(valid_from__lte=wanted.last)
    if there.filter(role__in=excluded_by(wanted.role)).exists():
        raise Refused("excluded")
    same = there.filter(role=wanted.role)
    if same.filter(Q(community=None) | Q(community=wanted.community)).exists():
        raise Refused("held")


def _refuse_ending(assignment: RoleAssignment, last_day: dt.date, today: dt.date) -> None:
    if last_day < today or last_day < assignment.valid_from:
        raise Refused("before")
    if assignment.valid_to is not None and assignment.valid_to <= last_day:
        raise Refused("ended")
    is_own_post = assignment.role in LAST and assignment.deputy_for_id is None
    after = last_day + dt.timedelta(days=1)
    if is_own_post and not _others_hold(assignment.role, assignment.user, after):
        raise Refused("last")


def _others_hold(role: str, person: User, day: dt.date) -> bool:
    """Whether somebody else who can sign in holds the role for the whole street, in own right."""
    held = RoleAssignment.objects.in_force(day).filter(
        role=role, community=None, deputy_for=None, user__is_active=True
    )
    return held.exclude(user=person).exists()
