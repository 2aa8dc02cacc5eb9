"""How long copies are kept: every day for some, then one a week, then one a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import Backup
from portal.core.queries import in_force
from portal.core.workflow import action, lock, record


def to_keep(days: Iterable[dt.date], today: dt.date, plan: Sequence[int]) -> set[dt.date]:
    """Of the days on which copies were made those that stay.

    `plan`: all of the last so many days, the newest of each of so many weeks, and of each of so
    many months. The newest one of all stays whatever the plan says.
    """
    newest_first = sorted(set(days), reverse=True)
    daily, weekly, monthly = plan
    kept = {day for day in newest_first if (today - day).days < daily} | set(newest_first[:1])
    for periods, name in ((weekly, "%G-%V"), (monthly, "%Y-%m")):
        seen: dict[str, dt.date] = {}
        for day in newest_first:
            seen.setdefault(day.strftime(name), day)
        kept |= set(list(seen.values())[:periods])
    return kept


def clear(at: dt.datetime) -> int:
    """Remove the nightly copies that need not be kept; those made by hand stay."""
    law, today = in_force(clock.day_of(at)), clock.day_of(at)
    plan = [
        law.integer("backups.keep_days"),
        law.integer("backups.keep_weeks"),
        law.integer("backups.keep_months"),
    ]
    rows = list(Backup.objects.kept().filter(is_nightly=True))
    kept = to_keep((row.day for row in rows), today, plan)
    return sum(_remove(row, at=at) for row in rows if row.day not in kept)


@action
def _remove(row: Backup, *, at: dt.datetime) -> int:
    row = lock(row)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(row, "backup.removed", by=Actor.calendar(), at=at)
    transaction.on_commit(partial(file_of(row).unlink, missing_ok=True))
    return 1


def file_of(row: Backup) -> Path:
    """Where the copy lies."""
    return Path(settings.BACKUP_DIR) / row.name
