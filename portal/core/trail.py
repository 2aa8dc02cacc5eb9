"""The trail as a file: what the auditor takes away is what the screen shows, and is noted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import exports
from .administration_forms import TrailFilter
from .models import AuditEvent, User
from .roles import Role
from .sheets import Cell, Column

# Exact times of complaints stand in it: the auditor alone (R10).
READERS = frozenset({Role.AUDITOR})


def _columns() -> list[Column]:
    return [
        Column("seq", _("行号"), "number", width=10),
        Column("at", _("时间"), width=20),
        Column("who", _("经办（日志代号）"), width=20),
        Column("role", _("角色"), width=20),
        Column("act", _("事项"), width=28),
        Column("noun", _("对象种类"), width=24),
        Column("key", _("对象编号"), width=38),
        Column("detail", _("细节"), width=50),
        Column("hash", _("校验值"), width=66),
    ]


def _rows(user: User, query: QueryDict, at: dt.datetime) -> QuerySet[AuditEvent]:
    chosen = exports.understood(TrailFilter(query))
    return chosen.narrow(AuditEvent.objects.all()).order_by("-seq")


def _cells(line: AuditEvent) -> Sequence[Cell]:
    when = localtime(line.at).strftime("%Y-%m-%d %H:%M:%S")
    detail = json.dumps(line.detail, ensure_ascii=False)
    return (line.seq, when, line.actor_label, line.actor_role, line.act, line.object_type,
            line.object_id, detail, bytes(line.hash).hex())  # fmt: skip


exports.register(
    exports.Export(
        "trail", gettext_lazy("操作日志"), READERS, _columns, _rows, _cells, route="desk:audit"
    )
)
