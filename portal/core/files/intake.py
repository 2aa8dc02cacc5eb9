"""The door: reads no more than allowed, looks at the content, never at the name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Protocol

import filetype

from portal.core.files.images import clean_image
from portal.core.files.names import safe_display_name
from portal.core.files.pdfs import clean_pdf
from portal.core.files.verdict import (
    ALL_TYPES,
    EXTENSIONS,
    MAX_BYTES,
    PDFS,
    Accepted,
    Cleaned,
    Refused,
    RefusedFile,
)

MEGABYTE = 1024 * 1024
# Kinds by the marks at their start, beside filetype's own opinion: both must agree.
SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n",
              "application/pdf": b"%PDF-"}  # fmt: skip
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})


class Readable(Protocol):
    """What an upload must offer; Django's UploadedFile and any binary file do."""

    def read(self, size: int = ..., /) -> bytes: ...


def inspect_upload(
    stream: Readable,
    name: str,
    *,
    accept: Collection[str] = ALL_TYPES,
    max_bytes: int = MAX_BYTES,
) -> Accepted | Refused:
    """Judge one upload: its cleaned content, or the reason why not.

    `accept` holds media types (IMAGES, PDFS, ALL_TYPES). The stream is read once from where it
    stands, never further than one byte past `max_bytes`.
    """
    received = stream.read(max_bytes + 1)
    try:
        cleaned = _clean(received, name, accept, max_bytes)
    except RefusedFile as refused:
        return refused.refusal
    extension = EXTENSIONS[cleaned.media_type]
    return Accepted(
        content=cleaned.content,
        display_name=safe_display_name(name, extension=extension),
        media_type=cleaned.media_type,
        extension=extension,
        size_received=len(received),
        sha256_received=hashlib.sha256(received).hexdigest(),
        sha256_stored=hashlib.sha256(cleaned.content).hexdigest(),
        pages=cleaned.pages,
        width=cleaned.width,
        height=cleaned.height,
        thumbnails=cleaned.thumbnails,
    )


def _clean(received: bytes, name: str, accept: Collection[str], max_bytes: int) -> Cleaned:
    if not received.strip(b"\0 \t\r\n"):
        raise RefusedFile("empty")
    if len(received) > max_bytes:
        raise RefusedFile("size", limit_mb=_megabytes(max_bytes))
    media_type = _real_type(received)
    if media_type is None or media_type not in accept:
        raise RefusedFile("type", extension=_shown_ending(name), accept=frozenset(accept))
    return clean_pdf(received) if media_type in PDFS else clean_image(received, media_type)


def _real_type(received: bytes) -> str | None:
    """The media type by content: the marks at the start and the library must say the same."""
    if received[4:8] == b"ftyp":
        return "image/heic" if _is_heic(received) else None
    guess = filetype.guess_mime(received[:8192])
    guess = "image/png" if guess == "image/apng" else guess
    mark = SIGNATURES.get(guess or "")
    return guess if mark and received.startswith(mark) else None


def _is_heic(received: bytes) -> bool:
    """A still picture of the HEVC family, by its own brand or one it says it is compatible with."""
    length = min(int.from_bytes(received[:4], "big"), 256)
    brands = {received[8:12]} | {received[at : at + 4] for at in range(16, length, 4)}
    return received[8:12] != b"avif" and bool(brands & HEIC_BRANDS)


def _megabytes(count: int) -> float:
    return round(count / MEGABYTE, 1)


def _shown_ending(name: str) -> str:
    """The ending the sender sees, for the message; empty when there is none."""
    _, dot, ending = safe_display_name(name).rpartition(".")
    return ending[:8].upper() if dot else ""
