"""What the pre-check found about services, fees and safety, in plain sentences."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from facilities.models.choices import EmergencyPlan, ServiceForm


def readable(params: dict[str, Any]) -> dict[str, Any]:
    """Forms and plans by their names."""
    shown = dict(params)
    if "service_form" in params:
        shown["service_form"] = ServiceForm(str(params["service_form"])).label
    if isinstance(params.get("plans"), tuple):
        shown["plans"] = "、".join(str(EmergencyPlan(plan).label) for plan in params["plans"])
    return shown


def services_sentences() -> dict[str, str]:
    """The sentence for each finding about services and fees."""
    return {
        "age_above_limit": _(
            "托育服务面向 3 岁以下（%(limit)s 个月），您填了收到 %(age)s 个月，请核对"
        ),
        "kindergarten_age_below": _(
            "幼儿园托班一般招收 %(limit)s 个月以上的幼儿，您填了从 %(age)s 个月开始收，请核对"
        ),
        "age_below_classes": _(
            "现有班型最小从 %(limit)s 个月开始收，您填了从 %(age)s 个月开始收，请核对"
        ),
        "age_above_classes": _("现有班型最大收到 %(limit)s 个月，您填了收到 %(age)s 个月，请核对"),
        "fee_missing": _("开展%(service_form)s，还没有填它的收费"),
        "fee_not_offered": _("填了%(service_form)s的收费，但没有选%(service_form)s，请核对"),
        "meal_source_missing": _("“场所与托位”里填了供餐，请补填餐食从哪里来"),
    }


def safety_sentences() -> dict[str, str]:
    """The sentence for each finding about safety."""
    return {
        "retention_too_short": _("监控录像应保存不少于 %(limit)s 天，您填了 %(days)s 天，请核对"),
        "area_not_covered": _("还没有做到：%(label)s"),
        "not_all_day": _("还没有做到：%(label)s"),
        "camera_in_private_room": _("卫生间、更衣处等私密的地方不应装摄像头，请核对并拆除"),
        "too_few_guards": _("在岗保安应不少于 %(limit)s 人，您填了 %(guards)s 人，请核对"),
        "guards_not_certified": _("还有 %(missing)s 名保安没有《%(paper)s》"),
        "guard_company_missing": _("请填写派驻保安的公司，它应持有《%(paper)s》"),
        "fire_manager_missing": _("还没有指定消防安全管理人"),
        "fire_equipment_missing": _("还没有做到：%(label)s"),
        "plans_missing": _("还缺这些应急预案：%(plans)s"),
        "too_few_drills": _("最近 12 个月演练 %(drills)s 次，一般不少于 %(limit)s 次，请安排演练"),
        "drill_too_old": _(
            "最近一次演练在 %(day)s，早于 %(limit)s 天前，不算在最近 12 个月里，请核对"
        ),
        "drill_in_future": _("最近一次演练的日期（%(day)s）晚于今天，请核对"),
    }
