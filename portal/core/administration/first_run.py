"""The first run of a real office: its words, its communities, its first two persons.

Every later change of rights needs two persons (R5); these two are the exception that makes it
possible. They come in by one-time codes, so nobody ever knows another's password.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import Community, RoleAssignment, User
from portal.core.models.accounts import CodeKind
from portal.core.roles import Role
from portal.core.staffing.codes import give_code
from portal.core.workflow import action, one_at_a_time, record

from . import office

_KEY = "first-run"


class AlreadyOpen(Exception):
    """There are accounts: the office has begun, and from here on two persons decide."""


class SamePerson(Exception):
    """Administrator and approver must be two people."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One of the first two: how he signs in, and what stands on papers."""

    username: str
    display_name: str
    post: str


@action
def open_office(
    words: Mapping[str, str],
    communities: Sequence[str],
    keeper: Starter,
    approver: Starter,
    *,
    at: dt.datetime,
) -> dict[str, str]:
    """Open the office; returns the two codes by user name, shown once and stored nowhere.

    `communities` empty leaves those that are there. Raises AlreadyOpen, SamePerson.
    """
    one_at_a_time(_KEY)
    if User.objects.exists():
        raise AlreadyOpen
    if keeper.username == approver.username:
        raise SamePerson
    by = Actor("setup", "first-run")
    record(None, "office.opened", by=by, at=at, communities=len(communities))
    office.keep({name: value for name, value in words.items() if value}, by=by, at=at)
    if communities:
        _replace_communities(communities)
    pairs = ((keeper, Role.SYSADMIN), (approver, Role.APPROVER))
    return {who.username: _begin(who, role, by, at) for who, role in pairs}


def _begin(who: Starter, role: str, by: Actor, at: dt.datetime) -> str:
    person = User.objects.create(
        username=who.username, display_name=who.display_name, post=who.post,
        password=make_password(None),
    )  # fmt: skip
    record(person, "account.invited", by=by, at=at)
    RoleAssignment.objects.create(user=person, role=role, valid_from=clock.day_of(at))
    record(person, "account.role_given", by=by, at=at, role=role)
    return give_code(person, CodeKind.INVITATION, by=by, at=at)


def _replace_communities(names: Sequence[str]) -> None:
    """Those of this office instead of those the portal brings; nothing points to them yet."""
    Community.objects.all().delete()
    Community.objects.bulk_create(
        Community(slug=f"c{position:02}", name=name, is_village=name.endswith("村"),
                  position=position)
        for position, name in enumerate(names, start=1)
    )  # fmt: skip
