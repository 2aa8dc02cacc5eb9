"""What each role may do: the tables' defaults beside the grants as they stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps

from portal.core import acts
from portal.core.models import Grant, GrantChange
from portal.core.models.grants import GrantKind
from portal.core.roles import READS_SEALED, STAFF_ROLES, WRITING_ROLES, Role


@dataclass(frozen=True, slots=True)
class Right:
    """A transition of a table as a right: its words, its noun's, and whose it is by default."""

    key: str
    label: Any
    noun: Any
    app: Any
    roles: frozenset[str]
    wants_two: bool  # the person who did the step before may not do this one
    mostly_two: bool  # but at times he may

    def __str__(self) -> str:
        return acts.full_name(self.key)


@dataclass(frozen=True, slots=True)
class Line:
    """A right as one role has it."""

    right: Right
    holds: bool
    by_default: bool
    is_kept: bool
    waiting: GrantChange | None

    @property
    def differs(self) -> bool:
        """Whether the office has decided otherwise than the tables."""
        return self.holds != self.by_default

    @property
    def next_kind(self) -> str:
        """What may be proposed: the other way round than it is."""
        return kind_of_change(holds=self.holds)


@cache
def rights() -> Mapping[str, Right]:
    """Every right people may hold, by its key, in the order of apps and tables."""
    found = {}
    for model in apps.get_models():
        machine: Any = getattr(model, "machine", None)
        meta = model._meta
        for row in machine or ():
            if row.by:
                key = machine.right(row.name)
                found[key] = Right(
                    key, acts.name_of(key), meta.verbose_name, meta.app_config.verbose_name,
                    frozenset(row.by), bool(row.other_than), acts.is_mostly_two(key),
                )  # fmt: skip
    return found


def kind_of(role: str) -> str:
    """The kind of person a role is for (R4).

    Those who work on the cases are one kind. Whoever comes from outside, only watches, or keeps
    the machine without reading what is sealed, is a kind of his own.
    """
    works = role in STAFF_ROLES and role in WRITING_ROLES and role in READS_SEALED
    return "works" if works else role


def may_hold(role: str, right: Right) -> bool:
    """Whether the right is for the kind of person the role is: so the tables' defaults say."""
    return kind_of(role) in {kind_of(each) for each in right.roles}


def is_kept(role: str, right: str) -> bool:
    """Whether the role must keep the right: without it nobody could be sure to go on."""
    return bool(acts.why_kept(role, right))


def is_last(role: str, right: str) -> bool:
    """Whether the role is the only one that holds the right: without it nobody can do the step."""
    return set(Grant.objects.filter(right=right).values_list("role", flat=True)) == {role}


def kind_of_change(*, holds: bool) -> str:
    """What can be proposed about a right: to take what is held, to give what is not."""
    return GrantKind.TAKE if holds else GrantKind.GIVE


def holders() -> dict[str, frozenset[str]]:
    """The roles that hold each right now, in one question."""
    found = defaultdict(set)
    for role, right in Grant.objects.values_list("role", "right"):
        found[right].add(role)
    return {right: frozenset(roles) for right, roles in found.items()}


def overview() -> list[dict[str, Any]]:
    """Each role with how many rights it has, and how many were given or taken here."""
    now = holders()
    rows = []
    for role in Role:
        held = {key for key in rights() if role in now.get(key, ())}
        usual = {key for key, right in rights().items() if role in right.roles}
        rows.append({"role": role, "held": len(held), "given": len(held - usual),
                     "taken": len(usual - held)})  # fmt: skip
    return rows


def lines(role: str, waiting: Mapping[str, GrantChange]) -> list[Line]:
    """What the role holds, holds by default or may be given; `waiting` are the open proposals."""
    now = holders()
    found = []
    for key, right in rights().items():
        line = Line(
            right, role in now.get(key, ()), role in right.roles, is_kept(role, key),
            waiting.get(key),
        )  # fmt: skip
        if line.holds or line.by_default or may_hold(role, right):
            found.append(line)
    return found
