"""Exports of lists: each list registers what a row of it is, the rest is the same for all.

A list is written exactly as its filter shows it to the person who asks, with the rights this
person has while it is written (security.md W17). Columns hold what the screen shows and no more.
A file that a job wrote is handed out on the ground on which it was written, and on no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import QueryDict
from django.utils.translation import gettext as _

from . import clock, jobs
from .actors import Actor
from .files import store
from .models import Job, User
from .models.jobs import JobState
from .queries import in_force
from .remembering import remembered
from .sheets import XLSX, Cell, Column, write_csv, write_table
from .workflow import action, one_at_a_time, record

CHUNK = 500
MEDIA_TYPES = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}
KIND = "export"
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Export:
    """One list that can be exported.

    `rows(user, query, at)` gives the rows of the filter in the order of the screen, `cells` one
    row in the order of `columns`. `roles` are those that may open the list, `route` is its page.
    Where `is_dated`, what a row says depends on the day: cells(row, at=at). `settled` writes into
    the filter what it leaves to the day on which it is asked. `kept_from` names what keeps a
    person away from rows whatever his roles.
    """

    name: str
    title: Any
    roles: frozenset[str]
    columns: Callable[[], Sequence[Column]]
    rows: Callable[[User, QueryDict, dt.datetime], QuerySet[Any]]
    cells: Callable[..., Sequence[Cell]]
    route: str
    is_dated: bool = False
    settled: Callable[[QueryDict, dt.datetime], QueryDict] | None = None
    kept_from: Callable[[User], Iterable[Any]] | None = None


class NotUnderstood(Exception):
    """Conditions that mean nothing, or no longer; without them the file would be a wider one.

    `names` are their labels, `rest` is the filter without them.
    """

    def __init__(self, names: Iterable[str], rest: str) -> None:
        self.names = _("、").join(names)
        self.rest = rest
        super().__init__(self.names)


@dataclass(frozen=True, slots=True)
class Download:
    """A file ready to be sent."""

    file: Path
    name: str
    media_type: str
    rows: int


_exports: dict[str, Export] = {}


def register(export: Export) -> Export:
    """Make a list exportable; registrations live in the apps' `exports` room."""
    _exports[export.name] = export
    return export


def named(name: str) -> Export | None:
    """The export of that name."""
    return _exports.get(name)


def everyone() -> frozenset[str]:
    """The roles that may export anything at all."""
    return frozenset().union(*(export.roles for export in _exports.values()))


def understood(found: F) -> F:
    """The filter (a filter set of ours, or a form) if every condition of it is understood."""
    chosen: Any = found
    if isinstance(found, BaseForm):
        wrong = [name for name in chosen.errors if name in chosen.fields]
        names, rest = [str(chosen[name].label) for name in wrong], _without(chosen.data, wrong)
    else:  # it has taken them out of its data itself
        names, rest = chosen.ignored, chosen.data.urlencode()
    if names:
        raise NotUnderstood(names, rest)
    return found


def known(query: QueryDict, name: str, label: Any, values: Container[str]) -> str:
    """A condition that is chosen by links and stands in no form: one of `values`, or none."""
    value = query.get(name) or ""
    if value and value not in values:
        raise NotUnderstood([str(label)], _without(query, [name]))
    return value


def _without(query: QueryDict, names: Iterable[str]) -> str:
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest.urlencode()


@action
def ask(export: Export, query: str, ending: str, *, by: Actor, at: dt.datetime) -> Download | Job:
    """A short list at once as a file, a longer one as a job; both leave a line in the audit trail.

    `query` is the filter as the address of the list has it, `ending` xlsx or csv. Raises
    NotUnderstood when a condition of it means nothing.
    """
    user = by.somebody
    if not user.has_role(*export.roles):
        raise PermissionDenied
    if export.settled:
        query = export.settled(QueryDict(query), at).urlencode()
    params = {"name": export.name, "format": ending, "query": query}
    count = export.rows(user, QueryDict(query), at).count()
    if count > in_force(clock.day_of(at)).integer("jobs.direct_rows"):
        return _as_job(export, params, count, by=by, at=at)
    made = _write(export, user, params, at)
    record(None, "export.made", by=by, at=at, rows=made.rows, **jobs.told(params))
    return made


def _as_job(
    export: Export, params: dict[str, Any], total: int, *, by: Actor, at: dt.datetime
) -> Job:
    """A job of its own, or the one under way where the same person sent the same form twice."""
    one_at_a_time(f"{KIND}:{by.somebody.pk}")
    under_way = Job.objects.filter(
        kind=KIND,
        params=params,
        requested_by=by.somebody,
        state__in=[JobState.QUEUED, JobState.RUNNING],
    ).first()
    title = _("导出%(title)s") % {"title": export.title}
    return under_way or jobs.request(KIND, title, params, by=by, at=at, total=total)


@jobs.runs(KIND)
def run(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Write the list of a job as its person may see it now, and keep on what ground he did."""
    export = _exports[job.params["name"]]
    if not job.requested_by.has_role(*export.roles):
        raise jobs.JobFailed(_("您现在没有查看这个列表的权限"))
    ground = ground_of(export, job.requested_by)  # before the rows: what comes later counts as new
    try:
        made = _write(export, job.requested_by, job.params, at, progress)
    except NotUnderstood as why:
        raise jobs.JobFailed(_("筛选条件已经失效：%(names)s") % {"names": why.names}) from why
    report = {"ground": ground}
    return jobs.Outcome(made.rows, made.file, made.name, made.media_type, report)


def ground_of(export: Export, user: User) -> dict[str, list[Any]]:
    """On what a person sees the list: roles and where he holds them, and what keeps him away."""
    kept_from = export.kept_from(user) if export.kept_from else ()
    return {
        "roles": [list(each) for each in sorted(_held(export, user))],
        "kept_from": sorted(str(each) for each in kept_from),
    }


def _held(export: Export, user: User) -> set[tuple[str, str]]:
    held = [each for each in user.assignments if each.role in export.roles]
    return {(each.role, str(each.community_id or "")) for each in held}


def withheld(job: Job, user: User) -> str:
    """Why the file that a job wrote is not, or no longer, for this person; empty if it is.

    Rows may have been reached by a role, or in a community, that has ended since: that another
    role opens the list too says nothing about them.
    """
    if job.kind != KIND:
        return ""
    export = named(job.params.get("name", ""))
    if export is None:
        return _("这个列表已经不能导出，这份文件不再提供下载。")
    if not user.has_role(*export.roles):
        return _("您现在没有查看这个列表的权限，这份文件不能再下载。")
    ground = job.report.get("ground")
    if ground is None:
        return _("这份文件没有记下导出时的权限，不能再下载。")
    if not _still_stands(export, ground, user):
        return _("导出这份文件以后，您的岗位、负责的社区或者回避情况有变化，不能再下载。")
    return ""


def _still_stands(export: Export, ground: dict[str, list[Any]], user: User) -> bool:
    """Whoever holds a role for the whole street holds it in each community."""
    held = _held(export, user)
    roles = all({(role, place), (role, "")} & held for role, place in ground["roles"])
    return roles and set(ground_of(export, user)["kept_from"]) <= set(ground["kept_from"])


def _write(
    export: Export,
    user: User,
    params: dict[str, Any],
    at: dt.datetime,
    progress: jobs.Progress | None = None,
) -> Download:
    rows = export.rows(user, QueryDict(params["query"]), at)
    ending = params["format"]
    lines = _lines(export, rows, at, progress)
    file = store.workplace()
    try:
        with remembered():  # cells may ask for the law: once a file, not once a row
            count = _into(file, export, ending, lines)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    name = f"{export.title} {clock.day_of(at).isoformat()}.{ending}"
    return Download(file, name, MEDIA_TYPES[ending], count)


def _into(file: Path, export: Export, ending: str, lines: Iterator[Sequence[Cell]]) -> int:
    columns = export.columns()
    if ending == "csv":
        with file.open("wb") as target:
            return write_csv(target, columns, lines)
    return write_table(file, str(export.title), columns, lines)


def _lines(
    export: Export, rows: QuerySet[Any], at: dt.datetime, progress: jobs.Progress | None
) -> Iterator[Sequence[Cell]]:
    cells = partial(export.cells, at=at) if export.is_dated else export.cells
    total = rows.count() if progress else 0
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK)):
        if progress and number % CHUNK == 0:
            progress(number, total)
        yield cells(row)
