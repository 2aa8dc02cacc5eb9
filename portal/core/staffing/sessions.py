"""Who is signed in where: each session leaves a row of its own, so that it can be listed and ended.

Django's table of sessions does not say whose a session is. Here lies the fingerprint of its key,
the person and two dates; nothing of the device, nothing that could open the session.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, Func, OuterRef, QuerySet, TextField

from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import User, UserSession
from portal.core.workflow import action, record


class _Fingerprint(Func):
    """sha256 of a session key, as `fingerprint` makes it."""

    template = "encode(sha256((%(expressions)s)::bytea), 'hex')"
    output_field = TextField()


def fingerprint(session_key: str) -> str:
    """What is kept of a session key: it finds the session again and opens nothing."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def keep(session: Any, user: User, at: dt.datetime) -> None:
    """Remember that `user` is signed in with this session."""
    if not session.session_key:
        session.save()
    day = clock.day_of(at)
    session["day"] = day.isoformat()
    UserSession.objects.update_or_create(
        key_hash=fingerprint(session.session_key),
        defaults={"user": user, "seen_on": day},
        create_defaults={"user": user, "seen_on": day, "created_at": at},
    )


def seen(session: Any, user: User, at: dt.datetime) -> None:
    """Note the day on which the session was last used; one write a day."""
    if session.get("day") != clock.day_of(at).isoformat():
        keep(session, user, at)


def forget(session: Any) -> None:
    """The session ends by itself: its person signs out."""
    if session.session_key:
        UserSession.objects.filter(key_hash=fingerprint(session.session_key)).delete()


def live(user: User, at: dt.datetime) -> QuerySet[UserSession]:
    """The person's sessions that would still be taken, the newest first."""
    stored = Session.objects.filter(expire_date__gt=at).annotate(hash=_Fingerprint("session_key"))
    return UserSession.objects.filter(Exists(stored.filter(hash=OuterRef("key_hash"))), user=user)


def drop(user: User, *, but: str = "") -> int:
    """End the person's sessions, all `but` the one of that key; returns how many were open."""
    ending = UserSession.objects.filter(user=user)
    if but:
        ending = ending.exclude(key_hash=fingerprint(but))
    hashes = list(ending.values_list("key_hash", flat=True))
    stored = Session.objects.annotate(hash=_Fingerprint("session_key")).filter(hash__in=hashes)
    ended, _rows = stored.delete()
    ending.delete()
    return ended


@action
def end_others(session_key: str, *, by: Actor, at: dt.datetime) -> int:
    """The person ends his other sign-ins; returns how many there were."""
    ended = drop(by.somebody, but=session_key)
    if ended:
        record(by.somebody, "account.sessions_ended", by=by, at=at, count=ended)
    return ended
