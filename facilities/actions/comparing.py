"""An uploaded national list held against the register; what differs may be taken over by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from facilities.models import Facility, StatutoryFiling
from facilities.queries import national as queries
from facilities.rules.national import COMPARED, ListComparison, Listed
from facilities.workflow import StatutoryFilingStatus
from portal.core import clock, jobs
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import Job
from portal.core.roles import Role
from portal.core.sheets import XLSX, Cell, Column, write_table
from portal.core.workflow import action, lock

from .importing import COMPARE, read, table_of
from .statutory import record_statutory_filing

_MIRRORED = frozenset({"status", "number", "filed_on"})
# What is kept of a row: what was compared or is needed for a hint; phones and the like are not.
_KEPT = frozenset({*COMPARED, "community"})
_NUMBER = StatutoryFiling._meta.get_field("number")


class ComparisonOutdated(Exception):
    """The mirror has been looked at again since the comparison: the list is older than that."""


@action
def start_comparison(content: bytes, name: str, *, by: Actor, at: dt.datetime) -> Job:
    """Keep an uploaded list with a job that compares it; nothing in the register changes."""
    table = read(content, strict=False)
    return jobs.request(
        COMPARE,
        _("名单比对：%(name)s") % {"name": name},
        {"route": "desk:compare_job"},
        by=by,
        at=at,
        content=content,
        total=len(table.rows),
        shared_with=Role.CLERK,
        report={"unknown": list(table.unknown)},
    )


def run_comparison(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Compare, keep the three lists in the report, and write them into a workbook.

    The report holds `missing_here` (rows of their list: ref, name, uscc, values), `missing_there`
    and `different` (ours, theirs, fields as [column, ours, theirs]), and the number `same`.
    """
    table = table_of(job)
    progress(0, len(table.rows))
    found = queries.comparison(table.rows, job.requested_by)
    file = store.workplace()
    columns = [Column("kind", _("比对结果"), width=14), Column("name", _("机构名称"), width=28),
               Column("uscc", _("统一社会信用代码"), width=22), Column("code", _("登记号")),
               Column("field", _("项目")), Column("ours", _("街道名录"), width=28),
               Column("theirs", _("上传的名单"), width=28)]  # fmt: skip
    write_table(file, _("名单比对"), columns, _lines(found))
    name = _("名单比对 %(day)s.xlsx") % {"day": clock.day_of(at).isoformat()}
    return jobs.Outcome(len(table.rows), file, name, XLSX, report=_report(found))


def _report(found: ListComparison) -> dict[str, Any]:
    return {
        "missing_here": [_kept(each) for each in found.missing_here],
        "missing_there": [_kept(each) for each in found.missing_there],
        "different": [
            {
                **asdict(each),
                "ours": _kept(each.ours),
                "theirs": _kept(each.theirs),
                "may_take": any(field in _MIRRORED for field, *_ in each.fields),
            }
            for each in found.different
        ],
        "same": found.same,
    }


def _kept(one: Listed) -> dict[str, Any]:
    values = {name: value for name, value in one.values.items() if name in _KEPT}
    return {**asdict(one), "values": values}


def _lines(found: ListComparison) -> list[Sequence[Cell]]:
    titles = {column.name: column.title for column in queries.columns()}

    def row(kind: str, one: Listed, code: str = "") -> Sequence[Cell]:
        return (kind, one.name, one.uscc, code, None, None, None)

    return [
        *(row(_("街道没有"), one) for one in found.missing_here),
        *(row(_("名单没有"), one, one.ref) for one in found.missing_there),
        *(
            (_("不一致"), pair.ours.name, pair.ours.uscc, pair.ours.ref, titles[column], our, their)
            for pair in found.different
            for column, our, their in pair.fields
        ),
    ]


@action
def take_over_statutory(
    job: Job, facility: Facility, *, by: Actor, at: dt.datetime
) -> StatutoryFiling:
    """Write the filing of this facility as the compared list has it into the mirror.

    Raises LookupError when the list says nothing about it, ComparisonOutdated when the mirror was
    looked at since, ValueError when number or day is missing or cannot be, TransitionNotOpen when
    the mirror cannot come from what stood there to this.
    """
    pair = next(
        (each for each in job.report.get("different", ()) if each["ours"]["ref"] == facility.code),
        None,
    )
    if pair is None:
        raise LookupError(facility.code)
    mirror: StatutoryFiling = lock(facility.statutory_filing)
    values = _taken(mirror, pair["theirs"]["values"])
    if all(getattr(mirror, name) == values[name] for name in _MIRRORED):
        return mirror  # sent twice
    _refuse_outdated(job, mirror, pair["ours"]["values"])
    return record_statutory_filing(facility, values, by=by, at=at)


def _taken(mirror: StatutoryFiling, theirs: Mapping[str, str]) -> dict[str, Any]:
    """The mirror as the list has it; what the list leaves empty stays."""
    labels = {word: value for value, word in _status_words().items()}
    status = labels.get(theirs.get("status", ""), mirror.status)
    number = theirs.get("number") or mirror.number
    filed_on = dt.date.fromisoformat(theirs["filed_on"]) if theirs.get("filed_on") else None
    filed_on = filed_on or mirror.filed_on
    if status == StatutoryFilingStatus.FILED and not (number and filed_on):
        raise ValueError("number and day of the filing are needed")
    if len(number) > (_NUMBER.max_length or 0):
        raise ValueError("no filing has a number this long")
    return {"status": status, "number": number, "filed_on": filed_on,
            "reason": mirror.reason, "public_link": mirror.public_link}  # fmt: skip


def _refuse_outdated(job: Job, mirror: StatutoryFiling, then: Mapping[str, str]) -> None:
    """A look taken after the comparison is newer than the list, whatever it found."""
    filed_on = mirror.filed_on.isoformat() if mirror.filed_on else ""
    now = {"status": _status_words()[mirror.status], "number": mirror.number, "filed_on": filed_on}
    compared = clock.day_of(job.finished_at or job.requested_at)
    is_newer = mirror.checked_on is not None and mirror.checked_on > compared
    if is_newer or any(now[name] != then.get(name, "") for name in _MIRRORED):
        raise ComparisonOutdated(mirror.facility_id)


def _status_words() -> dict[str, str]:
    """The status in the words of the list and of the report, whoever presses the button."""
    with translation.override("zh-hans"):
        return {str(value): str(label) for value, label in StatutoryFilingStatus.choices}
