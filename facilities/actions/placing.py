"""Where a facility's door is, told by the facility and shown at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from facilities.models import Facility
from facilities.workflow import RegistrationStatus
from portal.core.actors import Actor
from portal.core.workflow import action, lock, record

from .standing import NotInRegister


@action
def mark_place(
    facility: Facility, point: tuple[Decimal, Decimal] | None, *, by: Actor, at: dt.datetime
) -> Facility:
    """Keep latitude and longitude, or forget them. Raises NotInRegister for a closed facility."""
    fresh: Facility = lock(facility)
    if fresh.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(fresh.code)
    fresh.latitude, fresh.longitude = point or (None, None)
    fresh.save(update_fields=["latitude", "longitude"])
    record(fresh, "facility.place", by=by, at=at, is_marked=point is not None)
    return fresh
