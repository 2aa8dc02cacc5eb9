"""How residents read a facility: two lines that are never mixed (D2), free places, age of facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from facilities.badges import STATUTORY
from facilities.models import ClassGroup, Facility
from facilities.models.choices import ClassType
from facilities.workflow import StatutoryFilingStatus as Status
from portal.core.badges import Badge
from portal.core.queries import in_force

_SENTENCES: dict[str, Any] = {
    Status.FILED: _("已在卫健部门备案"),
    Status.CHANGED: _("已在卫健部门备案，备案信息有过变更"),
    Status.SUBMITTED: _("已向卫健部门提交备案，还没有结果"),
    Status.NONE: _("还没有在卫健部门备案"),
    Status.NONCONFORMING: _("卫健部门已告知不符合备案要求"),
    Status.CANCELLED: _("在卫健部门的备案已注销"),
    Status.UNKNOWN: _("在卫健部门的备案情况正在核实"),
}
_AGES = {str(kind): age for age, kind in enumerate(ClassType)}  # the youngest first
STATUTORY_CHOICES = [(str(value), shown.word) for value, shown in STATUTORY.items()]


@dataclass(frozen=True, slots=True)
class Card:
    """What a card or the head of a facility's page shows."""

    facility: Facility
    mirror: Any
    statutory: Badge
    sentence: Any
    classes: tuple[ClassGroup, ...]
    groups: tuple[tuple[str, int], ...]
    capacity: int
    free: int
    updated_on: dt.date
    is_stale: bool


def statutory_badge(facility: Facility) -> Badge:
    """The health department's line of a facility; without a mirror nothing has been checked."""
    return STATUTORY[_status(facility)]


def _status(facility: Facility) -> str:
    mirror = getattr(facility, "statutory_filing", None)
    return str(mirror.status) if mirror else str(Status.UNKNOWN)


def cards(facilities: Iterable[Facility], today: dt.date) -> list[Card]:
    """The cards of these facilities, as old on `today` as the regulation counts."""
    limit = dt.timedelta(days=in_force(today).integer("disclosure.stale_after_days"))
    return [_card(facility, today - limit) for facility in facilities]


def _card(facility: Facility, fresh_since: dt.date) -> Card:
    classes = sorted(
        facility.classes.all(), key=lambda group: (_AGES[group.class_type], group.name)
    )
    updated_on = max((group.updated_on for group in classes), default=facility.facts_on)
    return Card(
        facility=facility,
        mirror=getattr(facility, "statutory_filing", None),
        statutory=statutory_badge(facility),
        sentence=_SENTENCES[_status(facility)],
        classes=tuple(classes),
        groups=_free_by_type(classes),
        capacity=sum(group.capacity for group in classes),
        free=sum(group.vacancies for group in classes),
        updated_on=updated_on,
        is_stale=updated_on < fresh_since,
    )


def _free_by_type(classes: list[ClassGroup]) -> tuple[tuple[str, int], ...]:
    """Free places by kind of class, youngest children first; kinds without any are left out."""
    free = dict.fromkeys(ClassType, 0)
    for group in classes:
        free[ClassType(group.class_type)] += group.vacancies
    return tuple((str(kind.label), count) for kind, count in free.items() if count)
