"""Who works for a facility: invited, admitted, given another part, gone (ruling R23)."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.core.exceptions import PermissionDenied

from facilities import queries
from facilities.models import Facility, Membership
from facilities.models.choices import MemberRole
from facilities.models.members import Invitation, JoinRequest, managed_by
from facilities.workflow import RegistrationStatus
from portal.core import clock, crypto, outbox
from portal.core.actors import Actor
from portal.core.identifiers import new_code, normalise_code
from portal.core.models import User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, record

_PURPOSE = "invitation"


class NoSuchInvitation(Exception):
    """The code is unknown, used, taken back or too old; the person is told no more than that."""


class TooManyInvitations(Exception):
    """So many codes are open that another would only be forgotten."""


class LastManager(Exception):
    """A facility is never left without a manager: another is named first."""


@action
def invite(facility: Facility, role: str, *, by: Actor, at: dt.datetime) -> tuple[Invitation, str]:
    """Make a code that works once; it is shown now and never again, only its fingerprint stays."""
    lock(facility)
    _refuse_unless_manager(facility, by)
    day = clock.day_of(at)
    law = in_force(day)
    if queries.open_invitations(facility, day).count() >= law.integer("members.open_invitations"):
        raise TooManyInvitations(facility.code)
    code = new_code()
    made = Invitation.objects.create(
        facility=facility,
        role=role,
        code_key=crypto.blind_index(code, _PURPOSE),
        made_by=by.somebody,
        made_at=at,
        expires_on=day + dt.timedelta(days=law.integer("members.invitation_days")),
    )
    record(facility, "facility.invite", by=by, at=at, role=role)
    return made, code


@action
def take_back_invitation(invitation: Invitation, *, by: Actor, at: dt.datetime) -> None:
    """Make a code void before it is used."""
    fresh = lock(invitation)
    _refuse_unless_manager(fresh.facility, by)
    if fresh.ended_at is None:
        fresh.ended_at = at
        fresh.save(update_fields=["ended_at"])
        record(fresh.facility, "facility.take_back_invitation", by=by, at=at)


@action
def join_by_code(typed: str, *, by: Actor, at: dt.datetime) -> Membership:
    """Use a code; whoever is a member already keeps his part and the code.

    Raises NoSuchInvitation.
    """
    day = clock.day_of(at)
    key = crypto.blind_index(normalise_code(typed), _PURPOSE)
    found = Invitation.objects.select_for_update().filter(code_key=key, ended_at=None)
    invitation = found.filter(expires_on__gte=day).first()
    if invitation is None:
        used = Invitation.objects.filter(code_key=key, used_by=by.somebody).first()
        mine = used and _present(used.facility, by.somebody)
        if not mine:
            raise NoSuchInvitation
        return mine  # the same form sent twice
    lock(invitation.facility)  # two codes used at once, or a code and an admission, make one member
    if present := _present(invitation.facility, by.somebody):
        return present
    invitation.used_by, invitation.ended_at = by.somebody, at
    invitation.save(update_fields=["used_by", "ended_at"])
    return _enter(invitation.facility, by.somebody, invitation.role, by=by, at=at)


@action
def ask_to_join(uscc: str, *, by: Actor, at: dt.datetime) -> None:
    """Ask the facility of a credit code; silent about codes that are not in the register."""
    day = clock.day_of(at)
    standing = Facility.objects.exclude(registration=RegistrationStatus.CANCELLED)
    facility = standing.select_for_update().filter(uscc=uscc, merged_into=None).first()
    if facility is None or _present(facility, by.somebody):
        return
    asked, is_new = JoinRequest.objects.get_or_create(
        facility=facility, user=by.somebody, state="waiting", defaults={"asked_at": at}
    )
    if is_new:
        record(facility, "facility.join_asked", by=by, at=at)
        people = queries.who_admits(facility, day)
        outbox.notify(people, "join.asked", asked, at=at, once="asked")


@action
def admit(asked: JoinRequest, role: str, *, by: Actor, at: dt.datetime) -> JoinRequest:
    """Let the person in; told to the person who asked and to the managers."""
    asked = apply(asked, "admit", by=by, at=at, sets=lambda _: _decided(by, at), role=role)
    lock(asked.facility)
    if not _present(asked.facility, asked.user):
        _enter(asked.facility, asked.user, role, by=by, at=at)
    outbox.notify([asked.user], "join.admitted", asked, at=at, once="decided")
    return asked


@action
def refuse_to_admit(asked: JoinRequest, *, by: Actor, at: dt.datetime) -> JoinRequest:
    """Do not let the person in."""
    asked = apply(asked, "refuse", by=by, at=at, sets=lambda _: _decided(by, at))
    outbox.notify([asked.user], "join.refused", asked, at=at, once="decided")
    return asked


@action
def give_role(member: Membership, role: str, *, by: Actor, at: dt.datetime) -> Membership:
    """Make a member manager or editor; raises LastManager when no manager would be left.

    PermissionDenied for a line that has ended: what it says is history.
    """
    member = _locked(member)
    if member.left_on is not None or not _may_manage(member.facility, by):
        raise PermissionDenied
    if member.role != role:
        if role != MemberRole.MANAGER:
            _refuse_last_manager(member)
        member.role = role
        member.save(update_fields=["role"])
        record(member.facility, "facility.member_role", by=by, at=at, role=role)
        outbox.notify([member.user], "member.role", member, at=at, once=f"{role}:{at.isoformat()}")
    return member


@action
def end_membership(member: Membership, *, by: Actor, at: dt.datetime) -> Membership:
    """The person leaves, or is taken off by a manager or a clerk; the line stays with its dates."""
    member = _locked(member)
    is_own = by.user is not None and by.user.pk == member.user_id
    if not is_own and not _may_manage(member.facility, by):
        raise PermissionDenied
    if member.left_on is None:
        _refuse_last_manager(member)
        member.left_on = clock.day_of(at)
        member.save(update_fields=["left_on"])
        record(member.facility, "facility.member_left", by=by, at=at, own=is_own)
        others = queries.managers_of(member.facility)
        outbox.notify([*others, member.user], "member.left", member, at=at, once="left")
    return member


# --- who may ------------------------------------------------------------------------------------


def _may_manage(facility: Facility, by: Actor) -> bool:
    """The facility's managers, and a clerk whose ground it is (at the counter)."""
    person = by.somebody
    if managed_by(person).filter(pk=facility.pk).exists():
        return True
    communities = person.reach(Role.CLERK)
    return communities is None or facility.community_id in communities


def _refuse_unless_manager(facility: Facility, by: Actor) -> None:
    if not managed_by(by.somebody).filter(pk=facility.pk).exists():
        raise PermissionDenied


def _refuse_last_manager(member: Membership) -> None:
    """Two who leave at once meet at the facility's row; an account switched off manages nothing."""
    lock(member.facility)
    if member.role != MemberRole.MANAGER:
        return
    if all(person.pk == member.user_id for person in queries.managers_of(member.facility)):
        raise LastManager


def _locked(member: Membership) -> Membership:
    return cast("Membership", lock(member))


def _present(facility: Facility, person: User) -> Membership | None:
    return Membership.objects.filter(facility=facility, user=person, left_on=None).first()


def _enter(
    facility: Facility, person: User, role: str, *, by: Actor, at: dt.datetime
) -> Membership:
    day = clock.day_of(at)
    member = Membership.objects.create(facility=facility, user=person, role=role, since=day)
    record(facility, "facility.member_joined", by=by, at=at, role=role)
    others = [other for other in queries.managers_of(facility) if other.pk != person.pk]
    outbox.notify(others, "member.joined", member, at=at, once="joined")
    return member


def _decided(by: Actor, at: dt.datetime) -> dict[str, object]:
    return {"decided_by": by.somebody, "decided_at": at}
