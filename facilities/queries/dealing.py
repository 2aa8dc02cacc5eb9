"""Who may be given a filing, and how much each holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, QuerySet

from facilities.models import Filing
from facilities.workflow import OPEN_STATES
from portal.core.models import User, staff_with
from portal.core.roles import Role


def whoever_reviews(on: dt.date) -> QuerySet[User]:
    """The clerks of the day, in the order of their posts."""
    return staff_with(Role.CLERK, on).order_by("post", "display_name")


def held_by(clerks: QuerySet[User]) -> dict[Any, int]:
    """How many open filings each of them holds, in one query."""
    rows = Filing.objects.filter(handler__in=clerks.order_by().values("pk"), state__in=OPEN_STATES)
    counted = rows.order_by().values("handler").annotate(n=Count("pk"))
    return {row["handler"]: row["n"] for row in counted}
