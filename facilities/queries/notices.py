"""What the public notices of the register say; the same before and after the decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation

from facilities.badges import STATUTORY as STATUTORY_WORDS
from facilities.models import Facility, Lead
from facilities.workflow import StatutoryFilingStatus
from portal.core.papers import content
from portal.core.papers.content import chinese_date

STREET_LINE = "街道已登记"
REGISTRATION_HINT = "街道登记不代替卫生健康部门的备案和依法应当取得的许可。"
UNREGISTERED_HINT = (
    "这里只说明街道登记的情况，不是对这个场所的评价。是否已向卫生健康部门备案，以卫生健康部门的答复为准。"
    "信息有误的，请与街道联系更正。"
)


def registration_notice(facility: Facility) -> list[dict[str, Any]]:
    """The two lines of a registration, never mixed (D2), with name, place, number and day."""
    rows = [
        ("机构名称", facility.name),
        ("社区（村）", facility.community.name),
        ("地址", facility.address),
        ("街道登记", STREET_LINE),
        ("街道登记号", facility.code),
        ("登记日期", chinese_date(day) if (day := facility.registered_on) else "—"),
        ("卫健部门备案", _mirror(facility)),
    ]
    return [content.facts(rows), content.paragraph(REGISTRATION_HINT)]


def _mirror(facility: Facility) -> str:
    mirror = getattr(facility, "statutory_filing", None)
    status = mirror.status if mirror else StatutoryFilingStatus.UNKNOWN
    with translation.override(settings.LANGUAGE_CODE):  # a notice is Chinese, whoever decides
        words = str(STATUTORY_WORDS[status].word)
    return " ".join(filter(None, [words, mirror.number if mirror else ""]))


def unregistered_notice(lead: Lead, on: dt.date) -> list[dict[str, Any]]:
    """A place that looks after children and is not in the street's register, as of `on`."""
    rows = [
        ("名称", lead.name),
        ("社区（村）", lead.community.name if lead.community else "—"),
        ("地址", lead.address or "—"),
        ("街道登记", "未登记"),
        ("截至", chinese_date(on)),
    ]
    return [content.facts(rows), content.paragraph(UNREGISTERED_HINT)]
