"""How the calendar's jobs stand: when each last went through, when and how often it failed.

A job whose fault is only logged would let its deadlines stand still without anybody knowing. So
each round notes here what it set out to do, and what came of it; the watch tells who is behind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import F

from portal.core import rounds
from portal.core.models import Heartbeat
from portal.core.workflow import action

_LONGEST_FAULT = 80


@dataclass(frozen=True, slots=True)
class Standing:
    """One job: its app and name, its last good round, its last bad one, and whether it is well.

    `job` is its full name, by which no two are the same.
    """

    job: str
    app: Any
    name: str
    last: dt.datetime | None
    failed_at: dt.datetime | None
    failures: int
    fault: str
    is_well: bool


@action
def begin(names: Iterable[str], *, at: dt.datetime) -> None:
    """A round sets out: whoever does not go through waits from now on, or for longer already."""
    names = list(names)
    Heartbeat.objects.bulk_create([Heartbeat(name=name) for name in names], ignore_conflicts=True)
    Heartbeat.objects.filter(name__in=names, waiting_since=None).update(waiting_since=at)


@action
def went_through(name: str, *, at: dt.datetime) -> None:
    """The job did all that was due; what it failed at before is made up for."""
    Heartbeat.objects.filter(name=name).update(at=at, waiting_since=None, failures=0)


@action
def failed(name: str, fault: str, *, at: dt.datetime) -> None:
    """The job, or one of its rows, fell over a fault of this kind."""
    Heartbeat.objects.filter(name=name).update(
        failed_at=at, failures=F("failures") + 1, fault=fault[:_LONGEST_FAULT]
    )


@action
def begin_anew(*, at: dt.datetime) -> None:
    """A worker has started: a round that died with the one before is waited for by nobody.

    The next round sets out anew; where it hangs, that is seen as ever.
    """
    Heartbeat.objects.filter(waiting_since__lte=at).update(waiting_since=None)


def of_jobs(at: dt.datetime, patience: dt.timedelta) -> list[Standing]:
    """Every job of this version, those that are behind in front.

    Behind is who failed at his last round, and who has been waiting for longer than `patience`
    for a round to come to him: the one that hangs, and those after it.
    """
    names = rounds.jobs()
    kept = {each.name: each for each in Heartbeat.objects.filter(name__in=names)}
    found = [_standing(name, kept.get(name) or Heartbeat(), at - patience) for name in names]
    return sorted(found, key=lambda each: each.is_well)


def _standing(name: str, kept: Heartbeat, late: dt.datetime) -> Standing:
    app = apps.get_containing_app_config(name)
    waits = kept.waiting_since is not None and kept.waiting_since < late
    return Standing(
        job=name,
        app=app.verbose_name if app else "",
        name=name.rpartition(".")[2],
        last=kept.at,
        failed_at=kept.failed_at,
        failures=kept.failures,
        fault=kept.fault,
        is_well=not kept.failures and not waits,
    )
