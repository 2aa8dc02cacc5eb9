"""The facilities' own monthly checks."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db.models import Exists, OuterRef, QuerySet

from facilities.models import Facility
from inspections.models import RiskFact, SelfCheck
from inspections.rules.deadlines import add_months
from inspections.workflow import SelfCheckStatus
from portal.core.models import User

from .visits import supervised


def checks_for(user: User) -> QuerySet[SelfCheck]:
    """The checks within reach, the newest first."""
    return SelfCheck.objects.visible_to(user).select_related("facility", "checklist__checklist")


def without_check(month: dt.date) -> QuerySet[Facility]:
    """Facilities that stood in the register all month and handed nothing in for it."""
    handed_in = SelfCheck.objects.filter(
        facility=OuterRef("pk"), month=month, state=SelfCheckStatus.SUBMITTED
    )
    return supervised().filter(~Exists(handed_in), registered_on__lt=month)


def month_before(day: dt.date) -> dt.date:
    """The first day of the month before."""
    return add_months(day.replace(day=1), -1)


def was_counted(once: str) -> bool:
    """Whether a missed month was told already."""
    return RiskFact.objects.filter(once=hashlib.sha256(once.encode()).hexdigest()).exists()
