"""One act on many nouns: each by its own check, and a report of those that stayed as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from .statemachine import TransitionNotOpen

Refusals = Mapping[type[Exception], Callable[[Any], str]]


@dataclass
class Report:
    """What came of it, noun by noun; those left each with the reason."""

    done: list[Any] = field(default_factory=list)
    left: list[tuple[Any, str]] = field(default_factory=list)


def each(
    chosen: Iterable[Any], act: Callable[[Any], bool], *, idle: str, refusals: Refusals
) -> Report:
    """One act a noun; a refusal leaves the others their turn.

    `idle` is said where the act had nothing to do, `refusals` are the words of the act's own.
    """
    report = Report()
    words: Refusals = {
        TransitionNotOpen: lambda _why: _("现在的状态不能办理这一步"),
        PermissionDenied: lambda _why: _("您没有这一项权限"),
        **refusals,
    }
    for noun in chosen:
        try:
            why = "" if act(noun) else idle
        except tuple(words) as refused:
            why = next(words[kind](refused) for kind in words if isinstance(refused, kind))
        if why:
            report.left.append((noun, why))
        else:
            report.done.append(noun)
    return report
