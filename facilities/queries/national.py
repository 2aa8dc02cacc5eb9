"""The shape of the national register's list (domain.md §1.4), and the register held against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from facilities.models import Facility
from facilities.models.choices import FacilityType, LegalForm, ServiceForm, Tenure
from facilities.rules import national
from facilities.rules.national import Ground, ListComparison, Listed
from facilities.workflow import RegistrationStatus, StatutoryFilingStatus
from portal.core.models import Community, User
from portal.core.sheets import Column, Row

# The national register's own words beside ours.
ALSO: Mapping[str, Mapping[str, str]] = {
    "legal_form": {
        "营利性": LegalForm.FOR_PROFIT,
        "企业": LegalForm.FOR_PROFIT,
        "非营利性": LegalForm.SOCIAL_SERVICE,
        "社会服务机构": LegalForm.SOCIAL_SERVICE,
        "民办非企业单位": LegalForm.SOCIAL_SERVICE,
    },
    "facility_type": {"托育机构": FacilityType.INDEPENDENT, "家庭托育": FacilityType.FAMILY},
    "status": {"备案通过": StatutoryFilingStatus.FILED},
    "tenure": {"租借": Tenure.LEASED, "自有产权": Tenure.OWNED},
}
CHOICES: Mapping[str, Any] = {
    "legal_form": LegalForm,
    "facility_type": FacilityType,
    "service_forms": ServiceForm,
    "tenure": Tenure,
    "status": StatutoryFilingStatus,
}


def words() -> dict[str, dict[str, str]]:
    """By column, the Chinese words a cell may hold and the value each stands for."""
    with translation.override("zh-hans"):
        ours = {
            column: {str(label): str(value) for value, label in choices.choices}
            for column, choices in CHOICES.items()
        }
    return {column: {**found, **ALSO.get(column, {})} for column, found in ours.items()}


def columns(*, strict: bool = True) -> list[Column]:
    """The columns of the list; with `strict` those an import cannot do without are required."""
    offer = {column: tuple(found) for column, found in words().items()}
    return [
        Column("name", "机构名称", required=True, width=28, also=("机构注册登记名称",)),
        Column("uscc", "统一社会信用代码", required=strict, width=22, also=("社会信用代码",)),
        Column("community", "所属社区", required=strict, also=("所属区域", "社区（村）"),
               note="写社区（村）的名称，例如 龙泉社区"),
        Column("address", "机构地址", required=strict, width=30, also=("机构住所", "地址")),
        Column("facility_type", "机构分类", choices=offer["facility_type"]),
        Column("legal_form", "机构性质", choices=offer["legal_form"]),
        Column("registration_authority", "机构登记部门", width=20, also=("登记机关",)),
        Column("established_on", "机构成立时间", "date", also=("成立日期",)),
        Column("legal_representative", "法人姓名", also=("法定代表人",)),
        Column("manager", "机构负责人"),
        Column("phone", "机构电话", note="会在登记后公开的电话"),
        Column("status", "机构备案情况", choices=offer["status"], also=("卫健备案",)),
        Column("number", "备案编号", width=20),
        Column("filed_on", "备案通过时间", "date", also=("备案日期",)),
        Column("service_forms", "服务形式", note="可写几种，用顿号隔开"),
        Column("building_area", "机构建筑总面积", "number", note="平方米"),
        Column("indoor_area", "婴幼儿生活用房面积", "number", note="平方米"),
        Column("outdoor_area", "自有户外活动场地面积", "number", note="平方米"),
        Column("floors", "婴幼儿生活用房所在楼层", note="例如 1 或 1-2"),
        Column("tenure", "场所性质", choices=offer["tenure"]),
        Column("places", "托位总数", "number"),
        Column("vacancies", "托位剩余数", "number"),
        Column("monthly_fee", "全日托保育费", "number", note="每月，元"),
    ]  # fmt: skip


def ground(today: dt.date) -> Ground:
    """The register, the communities and the words of `today`, in two queries.

    A credit code that stands only in a cancelled record may come again.
    """
    standing = Facility.objects.exclude(registration=RegistrationStatus.CANCELLED).order_by()
    register = dict(standing.values_list("uscc", "name"))
    communities = {
        national.community_key(name): slug
        for name, slug in Community.objects.values_list("name", "slug")
    }
    return Ground(register, communities, words(), today)


def comparison(rows: Sequence[Row], user: User) -> ListComparison:
    """The register within this person's reach against the rows of an uploaded list.

    `missing_here` stand in their list and not in ours, `missing_there` the other way round;
    `different` names the fields. Merged and cancelled records of ours are left out. Two queries.
    """
    ours = (
        Facility.objects.visible_to(user)
        .filter(merged_into=None)
        .exclude(registration=RegistrationStatus.CANCELLED)
        .select_related("community", "statutory_filing")
        .order_by("sort_key", "code")
    )
    return national.compare_lists([_ours(each) for each in ours], [_theirs(row) for row in rows])


def rows_of_leads(listed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a stored comparison that are missing here, as hints are made from; one query."""
    slugs = {
        national.community_key(name): slug
        for name, slug in Community.objects.values_list("name", "slug")
    }
    return [
        {
            "name": one["name"],
            "uscc": one["uscc"],
            "address": one["values"].get("address", ""),
            "community": slugs.get(national.community_key(one["values"].get("community", ""))),
        }
        for one in listed
    ]


def _ours(facility: Facility) -> Listed:
    mirror = getattr(facility, "statutory_filing", None)
    values = {
        "name": facility.name,
        "address": facility.address,
        "legal_representative": facility.legal_representative,
        "status": str(mirror.get_status_display()) if mirror else "",
        "number": mirror.number if mirror else "",
        "filed_on": _iso(mirror.filed_on) if mirror else "",
        "community": facility.community.name,
    }
    return Listed(facility.code, facility.name, facility.uscc, values)


def _theirs(row: Row) -> Listed:
    values = {name: _iso(value) for name, value in row.values.items()}
    if word := values.get("status"):
        with translation.override("zh-hans"):
            known = words()["status"].get(word)
            values["status"] = str(StatutoryFilingStatus(known).label) if known else word
    code = national.code_of(row.values)
    return Listed(str(row.number), str(row.values.get("name") or _("没有名称")), code, values)


def _iso(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)
