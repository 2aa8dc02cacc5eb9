"""Whether a facility stands in the register: after it has left, nothing of it changes any more."""

from __future__ import annotations

from facilities.models import Facility
from facilities.workflow import RegistrationStatus
from portal.core.workflow import lock


class NotInRegister(Exception):
    """The facility has been closed meanwhile: nothing about it changes any more."""


def refuse_unless_registered(facility: Facility) -> None:
    """Lock the facility until the act is over; raises NotInRegister."""
    fresh: Facility = lock(facility)
    if fresh.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(fresh.code)
