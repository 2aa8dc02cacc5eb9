"""What Celery wakes: the outbox, and the round the calendar makes over the apps."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task

from . import clock, outbox
from .papers import render_and_store

CalendarJob = Callable[[dt.datetime], int]
logger = logging.getLogger(__name__)
_jobs: list[CalendarJob] = []


def on_calendar(job: CalendarJob) -> CalendarJob:
    """Register what an app does because time has passed: idempotent, `(at) -> count`."""
    _jobs.append(job)
    return job


def run_calendar(at: dt.datetime) -> dict[str, int]:
    """Do everything that falls due at `at`; safe to run twice and by two at once."""
    return {f"{job.__module__}.{job.__name__}": _one(job, at) for job in _jobs}


def _one(job: CalendarJob, at: dt.datetime) -> int:
    """One job's fault is told and leaves the others their turn."""
    try:
        return job(at)
    except Exception:
        logger.exception("calendar job %s failed", job.__name__)
        return 0


@outbox.handles("paper.render")
def render_paper(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """Draw a paper that was issued."""
    render_and_store(payload["paper"])


@shared_task(name="portal.core.tasks.drain_outbox")
def drain_outbox() -> int:
    """Deliver what is owed now."""
    return outbox.drain(clock.now())


@shared_task(name="portal.core.tasks.calendar_round")
def calendar_round() -> dict[str, int]:
    """The calendar's round, then the letters it wrote."""
    at = clock.now()
    done = run_calendar(at)
    outbox.drain(at)
    return done
