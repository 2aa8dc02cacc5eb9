"""How a thing that ends reads, for the operator's list and the desk's calendar alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from facilities import queries, rules
from portal.core.badges import Badge
from portal.core.regulation import Regulation


def shown(row: Mapping[str, Any], today: dt.date, law: Regulation) -> dict[str, Any]:
    """The row with the thing's name in words and the days that are left."""
    near = law.integer("materials.expiring_days")
    return {
        **row,
        "thing": queries.name_of(row["source_key"], row["what"], law),
        "left": left_badge(row["until"], today, near),
    }


def left_badge(until: dt.date, today: dt.date, near: int) -> Badge:
    """剩 N 天, in warning from `near` days on; the last day itself still counts as good."""
    left = rules.days_left(until, today)
    if left < 0:
        return Badge("danger", "x-octagon-fill", _("已过期 %(n)s 天") % {"n": -left})
    if left == 0:
        return Badge("warn", "clock-history", _("今天到期"))
    family = "warn" if left <= near else "neutral"
    return Badge(family, "clock-history", _("剩 %(n)s 天") % {"n": left})
