"""The calendar's jobs, and one round over many rows.

The fault of one job, or of one row, is told and leaves the others their turn.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db.models import Model

from .statemachine import TransitionNotOpen

CalendarJob = Callable[[dt.datetime], int]
logger = logging.getLogger(__name__)
R = TypeVar("R", bound=Model)
_jobs: list[CalendarJob] = []
_faults: ContextVar[list[str] | None] = ContextVar("faults", default=None)


def on_calendar(job: CalendarJob) -> CalendarJob:
    """Register what an app does because time has passed: idempotent, `(at) -> count`."""
    _jobs.append(job)
    return job


def jobs() -> dict[str, CalendarJob]:
    """Every job by its full name, in the order in which they were registered."""
    return {f"{job.__module__}.{job.__name__}": job for job in _jobs}


@contextmanager
def faults() -> Generator[list[str], None, None]:
    """What went wrong with single rows within it: the kinds of the faults, never their words."""
    found: list[str] = []
    token = _faults.set(found)
    try:
        yield found
    finally:
        _faults.reset(token)


def each(rows: Iterable[R], act: Callable[..., int], at: dt.datetime) -> int:
    """Do `act(row, at=at)` for every row; returns the sum of what was done.

    Each act has a transaction of its own, so a row that fails (its paper cannot be withdrawn) is
    left as it was until the next round. A row that somebody has moved meanwhile is not due any
    more, and nobody's failure.
    """
    return sum(_one(row, act, at) for row in rows)


def _one(row: R, act: Callable[..., int], at: dt.datetime) -> int:
    try:
        return int(act(row, at=at))
    except Exception as fault:
        if isinstance(fault, TransitionNotOpen) and _was_moved(row, fault):
            logger.info("%s of %s is not due any more", getattr(act, "__name__", act), row.pk)
            return 0
        logger.exception("%s of %s failed", getattr(act, "__name__", act), row.pk)
        if (found := _faults.get()) is not None:
            found.append(type(fault).__name__)
        return 0


def _was_moved(row: Any, fault: TransitionNotOpen) -> bool:
    """Whether somebody was faster: a row found in the very state it was read in was never due."""
    machine = getattr(row, "machine", None)
    return machine is None or machine.noun != fault.noun or row.state != fault.state
