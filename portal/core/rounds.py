"""One round over many rows: the fault of one row is told and leaves the others their turn."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Model

logger = logging.getLogger(__name__)
R = TypeVar("R", bound=Model)


def each(rows: Iterable[R], act: Callable[..., int], at: dt.datetime) -> int:
    """Do `act(row, at=at)` for every row; returns the sum of what was done.

    Each act has a transaction of its own, so a row that fails (somebody moved it meanwhile, its
    paper cannot be withdrawn) is left as it was until the next round.
    """
    return sum(_one(row, act, at) for row in rows)


def _one(row: R, act: Callable[..., int], at: dt.datetime) -> int:
    try:
        return int(act(row, at=at))
    except Exception:
        logger.exception("%s of %s failed", getattr(act, "__name__", act), row.pk)
        return 0
