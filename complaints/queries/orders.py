"""The shape of a list of work orders of 12345, and what its rows are held against."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import translation

from complaints.models import Category, Complaint, OrderList
from complaints.rules import orders as rules
from complaints.rules.orders import Checked, Ground
from facilities.models import Facility
from facilities.rules.national import community_key
from facilities.workflow import RegistrationStatus
from portal.core.models import Community
from portal.core.queries import in_force
from portal.core.sheets import Column, Row, Table


def categories() -> dict[str, str]:
    """The Chinese words of a cell and the category each stands for; the short mark counts too."""
    with translation.override("zh-hans"):
        words = {str(label): str(value) for value, label in Category.choices}
    return words | {str(value): str(value) for value in Category}


def columns() -> list[Column]:
    """The columns of the list; the usual titles of the platform's own tables are known as well."""
    offer = tuple(word for word, value in categories().items() if word != value)
    return [
        Column("order", "工单号", required=True, width=24, also=("工单编号", "受理编号"),
               note="12345 平台的编号；已经登记过的不会再登记"),
        Column("due", "要求办结日期", width=16, also=("办理时限", "办结时限", "截止时间"),
               note="例如 2026-12-03；不写的按本街道的期限办"),
        Column("category", "反映什么", required=True, width=28, choices=offer, also=("类别",),
               note="从下拉列表中选；虐待、走失等选第一类，登记后马上报警"),
        Column("facility", "机构代码", width=22, also=("统一社会信用代码", "登记号"),
               note="统一社会信用代码或街道登记号；不在名单内的不填"),
        Column("place", "不在名单内的名称和地址", width=30, also=("被反映单位", "被投诉单位")),
        Column("community", "社区（村）", note="写社区（村）的名称，例如 龙泉社区"),
        Column("happened", "经过", required=True, width=48, also=("诉求内容", "反映内容"),
               note="照工单写；不要写孩子的姓名"),
        Column("when", "什么时候", also=("发生时间",)),
        Column("wish", "希望怎样解决", width=28, also=("诉求目的",)),
        Column("name", "称呼或姓名", also=("诉求人", "来电人"), note="不愿意留的不填"),
        Column("phone", "电话", also=("联系电话", "来电号码")),
        Column("times", "方便联系的时间"),
    ]  # fmt: skip


def ground(rows: Sequence[Row], today: dt.date) -> Ground:
    """What stands in the register and among the cases of what these rows name; three queries."""
    law = in_force(today)
    orders = {rules.order_of(row.values) for row in rows} - {""}
    known = Complaint.objects.filter(external_number__in=orders)
    communities = Community.objects.values_list("name", "slug")
    return Ground(
        known=frozenset(known.values_list("external_number", flat=True)),
        facilities=_facilities(rows),
        communities={community_key(name): slug for name, slug in communities},
        categories=categories(),
        least=law.integer("complaints.text_characters", "least"),
        most=law.integer("complaints.text_characters", "most"),
        today=today,
    )


def _facilities(rows: Sequence[Row]) -> dict[str, Facility]:
    """By register number and credit code; one that was merged is the one it went into.

    A closed one may have come again under its credit code: the one that stands wins.
    """
    codes = {rules.facility_key(str(row.values.get("facility") or "")) for row in rows} - {""}
    named = Facility.objects.filter(Q(code__in=codes) | Q(uscc__in=codes))
    found: dict[str, Facility] = {}
    for each in named.select_related("community", "merged_into__community").order_by("id"):
        found[each.code] = each.merged_into or each
        if each.registration != RegistrationStatus.CANCELLED:
            found[each.uscc] = each
    return found


def checked(table: Table, today: dt.date) -> Checked:
    """The rows of a list as cases and register stand now."""
    rows = [(row.number, row.values, row.problems) for row in table.rows]
    return rules.check_rows(rows, ground(table.rows, today))


def list_of(job: uuid.UUID) -> OrderList | None:
    """The sealed list of a job; None once it is gone."""
    found: OrderList | None = OrderList.objects.filter(job=job).first()
    return found


def communities_by_slug() -> dict[str, Any]:
    """The communities as the rows name them."""
    return {each.slug: each for each in Community.objects.all()}
