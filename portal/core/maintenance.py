"""Read-only for as long as a file lies in the state folder: during an upgrade nothing is sent.

A file, because the database is what is being changed, and because every web process must see it.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def place() -> Path:
    """The file."""
    return Path(settings.STATE_DIR) / "maintenance"


def is_on() -> bool:
    """Whether the portal only shows and takes nothing."""
    return place().exists()


def begin() -> None:
    """From now on nothing is taken."""
    place().parent.mkdir(parents=True, exist_ok=True)
    place().touch(mode=0o644)


def end() -> None:
    """The portal takes everything again."""
    place().unlink(missing_ok=True)
