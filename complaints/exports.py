"""The office's list of cases as a file: the rows and columns of the screen, nothing that was told.

What people told, who they are and how to reach them is sealed in other columns and tables; no
cell here reads one of them (R10, sec:W17).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import queries
from complaints.filters import ComplaintFilter, Reader
from complaints.models import Complaint, ConfidentialTie
from complaints.queries import casework
from portal.core import exports
from portal.core.models import User
from portal.core.roles import Role
from portal.core.sheets import Cell, Column

# What is sealed or long, and in no cell: it does not leave the database for a list.
UNREAD = ("body", "evidence", "reply", "sketch", "sketch_bands", "search_grams", "summary")


def _columns() -> list[Column]:
    return [
        Column("title", _("投诉"), width=28),
        Column("category", _("类别"), width=16),
        Column("number", _("编号"), width=18),
        Column("facility", _("机构"), width=28),
        Column("severity", _("严重程度"), width=12),
        Column("state", _("状态"), width=10),
        Column("parent", _("并入"), width=18),
        Column("handler", _("承办人"), width=20),
        Column("due", _("期限"), "date", width=12),
        Column("pause", _("暂停原因"), width=24),
    ]


def _cells(case: Any) -> Sequence[Cell]:
    """A row as the list shows it: while the clock is stopped the reason, else the day."""
    category = case.get_category_display()
    return (
        case.title or category,
        category,
        case.number,
        case.facility.name if case.facility else None,
        case.get_lane_display() if case.is_red else case.get_severity_display(),
        case.get_state_display(),
        case.parent.number if case.parent else None,
        case.handler.signature_label if case.handler else None,
        None if case.pause_reason else casework.due_of(case),
        case.pause_reason,
    )


def _rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[Complaint]:
    exports.known(query, "lane", _("专线"), queries.lanes_of(user))  # no field for who has one
    seen = queries.office_cases(user)
    found = exports.understood(ComplaintFilter(query, seen, request=Reader(user), at=at))
    rows: QuerySet[Complaint] = found.qs
    return rows.order_by(*found.order).defer(*UNREAD, *(f"parent__{name}" for name in UNREAD))


def _ties(user: User) -> QuerySet[ConfidentialTie, Any]:
    """What keeps the person away from cases of his own lane (sec:C9)."""
    return user.confidential_ties.filter(ended_on=None).values_list("pk", flat=True)


COMPLAINTS = exports.register(
    exports.Export(
        name="complaints",
        title=gettext_lazy("投诉举报"),
        roles=frozenset((Role.HANDLER, Role.RED_LANE, Role.APPROVER, Role.AUDITOR)),
        columns=_columns,
        rows=_rows,
        cells=_cells,
        route="desk:complaints",
        kept_from=_ties,
    )
)
