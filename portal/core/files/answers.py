"""What the portal and its confined child say to each other.

The child is not trusted: its answer is read as lengths, texts from fixed sets and bytes, and
nothing else. (Unpickling it would let a hostile file out of its cage.)
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import IO, Any

from portal.core.files.verdict import THUMBNAIL_SIDES, Cleaned, Refused, RefusedFile

_QUESTION = struct.Struct(">32sQ")
_LENGTH = struct.Struct(">Q")
LONGEST_HEAD = 4096
LONGEST_PART = 256 * 1024 * 1024
# What cleaned files begin with.
MARKS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n",
         "application/pdf": b"%PDF-"}  # fmt: skip
CODES = frozenset({"broken", "too_many_pixels", "too_many_pages", "encrypted", "active_content"})


class BadAnswer(Exception):
    """The child said something that no honest child says."""


def question(media_type: str, received: bytes) -> Iterator[bytes]:
    """A file to be cleaned."""
    yield _QUESTION.pack(media_type.encode(), len(received))
    yield received


def read_question(stream: IO[bytes]) -> tuple[str, bytes]:
    """The other end of `question`."""
    kind, length = _QUESTION.unpack(stream.read(_QUESTION.size))
    return kind.rstrip(b"\0").decode(), stream.read(length)


def answer(judged: Cleaned | RefusedFile) -> Iterator[bytes]:
    """The cleaned file or the refusal."""
    head: dict[str, Any]
    parts: list[bytes] = []
    if isinstance(judged, RefusedFile):
        head = {"code": judged.refusal.code, "params": dict(judged.refusal.params)}
    else:
        head = {
            "media_type": judged.media_type,
            "pages": judged.pages,
            "width": judged.width,
            "height": judged.height,
            "sides": list(judged.thumbnails),
        }
        parts = [judged.content, *judged.thumbnails.values()]
    text = json.dumps(head).encode()
    for part in (text, *parts):
        yield _LENGTH.pack(len(part))
        yield part


def read_answer(stream: IO[bytes]) -> Cleaned | Refused:
    """The other end of `answer`; BadAnswer for anything that is not one."""
    try:
        head = json.loads(_part(stream, LONGEST_HEAD))
        if "code" in head:
            return _refusal(head)
        return _cleaned(head, stream)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise BadAnswer(type(fault).__name__) from fault


def _refusal(head: dict[str, Any]) -> Refused:
    params = {str(name): value for name, value in head["params"].items()}
    if head["code"] not in CODES or not all(isinstance(v, str | int) for v in params.values()):
        raise ValueError("no refusal of ours")
    return Refused(head["code"], params)


def _cleaned(head: dict[str, Any], stream: IO[bytes]) -> Cleaned:
    content = _part(stream, LONGEST_PART)
    sides = [int(side) for side in head["sides"]]
    if not set(sides) <= set(THUMBNAIL_SIDES) or not content.startswith(MARKS[head["media_type"]]):
        raise ValueError("no file of ours")
    thumbnails = {side: _part(stream, LONGEST_PART) for side in sides}
    if not all(small.startswith(MARKS["image/jpeg"]) for small in thumbnails.values()):
        raise ValueError("no picture of ours")
    return Cleaned(
        content=content,
        media_type=head["media_type"],
        pages=_number(head["pages"]),
        width=_number(head["width"]),
        height=_number(head["height"]),
        thumbnails=thumbnails,
    )


def _number(value: Any) -> int | None:
    return None if value is None else min(int(value), 32_767)


def _part(stream: IO[bytes], longest: int) -> bytes:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise ValueError("no answer")
    length = int(_LENGTH.unpack(head)[0])
    if length > longest:
        raise ValueError("too long")
    part = stream.read(length)
    if len(part) < length:
        raise ValueError("cut off")
    return part
