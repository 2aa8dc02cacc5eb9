"""The list of the publication gate as a file: what waits, what is public, what was taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import clock, exports
from portal.core.models import Publication, PublicationStatus, User
from portal.core.publication_forms import PublicationFilter
from portal.core.roles import Role
from portal.core.sheets import Cell, Column

STATES = frozenset({"all", *PublicationStatus.values})


def _columns() -> list[Column]:
    return [
        Column("title", _("标题"), width=40),
        Column("kind", _("种类"), width=16),
        Column("version", _("版次"), "number", width=8),
        Column("state", _("状态"), width=10),
        Column("proposed_by", _("提请"), width=20),
        Column("proposed_on", _("提请日期"), "date", width=12),
        Column("published_on", _("公示日期"), "date", width=12),
    ]


def _cells(publication: Any) -> Sequence[Cell]:
    return (
        publication.title,
        str(publication.kind_label),
        publication.version,
        publication.get_state_display(),
        publication.proposed_by.signature_label,
        clock.day_of(publication.proposed_at),
        publication.published_on,
    )


def _rows(user: User, query: QueryDict, _at: dt.datetime) -> QuerySet[Publication]:
    exports.known(query, "state", _("状态"), STATES)
    chosen = exports.understood(PublicationFilter(query))
    return chosen.narrow(Publication.objects.visible_to(user))


DISCLOSURE = exports.register(
    exports.Export(
        name="disclosure",
        title=gettext_lazy("公示管理"),
        roles=frozenset((Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)),
        columns=_columns,
        rows=_rows,
        cells=_cells,
        route="desk:disclosure",
    )
)
