"""The secret address of a person's calendar: made, renewed and ended by himself alone."""

from __future__ import annotations

import datetime as dt
import secrets

from inspections.models import CalendarAddress
from inspections.rules.feeds import fingerprint
from portal.core.actors import Actor
from portal.core.workflow import action, record

BYTES = 32  # nobody guesses 256 bits, so a fast hash keeps them as well as a slow one


@action
def renew_calendar_address(*, by: Actor, at: dt.datetime) -> str:
    """A new secret; told now and never again, and the one before ends."""
    secret = secrets.token_urlsafe(BYTES)
    kept = {"secret_sha256": fingerprint(secret), "made_at": at}
    made, _is_new = CalendarAddress.objects.update_or_create(user=by.somebody, defaults=kept)
    record(made, "calendar.address", by=by, at=at)
    return secret


@action
def end_calendar_address(*, by: Actor, at: dt.datetime) -> bool:
    """The address leads nowhere any more; False when there was none."""
    standing = CalendarAddress.objects.filter(user=by.somebody).first()
    if standing is None:
        return False
    record(standing, "calendar.address_ended", by=by, at=at)
    standing.delete()
    return True
