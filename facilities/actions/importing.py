"""A national list brought into the register: checked, confirmed, entered at once, taken back.

What is entered is known to the street and not registered by it (registration NONE): not public,
without members. When such a facility files, its registration takes the row over.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from facilities.models import Facility, StatutoryFiling
from facilities.queries import national as queries
from facilities.rules import national
from facilities.workflow import OperatingStatus, RegistrationStatus, StatutoryFilingStatus
from portal.core import clock, jobs, search
from portal.core.actors import Actor
from portal.core.faults import Entry, Fault
from portal.core.files import store
from portal.core.identifiers import facility_code
from portal.core.models import Attachment, Community, Job, OfficialPaper, Publication
from portal.core.papers.numbering import next_serials
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.sheets import SheetRefused, Table, read_table
from portal.core.workflow import action, apply, record

from .entering import CODE_COUNTER_YEAR

IMPORT, COMPARE = "facility-import", "facility-compare"
BATCH = 200
_TEXTS = ("name", "uscc", "address", "facility_type", "legal_form", "registration_authority",
          "legal_representative", "manager", "tenure")  # fmt: skip
_OPTIONAL = ("established_on", "building_area", "indoor_area", "outdoor_area", "floor_lowest",
             "floor_highest")  # fmt: skip
# Kept with every facility by itself; anything else that points to one means somebody worked on it.
_OWN_RELATIONS = frozenset({"statutory_filing", "events"})
# What points to a facility without a foreign key.
_POINTING: tuple[Any, ...] = (Attachment, OfficialPaper, Publication)


class UndoTooLate(Exception):
    """The days in which an import may be taken back are over."""


def read(content: bytes, *, strict: bool = True) -> Table:
    """The table of an uploaded list; SheetRefused says in words why it cannot be read."""
    return read_table(
        io.BytesIO(content),
        queries.columns(strict=strict),
        max_rows=settings.IMPORT_MAX_ROWS,
        max_bytes=settings.UPLOAD_MAX_BYTES,
    )


@action
def start_import(content: bytes, name: str, *, by: Actor, at: dt.datetime) -> Job:
    """Check a list and keep it with a job that waits to be confirmed; the register is untouched."""
    table = read(content)
    good, faults = checked(table, clock.day_of(at))
    kinds = Counter(code for found in faults.values() for code in {each.code for each in found})
    report = {
        "all": len(table.rows),
        "good": [entry.row for entry in good],
        "faulty": len(faults),
        "kinds": dict(kinds),
        "unknown": list(table.unknown),
    }
    return jobs.request(
        IMPORT,
        _("导入机构名录：%(name)s") % {"name": name},
        {"route": "desk:import_job"},
        by=by,
        at=at,
        waits=True,
        content=content,
        report=report,
        total=len(good),
        shared_with=Role.CLERK,
    )


def checked(table: Table, today: dt.date) -> tuple[list[Entry], dict[int, list[Fault]]]:
    """The entries and the faults of a list as the register stands now."""
    rows = [(row.number, row.values, row.problems) for row in table.rows]
    return national.check_rows(rows, queries.ground(today))


def run_import(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Check once more, then enter all rows without fault in the transaction that ends the job."""
    if not job.requested_by.has_role(Role.CLERK):
        raise jobs.JobFailed(_("您现在没有导入名录的权限，什么都没有导入"))
    good, _faults = checked(table_of(job), clock.day_of(at))
    progress(0, len(good))
    if [entry.row for entry in good] != job.report["good"]:
        raise jobs.JobFailed(_("检查以后名录有了变动，什么都没有导入。请重新上传检查"))
    return jobs.Outcome(len(good), write=lambda mine, when: _enter(mine, good, when))


def table_of(job: Job) -> Table:
    """The uploaded list of a job, read again; JobFailed when it cannot be."""
    try:
        return read(store.read(job.input_key), strict=job.kind == IMPORT)
    except SheetRefused as refused:
        raise jobs.JobFailed(refused.message) from refused
    except (FileNotFoundError, ValueError) as gone:
        raise jobs.JobFailed(_("上传的文件已经不在了，请重新上传")) from gone


def _enter(job: Job, entries: Sequence[Entry], at: dt.datetime) -> Mapping[str, Any]:
    day = clock.day_of(at)
    template = in_force(day).text("filing.facility_code_template")
    communities = {each.slug: each for each in Community.objects.all()}
    serials = next_serials("facility", CODE_COUNTER_YEAR, len(entries))
    made = [
        _facility(entry, facility_code(serial, template), communities, job, day)
        for entry, serial in zip(entries, serials, strict=True)
    ]
    Facility.objects.bulk_create(made, batch_size=BATCH)
    StatutoryFiling.objects.bulk_create(
        (_mirror(facility, entry, day) for facility, entry in zip(made, entries, strict=True)),
        batch_size=BATCH,
    )
    by = Actor.person(job.requested_by)
    for start in range(0, len(made), BATCH):
        codes = [facility.code for facility in made[start : start + BATCH]]
        record(job, "facility.imported", by=by, at=at, codes=codes)
    return {"codes": [made[0].code, made[-1].code] if made else []}


def _facility(
    entry: Entry, code: str, communities: Mapping[str, Community], job: Job, day: dt.date
) -> Facility:
    values = entry.values
    community = communities[values["community"]]
    fee = values.get("monthly_fee")
    return Facility(
        code=code,
        community=community,
        registration=RegistrationStatus.NONE,
        operating=OperatingStatus.OPEN,
        facts_on=day,
        imported_by=job,
        public_phone=str(values.get("phone") or "")[:20],
        service_forms=values.get("service_forms") or [],
        monthly_fee_from=fee or None,
        places=int(values.get("places") or 0),
        vacancies=int(values.get("vacancies") or 0),
        search_grams=search.grams(
            values["name"], values["address"], community.name, spoken=(values["name"],)
        ),
        sort_key=search.sort_key(values["name"]),
        **{name: values.get(name) or "" for name in _TEXTS},
        **{name: values.get(name) for name in _OPTIONAL},
    )


def _mirror(facility: Facility, entry: Entry, day: dt.date) -> StatutoryFiling:
    """What the list says of the filing. Filed without number or day is to be checked (D2)."""
    values = entry.values
    number, filed_on = str(values.get("number") or ""), values.get("filed_on")
    status = values.get("status") or StatutoryFilingStatus.UNKNOWN
    if status == StatutoryFilingStatus.FILED and not (number and filed_on):
        status = StatutoryFilingStatus.UNKNOWN
    return StatutoryFiling(
        facility=facility, status=status, number=number, filed_on=filed_on, checked_on=day
    )


# --- taking it back -----------------------------------------------------------------------------


def untouched(job: Job) -> QuerySet[Facility]:
    """What this import brought and nobody has worked on since: no filing, no member, no paper."""
    found = Facility.objects.filter(
        imported_by=job.pk, registration=RegistrationStatus.NONE, merged_into=None
    )
    for each in _relations():
        field = each.field.attname
        found = found.exclude(Exists(each.related_model.objects.filter(**{field: OuterRef("pk")})))
    kind = ContentType.objects.get_for_model(Facility)
    for model in _POINTING:
        about = model.objects.filter(noun_type=kind, noun_id=OuterRef("pk"))
        found = found.exclude(Exists(about))
    return found.filter(statutory_filing__checks=None)


def _relations() -> Iterator[Any]:
    for each in Facility._meta.related_objects:
        if each.get_accessor_name() not in _OWN_RELATIONS:
            yield each


def may_be_undone(job: Job, day: dt.date) -> bool:
    """Whether the days for taking the import back are not over on `day`."""
    if job.kind != IMPORT or job.finished_at is None:
        return False
    days = in_force(day).integer("imports.undo_days")
    return day <= clock.day_of(job.finished_at) + dt.timedelta(days=days)


@action
def undo_import(job: Job, *, by: Actor, at: dt.datetime) -> Job:
    """Remove the facilities of an import that nobody has touched; the report names those that stay.

    Raises UndoTooLate when the days for it are over (figure imports.undo_days).
    """
    if not may_be_undone(job, clock.day_of(at)):
        raise UndoTooLate
    mine = Facility.objects.select_for_update().filter(imported_by=job.pk).order_by("pk")
    list(mine.values_list("pk"))  # whoever files one of them just now waits, or is seen below
    going = list(untouched(job).values_list("pk", "code"))
    ids = [pk for pk, _code in going]
    StatutoryFiling.objects.filter(facility__in=ids).delete()
    Facility.objects.filter(pk__in=ids).delete()
    staying = list(
        Facility.objects.filter(imported_by=job.pk).order_by("code").values_list("code", "name")
    )
    columns = {"report": {**job.report, "removed": len(ids), "stay": staying}}
    job = apply(job, "undo", by=by, at=at, sets=lambda _: columns, removed=len(ids))
    record(job, "facility.import_undone", by=by, at=at, codes=[code for _pk, code in going],
           stay=len(staying))  # fmt: skip
    return job
