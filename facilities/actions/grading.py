"""The grade of a facility, as the evaluation tells it."""

from __future__ import annotations

import datetime as dt

from facilities.models import Facility
from portal.core.actors import Actor
from portal.core.workflow import action, lock, record


@action
def record_grade(
    facility: Facility, grade: str, on: dt.date, version: int, *, by: Actor, at: dt.datetime
) -> Facility:
    """Keep the newest published grade; an empty one says that it is not to be used for now.

    What comes twice, or after something newer, changes nothing.
    """
    fresh: Facility = lock(facility)
    told = (on, version)
    if fresh.graded_on is not None and told <= (fresh.graded_on, fresh.grade_version or 0):
        return fresh
    fresh.quality_grade, fresh.graded_on, fresh.grade_version = grade, on, version
    fresh.save(update_fields=["quality_grade", "graded_on", "grade_version"])
    record(fresh, "facility.graded", by=by, at=at, grade=grade or "suspended", version=version)
    return fresh
