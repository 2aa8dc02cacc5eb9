"""Children and vacancies by class, updated by the facility at once (ux.md O1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from facilities.models import ClassGroup, Facility
from facilities.workflow import RegistrationStatus
from portal.core import clock
from portal.core.actors import Actor
from portal.core.workflow import action, lock, record

from .entering import keep_sums
from .standing import NotInRegister


@action
def update_enrolment(
    facility: Facility, enrolled: Mapping[str, int], *, by: Actor, at: dt.datetime
) -> Facility:
    """Keep how many children each class has today, by the class's id; the day moves in any case.

    A class that is gone meanwhile is left out. Raises NotInRegister for a closed facility.
    """
    fresh: Facility = lock(facility)
    if fresh.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(fresh.code)
    day = clock.day_of(at)
    groups = list(ClassGroup.objects.select_for_update().filter(facility=fresh))
    for group in groups:
        if (key := str(group.pk)) in enrolled:
            group.enrolled, group.updated_on = enrolled[key], day
    ClassGroup.objects.bulk_update(groups, ["enrolled", "updated_on"])
    keep_sums(fresh)
    fresh.facts_on = day
    fresh.save(update_fields=["facts_on"])
    children = sum(group.enrolled for group in groups)
    record(fresh, "facility.enrolment", by=by, at=at, children=children, free=fresh.vacancies)
    return fresh
