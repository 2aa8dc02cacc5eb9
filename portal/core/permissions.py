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
    """Whether `user` is none of the persons this transition must differ from (R5).

    A noun may let the same person act where nobody else could (`noun.admits_again`); the columns
    of two persons hold whatever it says.
    """
    same = [column for column in row.other_than if getattr(noun, f"{column}_id") == user.pk]
    if not same:
        return True
    admits = getattr(noun, "admits_again", None)
    return bool(admits and admits(user, row.name, same))


def holds_right(user: User, name: str, noun: Any) -> bool:
    """The role's grant and the two-person rule, whatever the state."""
    machine = noun.machine
    row = machine[name]
    if row.own and not noun.belongs_to(user):
        return False
    if row.own and _is_withheld(user, machine.right(name), noun):
        return False
    return machine.right(name) in user.rights and is_other_person(row, user, noun)


def _is_withheld(user: User, right: str, noun: Any) -> bool:
    """Whether it is the person's own noun but his part in it is a smaller one."""
    withholds = getattr(noun, "withholds", None)
    return bool(withholds and withholds(user, right))


def can(user: Any, name: str, noun: Any) -> bool:
    """Whether the act would succeed now: a button shows exactly when this is true."""
    if not user.is_authenticated or not user.is_active:
        return False
    return (
        noun.state in noun.machine[name].sources
        and holds_right(user, name, noun)
        and reaches(user, noun)
    )
