"""What the office says of itself: kept in the database, changed in the browser, never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings

from portal.core.actors import Actor
from portal.core.models import OfficeSetting
from portal.core.models.office import LETTERHEAD, MFA_ROLES
from portal.core.remembering import forget
from portal.core.roles import Role
from portal.core.staffing.codes import refuse_unless
from portal.core.workflow import action, one_at_a_time, record

KEY = "office-settings"
NAMES = frozenset(settings.SITE) | {LETTERHEAD, MFA_ROLES}


@action
def change(words: Mapping[str, str], *, by: Actor, at: dt.datetime) -> list[str]:
    """Keep what differs from what holds now; returns the names that changed, in order."""
    refuse_unless(by, Role.SYSADMIN)
    return keep(words, by=by, at=at)


def keep(words: Mapping[str, str], *, by: Actor, at: dt.datetime) -> list[str]:
    """As `change`, for an act that has settled who may: call it inside an `@action`."""
    one_at_a_time(KEY)
    if unknown := set(words) - NAMES:
        raise ValueError(f"no settings of the office: {sorted(unknown)}")
    known = dict(OfficeSetting.objects.values_list("name", "value"))
    given = {name: str(value) for name, value in settings.SITE.items()}
    given[MFA_ROLES] = ",".join(settings.MFA_ROLES)
    changed = sorted(n for n, v in words.items() if v != known.get(n, given.get(n, "")))
    for name in changed:
        new = {"value": words[name], "changed_by": by.user, "changed_at": at}
        OfficeSetting.objects.update_or_create(name=name, defaults=new)
        # The office's own public words: the trail may hold them, old and new.
        record(None, "office.changed", by=by, at=at, name=name,
               old=known.get(name, given.get(name, "")), new=words[name])  # fmt: skip
    forget()
    return changed
