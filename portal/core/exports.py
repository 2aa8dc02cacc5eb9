"""Exports of lists: each list registers what a row of it is, the rest is the same for all.

A list is written exactly as its filter shows it to the person who asks, with the rights this
person has while it is written (security.md W17). Columns hold what the screen shows and no more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from . import clock, jobs
from .actors import Actor
from .files import store
from .models import Job, User
from .queries import in_force
from .remembering import remembered
from .sheets import XLSX, Cell, Column, write_csv, write_table
from .workflow import action, record

CHUNK = 500
MEDIA_TYPES = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}
KIND = "export"


@dataclass(frozen=True, slots=True)
class Export:
    """One list that can be exported.

    `rows(user, query, at)` gives the rows of the filter in the order of the screen, `cells` one
    row in the order of `columns`. `roles` are those that may open the list.
    """

    name: str
    title: Any
    roles: frozenset[str]
    columns: Callable[[], Sequence[Column]]
    rows: Callable[[User, QueryDict, dt.datetime], QuerySet[Any]]
    cells: Callable[[Any], Sequence[Cell]]


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


@action
def ask(export: Export, query: str, ending: str, *, by: Actor, at: dt.datetime) -> Download | Job:
    """A short list at once as a file, a longer one as a job; both leave a line in the audit trail.

    `query` is the filter as the address of the list has it, `ending` xlsx or csv.
    """
    user = by.somebody
    if not user.has_role(*export.roles):
        raise PermissionDenied
    params = {"name": export.name, "format": ending, "query": query}
    day = clock.day_of(at)
    count = export.rows(user, QueryDict(query), at).count()
    if count > in_force(day).integer("jobs.direct_rows"):
        title = _("导出%(title)s") % {"title": export.title}
        return jobs.request(KIND, title, params, by=by, at=at, total=count)
    made = _write(export, user, params, at)
    record(None, "export.made", by=by, at=at, rows=made.rows, **jobs.told(params))
    return made


@jobs.runs(KIND)
def run(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Write the list of a job as its person may see it now."""
    export = _exports[job.params["name"]]
    if not job.requested_by.has_role(*export.roles):
        raise jobs.JobFailed(_("您现在没有查看这个列表的权限"))
    made = _write(export, job.requested_by, job.params, at, progress)
    return jobs.Outcome(made.rows, made.file, made.name, made.media_type)


def may_fetch(job: Job, user: User) -> bool:
    """Whether the list that a job wrote is still one that this person may open."""
    export = _exports.get(job.params.get("name", "")) if job.kind == KIND else None
    return export is None or user.has_role(*export.roles)


def _write(
    export: Export,
    user: User,
    params: dict[str, Any],
    at: dt.datetime,
    progress: jobs.Progress | None = None,
) -> Download:
    rows = export.rows(user, QueryDict(params["query"]), at)
    ending = params["format"]
    lines = _lines(export, rows, progress)
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
    export: Export, rows: QuerySet[Any], progress: jobs.Progress | None
) -> Iterator[Sequence[Cell]]:
    total = rows.count() if progress else 0
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK)):
        if progress and number % CHUNK == 0:
            progress(number, total)
        yield export.cells(row)
