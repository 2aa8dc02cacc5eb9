"""What every web process knows of the database without asking it: two files of the state folder.

While the one lies there nothing is sent: an upgrade changes the tables. The other says that the
database had no room left when somebody last wanted to store something.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from pathlib import Path

from django.conf import settings

# What was found full is full until something could be stored again, or for so long at most.
DOUBTED_FOR = dt.timedelta(minutes=10)
DISK_FULL = "53100"  # PostgreSQL's own number for it


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


# --- a full disk ----------------------------------------------------------------------------------


def is_disk_full(error: BaseException | None) -> bool:
    """Whether this fault comes from a database without room."""
    while error is not None:
        if getattr(error, "sqlstate", None) == DISK_FULL:
            return True
        error = error.__cause__
    return False


def _full() -> Path:
    return Path(settings.STATE_DIR) / "database-full"


def note_full(at: dt.datetime) -> None:
    """The database had no room; where not even this can be written, it is asked again each time."""
    with contextlib.suppress(OSError):
        _full().parent.mkdir(parents=True, exist_ok=True)
        _full().touch(mode=0o644)
        os.utime(_full(), (at.timestamp(), at.timestamp()))


def has_room(at: dt.datetime) -> bool:
    """Whether the last thing that was to be stored could be, as far as anybody knows."""
    try:
        found = dt.datetime.fromtimestamp(_full().stat().st_mtime, dt.UTC)
    except OSError:
        return True
    return at - found > DOUBTED_FOR


def stored() -> None:
    """Something was stored: there is room again."""
    _full().unlink(missing_ok=True)
