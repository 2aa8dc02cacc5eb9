"""How long what was told is kept (shortest storage: personal information law art. 19)."""

from __future__ import annotations

import datetime as dt

from portal.core.regulation import Regulation

RED = "red"


def content_until(closed_on: dt.date, lane: str, law: Regulation) -> dt.date:
    """The day on which the data key of a closed case is destroyed."""
    if lane == RED:
        return closed_on + dt.timedelta(days=law.integer("complaints.red_retention_days"))
    return closed_on + dt.timedelta(days=law.integer("complaints.retention_days"))


def contact_until(closed_on: dt.date, lane: str, law: Regulation) -> dt.date:
    """The day on which it can no longer be known who complained."""
    if lane == RED:
        return closed_on + dt.timedelta(days=law.integer("complaints.red_retention_days"))
    return closed_on + dt.timedelta(days=law.integer("complaints.contact_retention_days"))
