"""What the pages about people say: the ratio in words, a badge for every paper, the report."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import rules
from facilities.forms.misses_staff import post_label
from facilities.forms.staff_table import COLUMNS, Judged
from facilities.models.choices import ClassType
from portal.core.badges import Badge
from portal.core.regulation import Regulation
from portal.core.sheets import Table
from portal.core.templatetags.portal import cn_date

_LOOKS: Mapping[str, tuple[str, str, Any]] = {
    "valid": ("ok", "check-circle-fill", gettext_lazy("有效")),
    "expiring": ("warn", "exclamation-triangle-fill", gettext_lazy("%(n)s 天内到期")),
    "expired": ("danger", "x-octagon-fill", gettext_lazy("已过期")),
    "missing": ("warn", "dash-circle", gettext_lazy("缺")),
}


def state_badge(state: str, law: Regulation) -> Badge:
    """有效, 30天内到期, 已过期, 缺."""
    family, icon, word = _LOOKS[state]
    days = law.integer("staff.expiry_warning_days")
    return Badge(family, icon, str(word) % {"n": days} if state == "expiring" else word)


def paper_badge(end: dt.date | None, law: Regulation, *, present: bool) -> dict[str, Any]:
    """The badge of a paper, and until when it is good."""
    state = rules.paper_state(end, law, present=present)
    return {"badge": state_badge(state, law), "end": cn_date(end) if end else ""}


def needs(staffing: rules.Staffing) -> dict[str, Any]:
    """The panel: a line a class, the carers of all, and every post that lacks somebody."""
    carers = staffing.of("carer")
    return {
        "classes": [_class_line(row) for row in staffing.classes],
        "carers": carers,
        "is_met": not staffing.missing,
        "lines": [
            _("还差 %(n)s 名%(post)s") % {"n": need.short, "post": post_label(need.post)}
            for need in staffing.missing
        ],
    }


def _class_line(row: Any) -> dict[str, Any]:
    kind = dict(ClassType.choices).get(row.class_type or "", "")
    name = row.name or kind or _("没有填班名的班")
    words = _("在托 %(children)s 人") % {"children": row.children}
    if row.needed is not None:
        words = _("在托 %(children)s 人，需要 %(needed)s 名保育人员") % {
            "children": row.children,
            "needed": row.needed,
        }
    return {"name": name, "kind": kind if name != kind else "", "words": words}


def report_of(judged: Judged, table: Table, added: int, changed: int) -> dict[str, Any]:
    """What came in and what did not; `carried` brings the faulty rows to the file to download."""
    titles = {column.name: column.title for column in COLUMNS}
    return {
        "added": added,
        "changed": changed,
        "same": len(judged.sound) - added - changed,
        "unknown": "、".join(table.unknown),
        "faulty": [
            {
                "number": row.number,
                "name": row.raw.get("name") or "—",
                "faults": [
                    f"{titles.get(name, '')}：{text}"
                    for name, text in judged.faults[row.number].items()
                ],
            }
            for row in judged.faulty
        ],
        "carried": json.dumps(
            [
                {"number": row.number, "raw": dict(row.raw), "faults": judged.faults[row.number]}
                for row in judged.faulty
            ],
            ensure_ascii=False,
        ),
    }
