"""Who may do what: state, right, persons and reach, asked by views, templates and actions alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import User
    from .statemachine import Transition


def reaches(user: User, noun: Any) -> bool:
    """Whether `noun` is within the user's sight; a noun fetched through visible_to() knows it."""
    if getattr(noun, "_reached_by", None) == user.pk:
        return True
    return bool(type(noun).objects.visible_to(user).filter(pk=noun.pk).exists())


def reached(user: User, noun: Any) -> Any:
    """Mark a noun that was just fetched through visible_to(user), so nobody asks again."""
    noun._reached_by = user.pk
    return noun


def is_other_person(row: Transition, user: User, noun: Any) -> bool:
    """Whether `user` is none of the persons this transition must differ from (R5)."""
    return all(getattr(noun, f"{column}_id") != user.pk for column in row.other_than)


def holds_right(user: User, name: str, noun: Any) -> bool:
    """The role's grant and the two-person rule, whatever the state."""
    machine = noun.machine
    row = machine[name]
    if row.own and not noun.belongs_to(user):
        return False
    return machine.right(name) in user.rights and is_other_person(row, user, noun)


def can(user: Any, name: str, noun: Any) -> bool:
    """Whether the act would succeed now: a button shows exactly when this is true."""
    if not user.is_authenticated or not user.is_active:
        return False
    return (
        noun.state in noun.machine[name].sources
        and holds_right(user, name, noun)
        and reaches(user, noun)
    )
