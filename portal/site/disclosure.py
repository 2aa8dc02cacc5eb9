"""How residents read a facility: two lines that are never mixed (D2), free places, age of facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from facilities.badges import STATUTORY
from facilities.models import Certificate, ClassGroup, Facility
from facilities.models.choices import ClassType, FacilityType, ServiceForm
from facilities.workflow import StatutoryFilingStatus as Status
from portal.core.badges import Badge
from portal.core.queries import in_force
from portal.core.regulation import Regulation

_SENTENCES: dict[str, Any] = {
    Status.FILED: _("已在卫健部门备案，已在街道登记。"),
    Status.CHANGED: _("已在卫健部门备案，备案信息有过变更；已在街道登记。"),
    Status.SUBMITTED: _("已向卫健部门提交备案，还没有结果；已在街道登记。"),
    Status.NONE: _("还没有在卫健部门备案，已在街道登记。"),
    Status.NONCONFORMING: _("卫健部门已告知不符合备案要求；已在街道登记。"),
    Status.CANCELLED: _("在卫健部门的备案已注销；已在街道登记。"),
    Status.UNKNOWN: _("在卫健部门的备案情况正在核实；已在街道登记。"),
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
    services: tuple[str, ...]
    ages: str
    hours: str
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
    fresh_since = _fresh_since(today)
    return [_card(facility, fresh_since) for facility in facilities]


def is_stale(updated_on: dt.date, today: dt.date) -> bool:
    """Whether facts of that day are older than the office's own rule lets pass in silence."""
    return updated_on < _fresh_since(today)


def _fresh_since(today: dt.date) -> dt.date:
    return today - dt.timedelta(days=in_force(today).integer("disclosure.stale_after_days"))


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
        services=tuple(str(form.label) for form in ServiceForm if form in facility.service_forms),
        ages=_ages(facility),
        hours=_hours(facility),
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


def _ages(facility: Facility) -> str:
    """6–36 个月, or nothing while the facility has not said."""
    if facility.age_from is None or facility.age_to is None:
        return ""
    return gettext("%(low)s–%(high)s 个月") % {"low": facility.age_from, "high": facility.age_to}


def _hours(facility: Facility) -> str:
    """7:30–18:00, or nothing while the facility has not said."""
    if facility.opens_at is None or facility.closes_at is None:
        return ""
    return f"{clock_time(facility.opens_at)}–{clock_time(facility.closes_at)}"


def clock_time(value: dt.time) -> str:
    """7:30, without a leading zero."""
    return f"{value.hour}:{value.minute:02d}"


def class_rules(card: Card, law: Regulation) -> list[str]:
    """What the setting standard says of the kinds of class this facility has, in words."""
    if card.facility.facility_type == FacilityType.FAMILY:
        most = law.integer("setting.family_children_max")
        return [gettext("家庭托育点：最多收托 %(most)s 名孩子。") % {"most": most}]
    kinds = dict.fromkeys(ClassType(group.class_type) for group in card.classes)
    return [_class_rule(kind, law) for kind in kinds]


def _class_rule(kind: ClassType, law: Regulation) -> str:
    months: Any = law.value("setting.class_age_months", kind)
    words = gettext("%(kind)s：%(low)s–%(high)s 个月的孩子，每班不超过 %(most)s 人。")
    most = law.integer("setting.class_capacity", kind)
    return words % {"kind": kind.label, "low": months["from"], "high": months["to"], "most": most}


def certificate_lines(
    papers: Iterable[Certificate], law: Regulation, today: dt.date
) -> list[dict[str, Any]]:
    """The papers handed in: what it is and until when; never a number or a name."""
    lines = []
    for paper in papers:
        key = f"materials.{paper.material}"
        if key in law:
            ends = paper.valid_until
            is_over = bool(ends and ends < today)
            lines.append({"name": law.text(key, "name"), "until": ends, "is_over": is_over})
    return lines
