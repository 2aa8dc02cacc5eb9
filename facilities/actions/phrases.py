"""Keeping the reusable phrases, and the ones the portal comes with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from facilities.models import CannedText
from facilities.models.review import PhraseUse
from portal.core.actors import Actor
from portal.core.workflow import action, lock, one_at_a_time, record

U = PhraseUse
# Written on Chinese notices, so they are not translated. The name of each never changes: an office
# that rewrites or retires a phrase keeps its own version when the portal is brought up to date.
SHIPPED: tuple[tuple[str, PhraseUse, str], ...] = (
    ("unreadable", U.ANY, "照片或扫描件看不清，请重新上传"),
    ("stamp", U.ANY, "缺页或缺少盖章，请补全后上传"),
    ("mismatch", U.ANY, "填写的内容与材料不一致，请核对后修改"),
    ("fill", U.ANY, "请补充填写"),
    ("scope", U.REGISTRATION, "证照的业务（经营）范围没有写明托育服务，请先到登记机关变更"),
    ("name", U.REGISTRATION, "机构名称请与证照上的全称一致"),
    ("address", U.PREMISES, "地址请写到门牌号、楼层和房间号"),
    ("places", U.PREMISES, "班级托位数超过班型规定的人数，请核对后修改"),
    ("refund", U.SERVICES, "退费办法请写明不同时间退园各退多少"),
    ("qualified", U.STAFF, "保育人员的资格证明没有上传或已过期，请补充"),
    ("camera", U.SAFETY, "请写明监控覆盖的区域和录像保存天数"),
    ("expired", U.CERTIFICATES, "材料已过有效期，请上传在有效期内的材料"),
    ("other_paper", U.CERTIFICATES, "上传的不是这份材料，请重新上传"),
    ("not_met", U.DECLINE, "多次补正后仍不符合登记报送的要求"),
    ("elsewhere", U.DECLINE, "报送的场所不在本街道范围内"),
    ("no_childcare", U.DECLINE, "报送的机构不提供3岁以下婴幼儿照护服务"),
    ("check_again", U.HAND_BACK, "请再核对材料与填写的内容是否一致"),
    ("say_why", U.HAND_BACK, "请补充说明理由"),
    ("correct_first", U.HAND_BACK, "请先要求机构补正"),
    ("upheld", U.REPLY, "您反映的{机构}的问题，经核查属实，已要求改正。"),
    ("not_upheld", U.REPLY, "您反映的{机构}的问题，经核查与事实不符。"),
    ("handed_on", U.REPLY, "您反映的问题由其他部门管，已经转送，有结果会在这里告诉您。"),
    ("review", U.REPLY, "对结果不满意的，可以凭编号 {编号} 和查询码申请一次复核。"),
    ("in_court", U.REJECTION, "这件事已由法院或仲裁机构处理，请按它们的程序办理。"),
    ("not_ours", U.REJECTION, "这件事不归街道管，请向主管部门反映，也可以拨打 12345。"),
)


class PhraseExists(Exception):
    """The same words stand in the same list already."""


@action
def keep_phrase(
    phrase: CannedText | None, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> CannedText:
    """Write a new phrase or change one; `values`: text, section, is_own, order, is_active.

    Raises PhraseExists when the list has these words already.
    """
    one_at_a_time("phrases")
    kept = lock(phrase) if phrase else CannedText()
    kept.text, kept.section, kept.order = values["text"], values["section"], values["order"]
    kept.owner = by.somebody if values["is_own"] else None
    kept.is_active = values["is_active"]
    twins = CannedText.objects.filter(section=kept.section, text=kept.text, owner=kept.owner)
    if twins.exclude(pk=kept.pk).exists():
        raise PhraseExists(kept.section)
    kept.save()
    record(kept, "phrase.kept", by=by, at=at, section=kept.section, active=kept.is_active)
    return kept


def load_phrases() -> int:
    """What came with the portal and is not here yet; a phrase known by its name is left alone."""
    known = set(CannedText.objects.exclude(shipped="").values_list("shipped", flat=True))
    written = set(CannedText.objects.filter(owner=None).values_list("section", "text"))
    new = [
        CannedText(shipped=name, section=use, text=text, order=place * 10)
        for place, (name, use, text) in enumerate(SHIPPED, start=1)
        if name not in known and (use, text) not in written
    ]
    return len(CannedText.objects.bulk_create(new))
