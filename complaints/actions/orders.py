"""Work orders of 12345 from a workbook: checked, kept sealed, confirmed, entered all at once.

What an order tells is a complaint before it is a case: between check and import the workbook lies
sealed under a key of its own, and its row goes with the import, or after as many hours as an
unsent complaint is kept. The job beside it knows numbers of rows and nothing else.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints.models import Channel, OrderList
from complaints.queries import orders as queries
from complaints.workflow import TAKERS
from portal.core import clock, jobs
from portal.core.actors import Actor
from portal.core.faults import Entry
from portal.core.models import Job
from portal.core.models.jobs import JobState
from portal.core.queries import in_force
from portal.core.sheets import Table, read_table
from portal.core.workflow import action, record

from .intake import CONTACT, TOLD, Submission, take_hotline_orders

KIND = "hotline-orders"
PLACE = "orders"
# Jobs that may still need their list.
_NEEDED = (JobState.WAITING, JobState.QUEUED, JobState.RUNNING, JobState.FAILED)
_IN_HAND = (JobState.QUEUED, JobState.RUNNING)


class ListGone(Exception):
    """The list of the job has been entered or thrown away."""


def read(content: bytes) -> Table:
    """The table of a workbook; SheetRefused says in words why it cannot be read."""
    return read_table(
        io.BytesIO(content), queries.columns(), max_rows=settings.BULK_LIMIT,
        max_bytes=settings.UPLOAD_MAX_BYTES,
    )  # fmt: skip


@action
def start_orders(content: bytes, *, by: Actor, at: dt.datetime) -> Job:
    """Check a list and keep it sealed with a job that waits to be confirmed; no case is made."""
    if not by.somebody.has_role(*TAKERS):
        raise PermissionDenied("complaint.take")
    table = read(content)
    found = queries.checked(table, clock.day_of(at))
    kinds = Counter(code for row in found.faults.values() for code in {each.code for each in row})
    job = jobs.request(
        KIND,
        _("导入 12345 工单"),
        {"route": "desk:complaint_orders_job"},
        by=by,
        at=at,
        waits=True,
        report={
            "all": len(table.rows), "good": [entry.row for entry in found.good],
            "faulty": len(found.faults), "known": len(found.known), "kinds": dict(kinds),
        },
        total=len(found.good),
    )  # fmt: skip
    kept = OrderList(job=job)
    kept.make_key()
    kept.body = kept.sealed_bytes(content, PLACE)
    kept.save(force_insert=True)
    return job


def table_of(job: Job) -> Table:
    """The list of a job, opened again; ListGone once it is not kept any more."""
    kept = queries.list_of(job.pk)
    if kept is None:
        raise ListGone
    return read(kept.opened_bytes(bytes(kept.body), PLACE))


def run_orders(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Check once more, then make all cases in the transaction that ends the job.

    An order that was entered meanwhile is passed over; any other change stops the whole.
    """
    if not job.requested_by.has_role(*TAKERS):
        raise jobs.JobFailed(_("您现在没有登记投诉的权限，什么都没有导入"))
    try:
        found = queries.checked(table_of(job), clock.day_of(at))
    except ListGone as gone:
        raise jobs.JobFailed(_("上传的文件已经不在了，请重新上传")) from gone
    progress(0, len(found.good))
    known = {row for row, _order in found.known}
    if [row for row in job.report["good"] if row not in known] != [e.row for e in found.good]:
        raise jobs.JobFailed(_("检查以后有了变动，什么都没有导入。请重新上传检查"))
    return jobs.Outcome(len(found.good), write=lambda mine, when: _enter(mine, found.good, when))


def _enter(job: Job, entries: Sequence[Entry], at: dt.datetime) -> Mapping[str, Any]:
    by = Actor.person(job.requested_by)
    communities = queries.communities_by_slug()
    # In one order, whoever imports: two lists with the same orders wait and do not lock each other.
    rows = sorted(entries, key=lambda entry: str(entry.values["order"]))
    made = take_hotline_orders([_submission(e, communities) for e in rows], by=by, at=at)
    OrderList.objects.filter(job=job).delete()
    record(job, "complaint.orders_imported", by=by, at=at, made=len(made))
    return {"made": len(made), "skipped": len(job.report["good"]) - len(made)}


def _submission(entry: Entry, communities: Mapping[str, Any]) -> Submission:
    given = entry.values
    return Submission(
        category=given["category"],
        told={name: given[name] for name in TOLD if given.get(name)},
        contact={name: given[name] for name in CONTACT if given.get(name)} or None,
        facility=given["facility"],
        community=communities.get(given["community"]),
        channel=Channel.HOTLINE,
        external_number=given["order"],
        external_due=given["due"],
    )


@action
def forget_orders(*, at: dt.datetime) -> int:
    """Lists that were entered or given up, and those nobody confirmed within the hours."""
    hours = in_force(clock.day_of(at)).integer("complaints.draft_hours")
    old = Q(job__requested_at__lt=at - dt.timedelta(hours=hours)) & ~Q(job__state__in=_IN_HAND)
    count, _kinds = OrderList.objects.filter(old | ~Q(job__state__in=_NEEDED)).delete()
    return count
