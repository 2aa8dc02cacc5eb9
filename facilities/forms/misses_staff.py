"""What the pre-check found about the people, in plain sentences."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from facilities.models.choices import StaffPost
from facilities.rules.staff import FOOD_SAFETY


def post_label(post: str) -> Any:
    """The name of a post; the food-safety duty is counted like one."""
    return _("食品安全管理人员") if post == FOOD_SAFETY else StaffPost(post).label


def staff_sentences() -> dict[str, str]:
    """The sentence for each finding; names are joined, posts said by their label."""
    return {
        "staff_carers_short": _(
            "按在托人数需要 %(needed)s 名保育人员，现有 %(present)s 名，还差 %(short)s 名"
        ),
        "staff_post_short": _("%(post)s需要 %(needed)s 名，现有 %(present)s 名，还差 %(short)s 名"),
        "staff_under_age": _("%(names)s不满 %(limit)s 周岁，请核对"),
        "staff_health_missing": _("%(names)s没有填健康证有效期"),
        "staff_health_expired": _("%(names)s的健康证已到期，请更换后更新日期"),
        "staff_letter_missing": _("%(names)s没有填查询告知函日期，入职前应向派出所查询"),
        "staff_letter_old": _("%(names)s的查询告知函已超过 %(months)s 个月，请重新查询"),
        "staff_experience_short": _("负责人%(names)s的相关工作年限不足 %(years)s 年，请核对"),
        "staff_qualification_missing": _("%(names)s没有填学历、专业或资格"),
        "staff_background_missing": _("%(names)s没有填相关工作年限，也没有填专业或资格，请补一项"),
        "staff_training_missing": _("%(names)s没有勾选岗位培训合格，请核对"),
        "staff_certificate_missing": _("%(names)s没有填资格证编号，这个岗位须持证上岗"),
    }
