"""The drill: a copy is restored into a server made for it and thrown away, and compared.

The server comes from the wheel, belongs to nobody, listens on a socket of its own and knows
nothing of the database in use: what the drill shows is shown by the copy and the keys alone.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from portal.core import jobs
from portal.core.actors import Actor
from portal.core.models import Backup, Job
from portal.core.roles import Role
from portal.core.workflow import action, lock, record
from portal.embedded.logins import OWNER, prepare_database
from portal.embedded.pg import EmbeddedPostgres, EmbeddedPostgresError

from . import keeping, making, restoring, sealing, server

KIND, MAKE = "backup-drill", "backup"
DATABASE = "drill"
MOST_DIFFERENCES = 50


@action
def request(backup: Backup, *, by: Actor, at: dt.datetime) -> Job:
    """Ask for a drill with this copy."""
    title = _("备份演练：%(name)s") % {"name": backup.name}
    params = {"backup": str(backup.pk), "route": "desk:backup_report"}
    return jobs.request(KIND, title, params, by=by, at=at, shared_with=Role.SYSADMIN)


@jobs.runs(KIND)
def run(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Restore the copy into a server of its own and tell what was found."""
    backup = Backup.objects.kept().filter(pk=job.params["backup"]).first()
    if backup is None:
        raise jobs.JobFailed(_("这份备份已经清理，请另选一份"))
    progress(0, 1)
    try:
        found = restored(keeping.file_of(backup), _alive(progress))
    except sealing.KeyMissing:
        raise jobs.JobFailed(_("没有备份钥匙，打不开备份")) from None
    except (sealing.CopyBroken, OSError) as fault:
        raise _failed(backup, at, _("备份打不开或者已经损坏")) from fault
    except restoring.NotRestored as fault:
        raise _failed(backup, at, _("备份装不回去")) from fault
    except (EmbeddedPostgresError, server.ProgramMissing):
        raise jobs.JobFailed(_("这台机器上起不了演练用的数据库")) from None

    def write(_job: Job, at: dt.datetime) -> dict[str, Any]:
        note(backup, well=found.is_whole, at=at)
        return _report(found)

    return jobs.Outcome(found.rows, write=write)


@action
def request_copy(*, by: Actor, at: dt.datetime) -> Job:
    """Ask for a copy now."""
    return jobs.request(MAKE, _("备份数据"), {}, by=by, at=at, shared_with=Role.SYSADMIN)


@jobs.runs(MAKE)
def run_copy(job: Job, progress: jobs.Progress, at: dt.datetime) -> jobs.Outcome:
    """Make a copy because somebody asked for it."""
    progress(0, 1)
    try:
        made = making.make(at, by=Actor.person(job.requested_by), sign=_alive(progress))
    except making.Busy:
        raise jobs.JobFailed(_("正在做另一份备份，请稍后再试")) from None
    except making.NotMade as fault:
        raise jobs.JobFailed(_("没有做成备份：%(why)s") % {"why": fault}) from fault
    return jobs.Outcome(made.rows, report={"files": made.files, "size": made.size})


def _alive(progress: jobs.Progress) -> sealing.Sign:
    """Every piece renews the lease of the job; how many there will be nobody knows."""
    return lambda piece: progress(piece, piece + 1)


def restored(file: Path, sign: sealing.Sign = sealing.silent) -> restoring.Found:
    """What the copy gives in an empty place."""
    key = sealing.read_key(Path(settings.BACKUP_KEY_FILE))
    # Beside nothing of the office: the account that runs the server must be able to pass through.
    place = Path(tempfile.mkdtemp(prefix="portal-drill-"))
    place.chmod(0o711)
    cluster = EmbeddedPostgres(place / "server", durable=False)
    try:
        cluster.start()
        prepare_database(cluster.url(), DATABASE)
        return restoring.restore(file, key, cluster.url(OWNER, DATABASE), place / "media",
                                 sign=sign)  # fmt: skip
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


def _report(found: restoring.Found) -> dict[str, Any]:
    return {
        "made": found.made,
        "tables": found.tables,
        "files": found.files,
        "audit_seq": found.audit_seq,
        "is_whole": found.is_whole,
        "differences": found.differences[:MOST_DIFFERENCES],
    }


def _failed(backup: Backup, at: dt.datetime, why: str) -> jobs.JobFailed:
    note(backup, well=False, at=at)
    return jobs.JobFailed(why)


@action
def note(backup: Backup, *, well: bool, at: dt.datetime) -> None:
    """Keep with the copy that it was tried and how it went."""
    backup = lock(backup)
    backup.drilled_at, backup.drilled_well = at, well
    backup.save(update_fields=["drilled_at", "drilled_well"])
    record(backup, "backup.drilled", by=Actor.calendar(), at=at, well=well)
