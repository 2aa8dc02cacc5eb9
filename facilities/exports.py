"""The lists of the register as files: the rows of the screen, in its order, with its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.actions import comparing, importing
from facilities.filters import ExpiryFilter, FacilityFilter, FilingFilter, LeadFilter
from facilities.models import Facility, Filing, Lead
from facilities.models.choices import ServiceForm
from facilities.models.facility import OFFICE_READERS
from facilities.models.filing import FILING_READERS
from facilities.models.leads import LEAD_READERS
from facilities.queries import desk as desk_queries
from facilities.queries import leads as lead_queries
from facilities.queries import name_of, national
from portal.core import clock, exports, jobs
from portal.core.models import User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.sheets import Cell, Column

jobs.runs(importing.IMPORT)(importing.run_import)
jobs.runs(importing.COMPARE)(comparing.run_comparison)


def _facility_columns() -> list[Column]:
    return [
        Column("name", _("机构名称"), width=28),
        Column("code", _("登记号"), width=12),
        Column("uscc", _("统一社会信用代码"), width=22),
        Column("community", _("社区（村）")),
        Column("address", _("地址"), width=30),
        Column("facility_type", _("机构类型")),
        Column("legal_form", _("机构性质")),
        Column("registration", _("街道登记"), width=12),
        Column("registered_on", _("登记日期"), "date", width=12),
        Column("operating", _("运营状态"), width=10),
        Column("statutory", _("卫健备案"), width=12),
        Column("statutory_number", _("备案编号")),
        Column("statutory_on", _("备案日期"), "date", width=12),
        Column("places", _("托位"), "number", width=8),
        Column("vacancies", _("空余托位"), "number", width=8),
        Column("affordable", _("普惠"), width=8),
        Column("phone", _("公开电话")),
        Column("expires", _("最早到期的证照"), "date", width=14),
    ]


def _facility_cells(facility: Any) -> Sequence[Cell]:
    mirror = getattr(facility, "statutory_filing", None)
    return (
        facility.name,
        facility.code,
        facility.uscc,
        facility.community.name,
        facility.address,
        facility.get_facility_type_display(),
        facility.get_legal_form_display(),
        facility.get_registration_display(),
        facility.registered_on,
        facility.get_operating_display(),
        mirror.get_status_display() if mirror else None,
        mirror.number if mirror else None,
        mirror.filed_on if mirror else None,
        facility.places,
        facility.vacancies,
        _("是") if facility.is_affordable else _("否"),
        facility.public_phone,
        facility.expires,
    )


def _facility_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Facility]:
    found = exports.understood(FacilityFilter(query, desk_queries.facility_files(user), at=at))
    rows: QuerySet[Facility] = found.qs
    return rows


def _filing_columns() -> list[Column]:
    return [
        Column("facility_name", _("机构名称"), width=28),
        Column("number", _("编号")),
        Column("uscc", _("统一社会信用代码"), width=22),
        Column("kind", _("报送种类"), width=12),
        Column("community", _("社区（村）")),
        Column("state", _("状态"), width=10),
        Column("submitted_at", _("提交时间"), "date", width=18),
        Column("answer_due", _("答复期限"), "date", width=12),
        Column("handler", _("经办人"), width=20),
    ]


def _filing_cells(filing: Any) -> Sequence[Cell]:
    return (
        filing.facility_name,
        filing.number,
        filing.uscc,
        filing.get_kind_display(),
        filing.community.name if filing.community else None,
        filing.get_state_display(),
        localtime(filing.submitted_at),
        filing.answer_due,
        filing.handler.signature_label if filing.handler else None,
    )


def _filing_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Filing]:
    found = exports.understood(FilingFilter(query, desk_queries.sent_filings(user), at=at))
    rows: QuerySet[Filing] = found.qs
    return rows.order_by(*found.order)


def _lead_columns() -> list[Column]:
    return [
        Column("name", _("名称"), width=28),
        Column("number", _("编号")),
        Column("community", _("社区（村）")),
        Column("source", _("来源"), width=14),
        Column("state", _("状态"), width=10),
        Column("due_on", _("办理期限"), "date", width=12),
    ]


def _lead_cells(lead: Any) -> Sequence[Cell]:
    return (
        lead.name,
        lead.number,
        lead.community.name if lead.community else None,
        lead.get_source_display(),
        lead.get_state_display(),
        lead.due_on,
    )


def _lead_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Lead]:
    found = exports.understood(LeadFilter(query, lead_queries.leads_for(user), at=at))
    rows: QuerySet[Lead] = found.qs
    return rows.order_by(*found.order)


def _expiry_columns() -> list[Column]:
    return [
        Column("facility_name", _("机构名称"), width=28),
        Column("thing", _("到期的是"), width=24),
        Column("community", _("社区（村）")),
        Column("until", _("有效期至"), "date", width=12),
    ]


def _expiry_cells(row: Any, *, at: dt.datetime) -> Sequence[Cell]:
    """One paper, without the name of who holds it, as on the screen.

    The days that are left are not written: they would be wrong on the next day.
    """
    law = in_force(clock.day_of(at))
    thing = name_of(row["source_key"], row["what"], law)
    return (row["facility_name"], thing, row["facility_community"], row["until"])


def _expiry_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Any]:
    mine = Facility.objects.visible_to(user).public()
    found = exports.understood(ExpiryFilter(query, mine, at=at))
    return found.ending(in_force(clock.day_of(at)))


def _expiry_month(query: QueryDict, at: dt.datetime) -> QueryDict:
    """Without a choice the page shows the present month: a job may run in the next one."""
    if query.get("month") or query.get("state"):
        return query
    settled = query.copy()
    settled["month"] = f"{clock.day_of(at):%Y-%m}"
    return settled


def _national_cells(facility: Any) -> Sequence[Cell]:
    """A row in the order of the national register's form; forms of service by their names."""
    mirror = getattr(facility, "statutory_filing", None)
    low, high = facility.floor_lowest, facility.floor_highest
    forms = dict(ServiceForm.choices)
    own: dict[str, Cell] = {
        "community": facility.community.name,
        "facility_type": facility.get_facility_type_display(),
        "legal_form": facility.get_legal_form_display(),
        "tenure": facility.get_tenure_display(),
        "phone": facility.public_phone,
        "status": mirror.get_status_display() if mirror else None,
        "number": mirror.number if mirror else None,
        "filed_on": mirror.filed_on if mirror else None,
        "service_forms": "、".join(str(forms[each]) for each in facility.service_forms),
        "floors": None if low is None else (str(low) if low == high else f"{low}-{high}"),
        "monthly_fee": facility.monthly_fee_from,
    }
    return [
        own[column.name] if column.name in own else getattr(facility, column.name)
        for column in national.columns()
    ]


NATIONAL = exports.register(
    exports.Export(
        name="national",
        title=gettext_lazy("全国系统格式名单"),
        roles=frozenset((Role.CLERK,)),
        columns=national.columns,
        rows=_facility_rows,
        cells=_national_cells,
        route="desk:facilities",
    )
)
FACILITIES = exports.register(
    exports.Export(
        name="facilities",
        title=gettext_lazy("机构档案"),
        roles=frozenset((*OFFICE_READERS, Role.COMMUNITY)),
        columns=_facility_columns,
        rows=_facility_rows,
        cells=_facility_cells,
        route="desk:facilities",
    )
)
FILINGS = exports.register(
    exports.Export(
        name="filings",
        title=gettext_lazy("登记报送"),
        roles=frozenset((*FILING_READERS, Role.COMMUNITY)),
        columns=_filing_columns,
        rows=_filing_rows,
        cells=_filing_cells,
        route="desk:filings",
    )
)
LEADS = exports.register(
    exports.Export(
        name="leads",
        title=gettext_lazy("未登记线索"),
        roles=frozenset((*LEAD_READERS, Role.COMMUNITY)),
        columns=_lead_columns,
        rows=_lead_rows,
        cells=_lead_cells,
        route="desk:leads",
    )
)
EXPIRIES = exports.register(
    exports.Export(
        name="expiries",
        title=gettext_lazy("到期日历"),
        roles=frozenset((*OFFICE_READERS, Role.COMMUNITY)),
        columns=_expiry_columns,
        rows=_expiry_rows,
        cells=_expiry_cells,
        route="desk:expiries",
        is_dated=True,
        settled=_expiry_month,
    )
)
