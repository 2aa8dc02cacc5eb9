"""The lists of supervision as files: the rows of the screen, in its order, with its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from facilities.workflow import OperatingStatus
from inspections.filters import FindingFilter, InspectionFilter
from inspections.models import Finding, Inspection, InspectionPlan
from inspections.models.choices import OFFICE_READERS
from inspections.queries import findings as finding_queries
from inspections.queries import plans as plan_queries
from inspections.queries import visits as visit_queries
from inspections.rules import deadlines
from inspections.workflow import AHEAD
from portal.core import clock, exports
from portal.core.models import User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.sheets import Cell, Column

READERS = frozenset((*OFFICE_READERS, Role.COMMUNITY))


def _visit_columns() -> list[Column]:
    return [
        Column("facility", _("机构名称"), width=28),
        Column("number", _("检查编号")),
        Column("kind", _("检查类型"), width=12),
        Column("is_urgent", _("紧急"), width=8),
        Column("state", _("状态"), width=10),
        Column("day", _("检查日期"), "date", width=12),
        Column("due_on", _("期限"), "date", width=12),
        Column("team", _("检查人员"), width=24),
        Column("result", _("检查结果"), width=14),
    ]


def _visit_cells(visit: Any) -> Sequence[Cell]:
    """The last day only while the visit is ahead, as on the screen."""
    is_ahead = visit.state in AHEAD
    return (
        visit.facility.name,
        visit.number,
        visit.get_kind_display(),
        _("是") if visit.is_urgent else _("否"),
        visit.get_state_display(),
        visit.planned_on if is_ahead else visit.completed_on or visit.planned_on,
        visit.due_on if is_ahead else None,
        "、".join(str(member.user) for member in visit.team),
        visit.get_result_display() or None,
    )


def _visit_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Inspection]:
    found = exports.understood(InspectionFilter(query, visit_queries.visits_for(user), at=at))
    rows: QuerySet[Inspection] = found.qs
    return rows.order_by(*found.order)


def _finding_columns() -> list[Column]:
    return [
        Column("text", _("问题"), width=40),
        Column("number", _("问题编号")),
        Column("facility", _("机构名称"), width=28),
        Column("severity", _("严重程度"), width=10),
        Column("state", _("状态"), width=10),
        Column("is_repeat", _("重复问题"), width=10),
        Column("due_on", _("整改期限"), "date", width=12),
    ]


def _finding_cells(finding: Any) -> Sequence[Cell]:
    """The text whole: the screen cuts it for its width, and the same people read it on its page."""
    return (
        finding.text,
        finding.number,
        finding.facility.name,
        finding.get_severity_display(),
        finding.get_state_display(),
        _("是") if finding.repeat_of_id else _("否"),
        finding.due_on,
    )


def _finding_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Finding]:
    found = exports.understood(FindingFilter(query, finding_queries.findings_for(user), at=at))
    rows: QuerySet[Finding] = found.qs
    return rows.order_by(*found.order)


def _plan_columns() -> list[Column]:
    return [
        Column("name", _("计划"), width=28),
        Column("number", _("编号")),
        Column("kind", _("检查类型"), width=12),
        Column("state", _("状态"), width=10),
        Column("starts_on", _("开始日期"), "date", width=12),
        Column("ends_on", _("结束日期"), "date", width=12),
        Column("carried_out", _("已完成"), "number", width=8),
        Column("total", _("共"), "number", width=8),
    ]


def _plan_cells(plan: Any) -> Sequence[Cell]:
    """The progress as two numbers: a spreadsheet would take 3/10 for a day in March."""
    return (
        plan.name,
        plan.number,
        plan.get_kind_display(),
        plan.get_state_display(),
        plan.starts_on,
        plan.ends_on,
        plan.carried_out,
        plan.total,
    )


def _plan_rows(user: User, _query: QueryDict, _at: dt.datetime) -> QuerySet[InspectionPlan]:
    return plan_queries.plans_for(user).order_by("-starts_on", "-id")


def _unvisited_columns() -> list[Column]:
    return [
        Column("name", _("机构名称"), width=28),
        Column("community", _("社区（村）")),
        Column("last_visit_on", _("上次走访"), "date", width=12),
        Column("next", _("下一次"), width=20),
    ]


def next_visit(facility: Any) -> str:
    """Whether somebody has arranged a visit, and whether the place pauses."""
    planned = _("已安排") if facility.is_planned else _("还没有安排")
    if facility.operating == OperatingStatus.SUSPENDED:
        return f"{planned}（{facility.get_operating_display()}）"
    return planned


def _unvisited_cells(facility: Any) -> Sequence[Cell]:
    return (
        facility.name,
        facility.community.name,
        facility.last_visit_on,
        next_visit(facility),
    )


def _unvisited_rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Facility]:
    day = clock.day_of(at)
    since = deadlines.not_visited_before(day, in_force(day))
    found = visit_queries.not_visited_since(since, user)
    kinds = (visit_queries.NEVER, visit_queries.UNPLANNED)
    return visit_queries.only_so(found, exports.known(query, "only", _("种类"), kinds))


INSPECTIONS = exports.register(
    exports.Export(
        name="inspections",
        title=gettext_lazy("巡查检查"),
        roles=READERS,
        columns=_visit_columns,
        rows=_visit_rows,
        cells=_visit_cells,
        route="desk:inspections",
    )
)
FINDINGS = exports.register(
    exports.Export(
        name="findings",
        title=gettext_lazy("问题整改"),
        roles=READERS,
        columns=_finding_columns,
        rows=_finding_rows,
        cells=_finding_cells,
        route="desk:findings",
    )
)
PLANS = exports.register(
    exports.Export(
        name="plans",
        title=gettext_lazy("检查计划"),
        roles=frozenset(OFFICE_READERS),
        columns=_plan_columns,
        rows=_plan_rows,
        cells=_plan_cells,
        route="desk:plans",
    )
)
NOT_VISITED = exports.register(
    exports.Export(
        name="not_visited",
        title=gettext_lazy("久未走访的机构"),
        roles=READERS,
        columns=_unvisited_columns,
        rows=_unvisited_rows,
        cells=_unvisited_cells,
        route="desk:not_visited",
    )
)
