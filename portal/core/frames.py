"""Where a person is at home: the desk, the committee's panel, or the facility."""

from __future__ import annotations

from .models import User
from .roles import Role

DESK, PANEL, MY = "desk", "panel", "my"


def area_of(user: User) -> str:
    """`DESK` for whoever works for the street, `PANEL` for an evaluator from outside, else `MY`."""
    if user.is_office:
        return DESK
    return PANEL if user.has_role(Role.EVALUATOR) else MY


def frame_of(user: User) -> str:
    """The base template of a page that every area has, such as the messages."""
    return f"base_{area_of(user)}.html"
