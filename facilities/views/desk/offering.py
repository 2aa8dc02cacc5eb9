"""What a facility offers and how it is kept safe: a tab of its file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from facilities.models import Facility, SafetyProfile
from facilities.models.choices import EmergencyPlan, ServiceForm
from portal.core.pages import Request
from portal.core.templatetags.portal import cn_date

Facts = list[tuple[Any, Any]]


def offering_tab(_request: Request, facility: Facility) -> dict[str, Any]:
    """Services, prices and safety as last reported."""
    profile = SafetyProfile.objects.filter(facility=facility).first()
    return {
        "offered": _services(facility) if facility.service_forms else [],
        "fees": list(facility.fees.all()),
        "safety": _safety(profile) if profile else [],
        "safety_on": profile.updated_on if profile else None,
    }


def _services(facility: Facility) -> Facts:
    ages = {"low": facility.age_from, "high": facility.age_to}
    return [
        (_("服务形式"), "、".join(str(ServiceForm(form).label) for form in facility.service_forms)),
        (_("收托月龄"), _("%(low)s 至 %(high)s 个月") % ages),
        (_("开放日"), facility.open_days),
        (_("开放时间"), _hours(facility)),
        (_("餐食"), facility.get_meal_source_display()),
        (_("无障碍出入口"), _yes_no(facility.is_accessible)),
        (_("退费办法"), facility.refund_rule),
        (_("机构介绍"), facility.introduction),
    ]


def _hours(facility: Facility) -> str:
    if facility.opens_at is None or facility.closes_at is None:
        return ""
    hours = f"{facility.opens_at:%H:%M}—{facility.closes_at:%H:%M}"
    if facility.extended_until:
        hours += _("，可延时到 %(time)s") % {"time": f"{facility.extended_until:%H:%M}"}
    return hours


def _safety(profile: SafetyProfile) -> Facts:
    """Label and value of every question this facility was asked."""
    rows = []
    for field in SafetyProfile._meta.concrete_fields:
        if field.name in {"id", "facility", "updated_on"}:
            continue
        value = _written(profile, field.name)
        if value is not None:
            rows.append((field.verbose_name, value))
    return rows


def _written(profile: SafetyProfile, name: str) -> Any:
    value = getattr(profile, name)
    if isinstance(value, bool):
        return _yes_no(value)
    if name == "plans":
        return (
            None
            if profile.drills is None
            else "、".join(str(EmergencyPlan(plan).label) for plan in value)
        )
    if name == "fire_manager":
        return profile.get_fire_manager_display() or None
    if name == "last_drill_on":
        return cn_date(value) if value else None
    return value if value not in {None, ""} else None


def _yes_no(value: object) -> str:
    return _("是") if value else _("否")
