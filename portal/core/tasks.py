"""What Celery wakes: the outbox, and the round the calendar makes over the apps."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import Error, connection
from django.urls import reverse
from django.utils.translation import gettext as _

from . import clock, jobs, outbox, rounds
from .administration import standing, watch
from .backups import drill, making
from .models import AccountChange, Backup, Erasure, PackProposal, Publication, User
from .outbox import Words, words
from .papers import render_and_store
from .queries import remembered
from .rounds import CalendarJob, on_calendar
from .topics import Topic

logger = logging.getLogger(__name__)


def run_calendar(at: dt.datetime) -> dict[str, int]:
    """Do everything that falls due at `at`; safe to run twice and by two at once."""
    todo = rounds.jobs()
    _note(standing.begin, list(todo), at=at)
    return {name: _one(name, job, at) for name, job in todo.items()}


def _one(name: str, job: CalendarJob, at: dt.datetime) -> int:
    """One job's fault is noted, see standing, and leaves the others their turn."""
    done = 0
    with rounds.faults() as faults:
        try:
            done = job(at)
        except Exception as fault:
            logger.exception("calendar job %s failed", name)
            faults.append(type(fault).__name__)
    if faults:
        _note(standing.failed, name, faults[0], at=at)
    else:
        _note(standing.went_through, name, at=at)
    return done


def _note(act: Callable[..., None], *what: Any, at: dt.datetime) -> None:
    """A round that cannot write down how it goes (the database went away) goes on all the same."""
    try:
        act(*what, at=at)
    except Error:  # InterfaceError, of a connection that was closed, is no DatabaseError
        logger.exception("a round was not noted")


@worker_ready.connect
def _forget_the_dead(**_kwargs: Any) -> None:
    """A round that was killed with its worker is no round that hangs."""
    _note(standing.begin_anew, at=clock.now())
    if not connection.in_atomic_block:
        connection.close()  # the process that starts the others has nothing more to ask


@outbox.handles("paper.render")
def render_paper(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """Draw a paper that was issued."""
    render_and_store(payload["paper"])


@shared_task(name="portal.core.tasks.drain_outbox")
def drain_outbox() -> int:
    """Deliver what is owed now."""
    with remembered():
        return outbox.drain(clock.now())


@shared_task(name="portal.core.tasks.run_jobs")
def run_jobs() -> int:
    """Do the exports and imports that wait."""
    return jobs.work(clock.now())


@shared_task(name="portal.core.tasks.back_up")
def back_up() -> int:
    """Make the copy of the night; apart from the round, which must not wait for it."""
    with remembered():
        return making.nightly(clock.now())


@shared_task(name="portal.core.tasks.heartbeat")
def heartbeat() -> None:
    """Say that schedule and worker are alive; see watch.machinery."""
    watch.beat(at=clock.now())


@on_calendar
def tell_alarms(at: dt.datetime) -> int:
    """Tell the administrators what stands still or waits for them."""
    return watch.tell(at=at)


@on_calendar
def expire_job_files(at: dt.datetime) -> int:
    """Throw away the files of exports and imports whose days are over."""
    return jobs.expire(at)


@shared_task(name="portal.core.tasks.calendar_round")
def calendar_round() -> dict[str, int]:
    """The calendar's round, then the letters it wrote."""
    at = clock.now()
    with remembered():  # the law does not change within a round
        done = run_calendar(at)
        outbox.drain(at)
    return done


@words("publication.proposed", Topic.TASK)
def _proposed(publication: Publication, params: Mapping[str, str], person: User) -> Words:
    title = _("待公示：%(title)s") % {"title": publication.title}
    return Words(title, str(publication.kind_label), publication.url_for(person))


@words("publication.published", Topic.RESULT)
def _published(publication: Publication, params: Mapping[str, str], person: User) -> Words:
    title = _("已公示：%(title)s") % {"title": publication.title}
    return Words(title, str(publication.kind_label), publication.url_for(person))


@words("publication.handed_back", Topic.RESULT)
def _handed_back(publication: Publication, params: Mapping[str, str], person: User) -> Words:
    title = _("公示退回：%(title)s") % {"title": publication.title}
    return Words(title, publication.decision_reason, publication.url_for(person))


@words("account.proposed", Topic.TASK)
def _account_proposed(change: AccountChange, params: Mapping[str, str], person: User) -> Words:
    title = _("待决定：%(what)s（%(who)s）") % {"what": change, "who": change.person}
    return Words(title, change.reason, change.url_for(person))


@words("backup.failed", Topic.TASK)
def _backup_failed(backup: Backup, params: Mapping[str, str], person: User) -> Words:
    return Words(_("没有做成备份"), backup.error, backup.url_for(person))


@words("house.alarm", Topic.TASK)
def _alarm(about: User, params: Mapping[str, str], person: User) -> Words:
    at = clock.now()
    labels = {each.name: each.label for each in [*watch.machinery(at), *watch.upkeep(at)]}
    title = _("请看运行状况：%(what)s") % {"what": labels[params["check"]]}
    return Words(title, "", reverse("desk:system"))


@words("pack.proposed", Topic.TASK)
def _pack_proposed(proposal: PackProposal, params: Mapping[str, str], person: User) -> Words:
    title = _("待审定：规则包“%(title)s”的修改") % {"title": proposal.title}
    return Words(title, proposal.reason, proposal.url_for(person))


@words("erasure.proposed", Topic.TASK)
def _erasure_proposed(erasure: Erasure, params: Mapping[str, str], person: User) -> Words:
    title = _("待审定：清理 %(n)s 条到期的记录") % {"n": erasure.total}
    return Words(title, "", erasure.url_for(person))


__all__ = ["drill", "on_calendar", "run_calendar"]
