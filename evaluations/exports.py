"""The list of rounds as a file: the rows of the screen, in its order, with its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import EvaluationRound
from evaluations.models.choices import OFFICE_READERS
from evaluations.queries import results
from evaluations.workflow import RoundStatus
from portal.core import exports
from portal.core.models import User
from portal.core.roles import Role
from portal.core.sheets import Cell, Column

STATES = frozenset({"open", *RoundStatus.values})


def _columns() -> list[Column]:
    return [
        Column("title", _("名称"), width=28),
        Column("number", _("编号"), width=18),
        Column("kind", _("种类"), width=12),
        Column("state", _("状态"), width=12),
        Column("facility_count", _("机构"), "number", width=8),
        Column("sheet_count", _("评分表"), "number", width=8),
        Column("waiting", _("待交的评分表"), "number", width=14),
    ]


def _cells(made: Any) -> Sequence[Cell]:
    return (
        made.title,
        made.number,
        made.get_kind_display(),
        made.get_state_display(),
        made.facility_count,
        made.sheet_count,
        made.waiting,
    )


def _rows(user: User, query: QueryDict, _at: dt.datetime) -> QuerySet[EvaluationRound]:
    state = exports.known(query, "state", _("状态"), STATES)
    return results.rounds_in(results.rounds_for(user), state)


EVALUATIONS = exports.register(
    exports.Export(
        name="evaluations",
        title=gettext_lazy("质量评估"),
        roles=frozenset((*OFFICE_READERS, Role.COMMUNITY)),
        columns=_columns,
        rows=_rows,
        cells=_cells,
        route="desk:evaluations",
    )
)
