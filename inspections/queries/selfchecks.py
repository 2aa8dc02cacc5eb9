"""The facilities' own monthly checks."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from facilities.models import Facility, OperatingPause
from facilities.workflow import PauseStatus
from inspections.models import RiskFact, SelfCheck
from inspections.models.choices import AnswerValue
from inspections.rules.deadlines import add_months
from inspections.rules.risk import fingerprint
from inspections.workflow import SelfCheckStatus
from portal.core.models import User

from .visits import supervised

BEGUN = (PauseStatus.RUNNING, PauseStatus.ENDED)


def handed_in(user: User) -> QuerySet[SelfCheck]:
    """The checks within reach that were handed in, with the number of failures."""
    found = SelfCheck.objects.visible_to(user).filter(state=SelfCheckStatus.SUBMITTED)
    failed = Count("answers", filter=Q(answers__value=AnswerValue.FAIL))
    rows = found.select_related("facility").annotate(failed=failed)
    return rows.order_by("-month", "facility__sort_key", "id")


def without_check(month: dt.date) -> QuerySet[Facility]:
    """Facilities that stood in the register all month and handed nothing in for it.

    A month in which a facility was paused is none: there was nobody to look after.
    """
    handed_in = SelfCheck.objects.filter(
        facility=OuterRef("pk"), month=month, state=SelfCheckStatus.SUBMITTED
    )
    after = add_months(month, 1)
    paused = OperatingPause.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=month),  # the day on which it ended it was open again
        facility=OuterRef("pk"), state__in=BEGUN, starts_on__lt=after,
    )  # fmt: skip
    return supervised().filter(~Exists(handed_in), ~Exists(paused), registered_on__lt=month)


def month_before(day: dt.date) -> dt.date:
    """The first day of the month before."""
    return add_months(day.replace(day=1), -1)


def missed(facility: Facility, month: dt.date) -> str:
    """What names a missed month of a facility, so that it counts once."""
    return f"selfcheck:{facility.pk}:{month}"


def was_counted(facility: Facility, month: dt.date) -> bool:
    """Whether a missed month was told already."""
    return RiskFact.objects.filter(once=fingerprint(missed(facility, month))).exists()


def uncounted(month: dt.date) -> list[Facility]:
    """Facilities without a check for a month that is over, unless that was told already."""
    found = list(without_check(month))
    prints = {fingerprint(missed(each, month)): each for each in found}
    told = set(RiskFact.objects.filter(once__in=prints).values_list("once", flat=True))
    return [each for key, each in prints.items() if key not in told]
