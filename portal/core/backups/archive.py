"""What lies inside the envelope: named entries one after another, of a length nobody knows before.

    name length (2) | name | chunks: length (4), bytes ... | length 0 ...     an empty name ends it

A tar wants the size of each member beforehand, and the dump of a database has none until it ends.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Protocol

from .sealing import CopyBroken

CHUNK = 256 * 1024
LONGEST_NAME = 200


class Sink(Protocol):
    """Something that takes bytes."""

    def write(self, content: bytes, /) -> object: ...


class Source(Protocol):
    """Something that gives bytes."""

    def read(self, count: int, /) -> bytes: ...


def put(target: Sink, name: str, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write one entry; returns its size and SHA-256."""
    encoded, digest, size = name.encode(), hashlib.sha256(), 0
    target.write(struct.pack(">H", len(encoded)) + encoded)
    for chunk in chunks:
        if chunk:
            digest.update(chunk)
            size += len(chunk)
            target.write(struct.pack(">I", len(chunk)) + chunk)
    target.write(struct.pack(">I", 0))
    return size, digest.hexdigest()


def end(target: Sink) -> None:
    """No more entries."""
    target.write(struct.pack(">H", 0))


def entries(source: Source) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each entry with its chunks; what was not read of one is read past before the next."""
    while length := _number(source, 2):
        if length > LONGEST_NAME:
            raise CopyBroken("a name is too long")
        chunks = _chunks(source)
        yield _exactly(source, length).decode(), chunks
        for _rest in chunks:
            pass
    if source.read(1):
        raise CopyBroken("something follows the end")


def _chunks(source: Source) -> Iterator[bytes]:
    while length := _number(source, 4):
        yield _exactly(source, length)


def _number(source: Source, count: int) -> int:
    return int.from_bytes(_exactly(source, count), "big")


def _exactly(source: Source, count: int) -> bytes:
    found = source.read(count)
    if len(found) != count:
        raise CopyBroken("the copy is cut off")
    return found
