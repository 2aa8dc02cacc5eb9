"""Puts a copy back: into an empty database, as its owner, and an empty folder of files.

What was counted when the copy was made is counted again afterwards, table by table, and the chain
of the audit trail is walked. Nothing is ever overwritten.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.core.crypto import blind_index
from portal.core.files.store import KEY

from . import archive, sealing, server
from .making import DUMP, MANIFEST, MEDIA


class NotEmpty(Exception):
    """There is something already where the copy should go; names what."""


class NotRestored(Exception):
    """The copy could not be put back; the text says why."""


@dataclass(slots=True)
class Found:
    """What came out of a copy, and every difference to what it says of itself."""

    tables: int = 0
    rows: int = 0
    files: int = 0
    audit_seq: int = 0
    made: str = ""
    differences: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing differs."""
        return not self.differences


def restore(file: Path, key: bytes, where: str, media: Path, *, password: str = "",
            sign: sealing.Sign = sealing.silent) -> Found:  # fmt: skip
    """Put a copy into the database `where` and the folder `media`, both empty, and compare.

    Raises NotEmpty, CopyBroken, NotRestored. What was begun and failed is left for a look: the
    database is filled in one transaction, the folder of files is the caller's to clear.
    """
    _refuse_unless_empty(where, password, media)
    seen: dict[str, list[Any]] = {}
    manifest: dict[str, Any] = {}
    with file.open("rb") as source:
        for name, chunks in archive.entries(sealing.Opener(source, key, sign)):
            if name == MANIFEST:
                manifest = json.loads(b"".join(chunks))
            elif name == DUMP:
                _load(chunks, where, password)
            else:
                seen[name] = list(_store(name, chunks, media))
    if not manifest:
        raise sealing.CopyBroken("the copy has no manifest")
    return _compared(manifest, seen, where, password)


def _refuse_unless_empty(where: str, password: str, media: Path) -> None:
    with server.connect(where, password) as connection:
        if there := server.tables(connection):
            raise NotEmpty(f"the database has tables already: {', '.join(there[:3])} …")
    if media.exists() and any(media.iterdir()):
        raise NotEmpty(f"the folder of files is not empty: {media}")


def _load(chunks: Iterable[bytes], where: str, password: str) -> None:
    """pg_restore, all or nothing: its output is a script, and psql runs it in one transaction."""
    command = [server.program("pg_restore"), "--no-owner", "--exit-on-error",
               "--single-transaction", "--no-password", f"--dbname={where}"]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=server.surroundings(password),
    ) as process:  # fmt: skip
        if process.stdin is None or process.stderr is None:
            raise NotRestored("pg_restore has no input")
        try:
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says itself why it stopped reading
        except sealing.CopyBroken:
            process.kill()
            raise
        said = process.stderr.read().decode("utf-8", "replace").strip()
        if process.wait():
            raise NotRestored(f"pg_restore: {said.splitlines()[0] if said else process.returncode}")


def _store(name: str, chunks: Iterator[bytes], media: Path) -> tuple[int, str]:
    """One stored file into its place; a name that is none of ours is refused."""
    key = name.removeprefix(MEDIA)
    if not name.startswith(MEDIA) or not re.fullmatch(KEY, key):
        raise sealing.CopyBroken("a name is none of this portal's")
    target = media / key
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "wb") as file:
        counted = _Counted(file)
        return archive.put(counted, "", counted.passing(chunks))


class _Counted:
    """Writes the plain bytes of an entry while `archive.put` counts them; no frame."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, content: bytes, /) -> None:
        """The frame: not kept."""

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes, written as they come by."""
        for chunk in chunks:
            self.file.write(chunk)
            yield chunk


def _compared(
    manifest: dict[str, Any], seen: dict[str, list[Any]], where: str, password: str
) -> Found:
    found = Found(made=manifest["at"], files=len(seen))
    with server.connect(where, password) as connection:
        held, chain = server.holdings(connection), server.chain(connection)
    found.tables, found.rows = len(held), sum(rows for rows, _print in held.values())
    found.audit_seq = chain["seq"]
    wanted = {k: v for k, v in manifest["entries"].items() if k != DUMP}
    found.differences = [
        *_differing("table", manifest["tables"], held),
        *_differing("file", wanted, seen),
    ]
    if chain != manifest["audit"]:
        found.differences.append(f"audit: {manifest['audit']} became {chain}")
    if chain["fault"]:
        found.differences.append(f"audit: line {chain['fault']}")
    if manifest["seal"] != blind_index("which key", "backup"):
        found.differences.append("seal: the key file of the sealed columns is another one")
    return found


def _differing(what: str, wanted: dict[str, Any], there: dict[str, Any]) -> Iterator[str]:
    for name in sorted(wanted.keys() | there.keys()):
        if list(wanted.get(name, [])) != list(there.get(name, [])):
            yield f"{what} {name}: {wanted.get(name)} became {there.get(name)}"
