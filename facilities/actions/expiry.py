"""What the calendar says about papers and leases that end."""

from __future__ import annotations

import datetime as dt

from facilities import queries, rules
from portal.core import clock, outbox
from portal.core.calendar import SHANGHAI
from portal.core.queries import in_force
from portal.core.workflow import action


@action
def remind_of_expiry(*, at: dt.datetime) -> int:
    """Owe every reminder of the day, all papers at once; returns how many are new.

    Each is owed once for the paper, its last day, the step and the person, so this may run as
    often as it likes; nothing is delivered before the hour at which the office begins.
    """
    day = clock.day_of(at)
    law = in_force(day)
    hour = dt.time(law.integer("expiry.from_hour"), tzinfo=SHANGHAI)
    due = max(at, dt.datetime.combine(day, hour))
    owed = queries.expiry_messages(rules.steps_on(day, law), day)
    return sum(outbox.notify_each("expiry.reminder", label, rows, at=due) for label, rows in owed)
