"""Makes a copy: one snapshot of the database, then the files, sealed as they are read."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.calendar import SHANGHAI
from portal.core.crypto import blind_index
from portal.core.models import Backup, User
from portal.core.models.people import staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, record

from . import archive, keeping, sealing, server

DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media/"
ENDING = ".backup"
# Its own compressed form; who owns what is said anew by the place it is restored to.
DUMP_OPTIONS = ["--format=custom", "--no-owner", "--no-password"]
logger = logging.getLogger(__name__)


class NotMade(Exception):
    """No copy came about; the text says why, without a value of anybody's."""


class Busy(NotMade):
    """Another copy is being made at this moment."""


FAULTS = (NotMade, sealing.KeyMissing, server.ProgramMissing, OSError, psycopg.Error)


def why(fault: Exception) -> str:
    """What is said of a fault: our own words, of others the kind only."""
    return str(fault) if isinstance(fault, NotMade) else type(fault).__name__


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that lies in its place."""

    name: str
    size: int
    sha256: str
    manifest: dict[str, Any]


def make(
    at: dt.datetime,
    *,
    by: Actor | None = None,
    nightly: bool = False,
    sign: sealing.Sign = sealing.silent,
) -> Backup:
    """Make a copy and note it; a failure is noted as well. Raises NotMade.

    `sign` is called with every sealed piece: the work of a job says so that it is alive.
    """
    try:
        copy = copy_only(at, sign)
    except Busy:
        raise
    except FAULTS as fault:
        logger.exception("no copy was made")
        _note_failure(why(fault), at=at, by=by, nightly=nightly)
        raise NotMade(why(fault)) from fault
    return note(copy, at=at, by=by, nightly=nightly)


def copy_only(at: dt.datetime, sign: sealing.Sign = sealing.silent) -> Copy:
    """A copy without its row: before an upgrade the tables are older than the models."""
    with _alone():
        return _write(at, sign)


@contextmanager
def _alone() -> Generator[None]:
    """One copy at a time on this machine; the lock goes with the process that holds it."""
    folder = Path(settings.BACKUP_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy("another copy is being made") from None
        yield


def _write(at: dt.datetime, sign: sealing.Sign) -> Copy:
    key = sealing.read_key(Path(settings.BACKUP_KEY_FILE))
    name = f"portal-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    target = Path(settings.BACKUP_DIR) / name
    partial = target.with_name(f".{name}.part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            sealer = sealing.Sealer(file, key, sign)
            manifest = _fill(sealer, at)
            sealer.close()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return Copy(name, sealer.size, sealer.digest.hexdigest(), manifest)


def _fill(sealer: sealing.Sealer, at: dt.datetime) -> dict[str, Any]:
    """Dump, files, and last the manifest, which knows what went before."""
    manifest: dict[str, Any] = {
        "format": 1,
        "at": at.isoformat(),
        # Says which seal.json opens the columns; it opens nothing itself.
        "seal": blind_index("which key", "backup"),
        "entries": {},
    }
    where, password = server.address(settings.BACKUP_LOGIN)
    with server.connect(where, password) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = str(row[0]) if row else ""
        manifest["tables"] = server.holdings(connection)
        manifest["audit"] = server.chain(connection)
        chunks = _dump(where, password, snapshot)
        manifest["entries"][DUMP] = archive.put(sealer, DUMP, chunks)
        connection.rollback()
    for name, file in _files():
        with file.open("rb") as source:
            manifest["entries"][name] = archive.put(sealer, name, _pieces(source))
    archive.put(sealer, MANIFEST, [json.dumps(manifest).encode()])
    archive.end(sealer)
    return manifest


def _dump(where: str, password: str, snapshot: str) -> Iterator[bytes]:
    """pg_dump's own format, of the snapshot the manifest counts in."""
    program = server.program("pg_dump")
    command = [program, *DUMP_OPTIONS, f"--snapshot={snapshot}", f"--dbname={where}"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=server.surroundings(password),
    ) as process:  # fmt: skip
        if process.stdout is None or process.stderr is None:
            raise NotMade("pg_dump has no output")
        yield from _pieces(process.stdout)
        said = process.stderr.read().decode("utf-8", "replace").strip()
        if process.wait():
            raise NotMade(f"pg_dump: {said.splitlines()[0] if said else process.returncode}")


def _pieces(source: Any) -> Iterator[bytes]:
    while piece := source.read(archive.CHUNK):
        yield piece


def _files() -> Iterator[tuple[str, Path]]:
    """The stored files; work in progress and half-written ones are none yet."""
    root = Path(settings.PRIVATE_MEDIA_ROOT)
    for file in sorted(root.glob("??/??/*")):
        if file.is_file() and not file.name.startswith("."):
            yield MEDIA + file.relative_to(root).as_posix(), file


# --- what is noted ------------------------------------------------------------------------------


@action
def note(copy: Copy, *, at: dt.datetime, by: Actor | None, nightly: bool) -> Backup:
    """The row of a copy that lies in its place."""
    tables = copy.manifest["tables"]
    made = Backup.objects.create(
        day=clock.day_of(at), made_at=at, is_nightly=nightly, made_by=by.user if by else None,
        name=copy.name, size=copy.size, sha256=copy.sha256,
        rows=sum(rows for rows, _print in tables.values()),
        files=len(copy.manifest["entries"]) - 1,
        audit_seq=copy.manifest["audit"]["seq"],
    )  # fmt: skip
    record(made, "backup.made", by=by or Actor.calendar(), at=at, rows=made.rows, files=made.files)
    return made


@action
def _note_failure(reason: str, *, at: dt.datetime, by: Actor | None, nightly: bool) -> None:
    made = Backup.objects.create(
        day=clock.day_of(at), made_at=at, is_nightly=nightly, made_by=by.user if by else None,
        error=reason[:300],
    )  # fmt: skip
    record(made, "backup.failed", by=by or Actor.calendar(), at=at)
    if Backup.objects.filter(day=made.day).exclude(error="").exclude(pk=made.pk).exists():
        return  # told already
    people = User.objects.filter(pk__in=staff_with(Role.SYSADMIN, made.day), is_active=True)
    outbox.notify(people, "backup.failed", made, at=at, once=made.day.isoformat())


def nightly(at: dt.datetime) -> int:
    """Make the copy of the night if it is still owed, then clear; safe to run often."""
    day, law = clock.day_of(at), in_force(clock.day_of(at))
    if at.astimezone(SHANGHAI).hour < law.integer("backups.hour"):
        return 0
    tonight = Backup.objects.filter(day=day, is_nightly=True)
    if tonight.filter(error="").exists():
        return 0
    if tonight.count() >= law.integer("backups.tries"):
        return 0
    try:
        make(at, nightly=True)
    except NotMade:
        return 0
    keeping.clear(at)
    return 1
