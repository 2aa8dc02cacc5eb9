"""One-time codes: how an invited person comes in, and one who lost password or second factor.

A code is shown once, to the official who hands it over; only a keyed fingerprint stays. It sets a
password and, where it says so, takes the second factor away. It never signs anybody in.
"""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.core import clock, crypto
from portal.core.actors import Actor
from portal.core.identifiers import new_code, normalise_code
from portal.core.models import AccountCode, User
from portal.core.models.accounts import CodeKind
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, lock, record

from .sessions import drop

_PURPOSE = "account"


class NameTaken(Exception):
    """Somebody has this user name already."""


@action
def invite(
    username: str, display_name: str, post: str, *, by: Actor, at: dt.datetime
) -> tuple[User, str]:
    """Open an account without password and without rights; returns it and its code.

    Its roles are proposed apart and decided by another person. Raises NameTaken.
    """
    refuse_unless(by, Role.SYSADMIN)
    person = User(
        username=username,
        display_name=display_name,
        post=post,
        password=make_password(None),
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise NameTaken from None
    record(person, "account.invited", by=by, at=at)
    return person, give_code(person, CodeKind.INVITATION, by=by, at=at)


@action
def invite_again(person: User, *, by: Actor, at: dt.datetime) -> str:
    """Another code for a person who has not come in yet; the earlier one is void."""
    refuse_unless(by, Role.SYSADMIN)
    person = lock(person)
    if not waits_for_password(person):
        raise PermissionDenied("the person has a password")
    return give_code(person, CodeKind.INVITATION, by=by, at=at)


def waits_for_password(person: User) -> bool:
    """Whether the invited person has not chosen a password yet."""
    return person.is_active and not person.has_usable_password()


@action
def give_operator_code(
    username: str, *, resets_factor: bool, by: Actor, at: dt.datetime
) -> str | None:
    """A clerk has seen the operator's papers at the counter; None when it is no such account.

    Somebody who works for the street as well needs two persons and gets nothing here (R23).
    """
    refuse_unless(by, Role.CLERK)
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None or person.role_names != {Role.OPERATOR}:
        return None
    return give_code(person, CodeKind.RECOVERY, by=by, at=at, resets_factor=resets_factor)


@action
def give_code(
    person: User, kind: str, *, by: Actor, at: dt.datetime, resets_factor: bool = False
) -> str:
    """Make a code and end the person's earlier ones; who may is settled by the caller."""
    lock(person)
    AccountCode.objects.filter(person=person, ended_at=None).update(ended_at=at)
    code = new_code()
    AccountCode.objects.create(
        person=person,
        kind=kind,
        code_key=crypto.blind_index(code, _PURPOSE),
        resets_factor=resets_factor,
        made_by=by.user,
        made_at=at,
        expires_at=_expires(kind, at),
    )
    record(person, "account.code_given", by=by, at=at, kind=kind, factor=resets_factor)
    return code


def _expires(kind: str, at: dt.datetime) -> dt.datetime:
    law = in_force(clock.day_of(at))
    if kind == CodeKind.INVITATION:
        return at + dt.timedelta(days=law.integer("accounts.invitation_days"))
    return at + dt.timedelta(hours=law.integer("accounts.recovery_hours"))


@action
def use_code(username: str, typed: str, password: str, kind: str, *, at: dt.datetime) -> bool:
    """Set the password; every session of the person ends. False when the code does not do it.

    Every way costs the same work, so that neither the answer nor its time tells who has an
    account or a code.
    """
    key = crypto.blind_index(normalise_code(typed), _PURPOSE)
    secret = make_password(password)
    found = AccountCode.objects.select_for_update(of=("self",)).select_related("person")
    code = found.filter(
        code_key=key, kind=kind, person__username=username, person__is_active=True
    ).first()
    holder = Actor("code", "code")
    if code is None or not code.is_open(at):
        record(None, "account.code_refused", by=holder, at=at, kind=kind)
        return False
    code.ended_at, code.used = at, True
    code.save(update_fields=["ended_at", "used"])
    person = code.person
    person.password = secret
    person.save(update_fields=["password"])
    if code.resets_factor:
        Authenticator.objects.filter(user=person).delete()
    ended = drop(person)
    record(person, "account.code_used", by=holder, at=at, kind=kind, ended=ended,
           factor=code.resets_factor)  # fmt: skip
    return True


def refuse_unless(by: Actor, *roles: str) -> None:
    """PermissionDenied for whoever holds none of the roles."""
    if not by.somebody.has_role(*roles):
        raise PermissionDenied
