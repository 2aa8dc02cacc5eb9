"""Where stored files lie: outside the web root, under random keys, complete or not at all.

A key is `ab/cd/<32 hex digits>`, for a derivative with its longest side behind (`…-640`). Nothing
a person typed is ever part of a path.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}(-[0-9]{1,5})?")


class StorageFull(Exception):
    """The file could not be written: no room, no right, no disk. Nothing was left behind."""


def new_key() -> str:
    """A key nobody can guess."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name[2:4]}/{name}"


def derivative_key(key: str, side: int) -> str:
    """The key of the smaller copy of `key`."""
    return f"{key}-{side}"


def path(key: str) -> Path:
    """Where `key` lies. A key of any other shape is an error in the program, and refused."""
    if not KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return Path(settings.PRIVATE_MEDIA_ROOT) / key


def exists(key: str) -> bool:
    """Whether a complete file lies under `key`."""
    return path(key).is_file()


def read(key: str) -> bytes:
    """The content under `key`; FileNotFoundError when there is none."""
    return path(key).read_bytes()


def write(content: bytes, key: str | None = None) -> str:
    """Store `content` under a new random key (or `key`) and return the key.

    The bytes reach the disk under a temporary name first, so a reader never meets half a file and
    a power cut leaves either the whole file or none.
    """
    key = key or new_key()
    target = path(key)
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        _leave_room(target.parent, len(content))
        _write_through(partial, content)
        partial.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageFull(error.strerror or type(error).__name__) from error
    return key


class _Guard:
    """Deletes its file when it is forgotten before it was told to keep it.

    Django drops the callbacks of a transaction or savepoint that rolls back, and with the callback
    goes the last reference to this object. No other hook tells of a rollback further out. After a
    crash the file stays as an orphan without a row; it harms nobody and can be swept.
    """

    def __init__(self, key: str) -> None:
        self.key: str | None = key

    def keep(self) -> None:
        self.key = None

    def __del__(self) -> None:
        if self.key is not None:
            delete(self.key)


def write_with_transaction(content: bytes, key: str | None = None) -> str:
    """Like `write`; the file goes again when the transaction under way rolls back."""
    key = write(content, key)
    transaction.on_commit(_Guard(key).keep, robust=True)
    return key


def adopt_with_transaction(file: Path) -> str:
    """Take a finished file over under a new key; it goes when the transaction rolls back.

    For files written piece by piece that need not pass through memory. `file` must lie on the
    volume of the store (see `workplace`).
    """
    key = new_key()
    target = path(key)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        file.chmod(0o640)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageFull(error.strerror or type(error).__name__) from error
    transaction.on_commit(_Guard(key).keep, robust=True)
    return key


def workplace() -> Path:
    """A file name for work in progress, on the volume of the store."""
    folder = Path(settings.PRIVATE_MEDIA_ROOT) / "work"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    return folder / uuid.uuid4().hex


def delete(key: str) -> None:
    """Remove the file under `key` and its smaller copies; already gone is fine."""
    target = path(key)
    copies = target.parent.glob(f"{target.name}-*") if target.parent.is_dir() else ()
    for file in (target, *copies):
        file.unlink(missing_ok=True)


def _leave_room(folder: Path, wanted: int) -> None:
    """Stop while the database, which may share the disk, can still write."""
    found = os.statvfs(folder)
    if found.f_bavail * found.f_frsize < wanted + settings.UPLOAD_KEEP_FREE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_through(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
