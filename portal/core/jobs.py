"""Jobs: asked for by a person, done by a worker, each with one result.

Celery only wakes `work`; the job is a row. A worker claims it for the length of a lease and
renews the lease with every sign of progress; a worker that dies loses it to the next one. What a
job writes and the mark that it is done share one transaction, so a job done twice has one result.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from . import clock
from .actors import Actor
from .files import store
from .models import Job, User
from .models.jobs import JobState
from .queries import in_force
from .rounds import each
from .workflow import action, apply, lock, record

LEASE = dt.timedelta(seconds=120)
MOST_ATTEMPTS = 3
SECONDS_BETWEEN_SIGNS = 1.0
# The trail keeps of a filter what was chosen: words and codes of ours, days and months, small
# numbers, ids.
_NAME = re.compile(r"[a-z_]{1,30}")
_CHOSEN = re.compile(
    r"[a-z_]{1,40}|[A-Z]\d{1,2}|\d{1,4}|(19|20)\d\d-\d\d(-\d\d)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.ASCII,
)
_MOST_CHOSEN = 20
logger = logging.getLogger(__name__)


class JobFailed(Exception):
    """The job cannot be done; the text is for the person who asked."""


class JobGone(Exception):
    """The job was cancelled, or another worker has it now: nothing of this run is kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run made: a file (moved into the store), what it writes, what it reports.

    `write` runs in the transaction that marks the job done and returns additions to the report.
    """

    rows: int
    file: Path | None = None
    name: str = ""
    media_type: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    write: Callable[[Job, dt.datetime], Mapping[str, Any]] | None = None


class Progress:
    """A worker's sign of life: how many of how many."""

    def __init__(self, job: Job, at: dt.datetime) -> None:
        self.job, self.at = job, at
        self._started = time.monotonic()
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Tell how far the work has come; JobGone when it is not ours any more."""
        passed = time.monotonic() - self._started
        if self._last and passed - self._last < SECONDS_BETWEEN_SIGNS and done < total:
            return
        self._last = passed
        until = self.at + dt.timedelta(seconds=passed) + LEASE
        mine = Job.objects.filter(
            pk=self.job.pk, attempts=self.job.attempts, state=JobState.RUNNING
        )
        if not mine.update(done=done, total=total, claimed_until=until):
            raise JobGone


Runner = Callable[[Job, Progress, dt.datetime], Outcome]
_runners: dict[str, Runner] = {}

_CLAIM = """
UPDATE core_job SET claimed_until = %(until)s, attempts = attempts + 1
WHERE id = (SELECT id FROM core_job
            WHERE state IN ('queued', 'running')
              AND (claimed_until IS NULL OR claimed_until <= %(at)s)
            ORDER BY requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id"""


def runs(kind: str) -> Callable[[Runner], Runner]:
    """Register who does a kind of job; runners live in the apps' `tasks` and `exports` rooms."""

    def remember(runner: Runner) -> Runner:
        _runners[kind] = runner
        return runner

    return remember


# --- what a person does -------------------------------------------------------------------------


@action
def request(
    kind: str,
    title: str,
    params: Mapping[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
    waits: bool = False,
    **more: Any,
) -> Job:
    """Ask for a job. One that `waits` is done only after it was confirmed.

    `more` are further columns: shared_with, report, rows; `content` is a file to keep with it.
    """
    content = more.pop("content", None)
    job = Job.objects.create(
        kind=kind,
        title=title[:120],
        params=dict(params),
        state=JobState.WAITING if waits else JobState.QUEUED,
        input_key=store.write_with_transaction(content) if content else "",
        requested_by=by.somebody,
        requested_at=at,
        expires_on=_kept_until(at),
        **more,
    )
    record(job, "job.requested", by=by, at=at, kind=kind, **told(params))
    transaction.on_commit(wake, robust=True)
    return job


@action
def confirm(job: Job, *, by: Actor, at: dt.datetime) -> Job:
    """Let a job that waited begin."""
    job = apply(job, "confirm", by=by, at=at, sets=_anew)
    transaction.on_commit(wake, robust=True)
    return job


@action
def retry(job: Job, *, by: Actor, at: dt.datetime) -> Job:
    """Do a job that failed once more."""
    job = apply(job, "retry", by=by, at=at, sets=_anew)
    transaction.on_commit(wake, robust=True)
    return job


@action
def cancel(job: Job, *, by: Actor, at: dt.datetime) -> Job:
    """Stop a job; what it has made so far is thrown away."""
    stopped: Job = apply(job, "cancel", by=by, at=at)
    return stopped


@action
def downloaded(job: Job, *, by: Actor, at: dt.datetime) -> None:
    """Note that the file was taken, with what was asked for and how many rows it holds."""
    record(job, "job.downloaded", by=by, at=at, kind=job.kind, rows=job.rows, **told(job.params))


def told(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit trail keeps of what was asked for.

    The trail is never cut, and what was typed to search by may be a name or a phone: of such a
    parameter only its name is kept.
    """
    kept = dict(params)
    if "query" in kept:
        pairs = [(n, v) for n, found in QueryDict(kept["query"]).lists() for v in found]
        kept["query"] = "&".join(
            f"{name}={value if name != 'q' and _CHOSEN.fullmatch(value) else '*'}"
            for name, value in pairs[:_MOST_CHOSEN]
            if value and _NAME.fullmatch(name)
        )
    return kept


def _anew(_job: Job) -> dict[str, Any]:
    return {"claimed_until": None, "attempts": 0, "done": 0, "error": ""}


def _kept_until(at: dt.datetime) -> dt.date:
    day = clock.day_of(at)
    return day + dt.timedelta(days=in_force(day).integer("jobs.result_days"))


def wake() -> None:
    """Ask a worker to look now; without a broker the beat looks within a minute anyway."""
    current_app.send_task("portal.core.tasks.run_jobs", retry=False, ignore_result=True)


def of(user: User) -> QuerySet[Job]:
    """The jobs this person may see, the newest first."""
    return Job.objects.visible_to(user).select_related("requested_by")


# --- what a worker does -------------------------------------------------------------------------


def work(at: dt.datetime, limit: int = 20, stopwatch: Callable[[], float] = time.monotonic) -> int:
    """Do the jobs that wait, one after another; returns how many were taken up.

    `stopwatch` tells seconds: a job's lease and days count from its own beginning, however long
    the ones before it took.
    """
    begun = stopwatch()
    ended = 0
    while ended < limit:
        now = at + dt.timedelta(seconds=stopwatch() - begun)
        job = _claim(now)
        if job is None:
            break
        _run(job, now)
        ended += 1
    return ended


def _claim(at: dt.datetime) -> Job | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": at + LEASE, "at": at})
        found = cursor.fetchone()
        if found is None:
            return None
        job = Job.objects.select_related("requested_by").get(pk=found[0])
        begun: Job = apply(job, "begin", by=Actor.calendar(), at=at, attempt=job.attempts)
        return begun


def _run(job: Job, at: dt.datetime) -> None:
    outcome: Outcome | None = None
    if job.attempts > MOST_ATTEMPTS:
        _fail(job, _("几次都没有做完，请缩小范围后再试"), at=at)
        return
    try:
        outcome = _runners[job.kind](job, Progress(job, at), at)
        _finish(job, outcome, at=at)
    except JobGone:
        logger.info("job %s is no longer ours", job.pk)
    except JobFailed as failed:
        _fail(job, str(failed), at=at)
    except Exception:
        logger.exception("job %s of kind %s failed", job.pk, job.kind)
        _fail(job, _("系统出了问题，已经记录下来。可以再试一次"), at=at)
    finally:
        if outcome and outcome.file:
            outcome.file.unlink(missing_ok=True)


def _mine(job: Job) -> Job:
    """The job as it stands, locked; JobGone when it was cancelled or taken by another worker."""
    now: Job = lock(job)
    if now.attempts != job.attempts or now.state != JobState.RUNNING:
        raise JobGone
    return now


@action
def _finish(job: Job, outcome: Outcome, *, at: dt.datetime) -> None:
    now = _mine(job)
    report = {**now.report, **outcome.report}
    if outcome.write:
        report |= outcome.write(now, at)
    key = store.adopt_with_transaction(outcome.file) if outcome.file else now.result_key
    columns = {
        "rows": outcome.rows,
        "done": outcome.rows,
        "total": outcome.rows,
        "report": report,
        "result_key": key,
        "result_name": outcome.name or now.result_name,
        "media_type": outcome.media_type or now.media_type,
        "finished_at": at,
        "expires_on": _kept_until(at),
        "claimed_until": None,
    }
    apply(now, "finish", by=Actor.calendar(), at=at, sets=lambda _: columns, rows=outcome.rows)


@action
def _fail(job: Job, why: str, *, at: dt.datetime) -> None:
    try:
        now = _mine(job)
    except JobGone:
        return
    columns = {"error": why[:300], "finished_at": at, "claimed_until": None}
    apply(now, "fail", by=Actor.calendar(), at=at, sets=lambda _: columns)


def expire(at: dt.datetime) -> int:
    """Throw away the files whose days are over; returns how many jobs they belonged to."""
    old = (
        Job.objects.filter(expires_on__lt=clock.day_of(at))
        .exclude(state__in=[JobState.QUEUED, JobState.RUNNING, JobState.EXPIRED])
        .exclude(state=JobState.UNDONE, input_key="", result_key="")
    )
    return each(old, _expire, at)


@action
def _expire(job: Job, *, at: dt.datetime) -> bool:
    job = lock(job)
    keys = [key for key in (job.input_key, job.result_key) if key]
    columns = {
        "input_key": "",
        "result_key": "",
        "report": _without_rows(job.report),
        "params": told(job.params),  # what was typed to search by goes with what was found
    }
    if job.state == JobState.UNDONE:  # stays undone; only what was kept with it goes
        Job.objects.filter(pk=job.pk).update(**columns)
        record(job, "job.files_expired", by=Actor.calendar(), at=at)
    else:
        apply(job, "expire", by=Actor.calendar(), at=at, sets=lambda _: columns)
    for key in keys:
        transaction.on_commit(partial(store.delete, key))
    return True


def _without_rows(report: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a report without the rows it told of: they go when the file goes."""
    return {
        name: found
        for name, found in report.items()
        if not (isinstance(found, list) and any(isinstance(each, dict) for each in found))
    }
