"""Which colour family and icon a state wears (ux.md §4.5): one look everywhere.

A look is information, not decoration, so it always comes as icon + word + tint. The table below
covers the state values that mean the same in every app; where an app's word differs it registers
its own line, keyed by noun and field: `badges.register("finding", {"open": ("warn", "flag-fill")})`
or `badges.register("facility.operating", {...})`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FAMILIES = ("neutral", "info", "progress", "warn", "ok", "danger", "closed")

_Look = tuple[str, str]

_LOOKS: dict[str, _Look] = {
    "draft": ("neutral", "pencil-square"),
    "submitted": ("info", "send"),
    "in_review": ("progress", "eye"),
    "correction": ("warn", "arrow-repeat"),
    "proposed": ("progress", "person-check"),
    "registered": ("ok", "check-circle-fill"),
    "declined": ("danger", "x-octagon-fill"),
    "withdrawn": ("closed", "slash-circle"),
    "superseded": ("closed", "slash-circle"),
    "cancelled": ("closed", "dash-circle"),
    "none": ("neutral", "dash-circle"),
    "filed": ("ok", "check-circle-fill"),
    "nonconforming": ("danger", "x-octagon-fill"),
    "changed": ("info", "info-circle-fill"),
    "unknown": ("neutral", "question-circle"),
    "preparing": ("neutral", "dash-circle"),
    "suspended": ("warn", "exclamation-triangle-fill"),
    "unregistered": ("warn", "exclamation-triangle-fill"),
    "planned": ("neutral", "calendar-event"),
    "awaiting_approval": ("info", "send"),
    "assigned": ("info", "send"),
    "in_progress": ("progress", "arrow-repeat"),
    "awaiting_signature": ("warn", "pen"),
    "completed": ("ok", "check-circle-fill"),
    "published": ("ok", "check-circle-fill"),
    "received": ("info", "send"),
    "accepted": ("info", "info-circle-fill"),
    "investigating": ("progress", "eye"),
    "referred": ("progress", "arrow-repeat"),
    "resolved": ("ok", "check-circle-fill"),
    "reopened": ("warn", "arrow-repeat"),
    "rejected": ("closed", "slash-circle"),
    "archived": ("closed", "slash-circle"),
    "queued": ("neutral", "clock-history"),
    "waiting": ("info", "info-circle-fill"),
    "done": ("ok", "check-circle-fill"),
    "undone": ("closed", "slash-circle"),
    "running": ("progress", "arrow-repeat"),
    "failed": ("danger", "x-octagon-fill"),
    "expired": ("closed", "slash-circle"),
}
_OWN: dict[str, Mapping[str, _Look]] = {}
_PLAIN: dict[str, Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Badge:
    """What a reader sees of a state."""

    family: str
    icon: str
    word: Any


def register(
    key: str, looks: Mapping[str, _Look], *, plain: Mapping[str, Any] | None = None
) -> None:
    """Give a noun (or `noun.field`) its own looks, and the sentences outsiders read instead."""
    wrong = {family for family, _ in looks.values()} - set(FAMILIES)
    if wrong:
        raise ValueError(f"{key}: no such badge family: {', '.join(sorted(wrong))}")
    _OWN[key] = dict(looks)
    if plain:
        _PLAIN[key] = dict(plain)


def of(noun: Any, field: str = "state", *, plain: bool = False) -> Badge:
    """The badge of a noun's state; an unknown value is neutral, never an error on a page."""
    name = noun._meta.model_name
    key = name if field == "state" else f"{name}.{field}"
    value = str(getattr(noun, field))
    family, icon = _OWN.get(key, {}).get(value) or _LOOKS.get(value) or ("neutral", "dash-circle")
    word = getattr(noun, f"get_{field}_display")()
    if plain:
        word = _PLAIN.get(key, {}).get(value, word)
    return Badge(family, icon, word)


register(
    "publication",
    {
        "proposed": ("neutral", "clock-history"),
        "handed_back": ("warn", "arrow-counterclockwise"),
        "published": ("ok", "check-circle-fill"),
        "replaced": ("closed", "arrow-repeat"),
        "withdrawn": ("closed", "slash-circle"),
    },
)
register(
    "accountchange",
    {
        "proposed": ("info", "person-check"),
        "granted": ("ok", "check-circle-fill"),
        "refused": ("danger", "x-octagon-fill"),
    },
)
register(
    "grantchange",
    {
        "proposed": ("info", "person-check"),
        "in_force": ("ok", "check-circle-fill"),
        "refused": ("danger", "x-octagon-fill"),
    },
)
