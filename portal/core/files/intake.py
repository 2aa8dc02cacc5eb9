"""The door: reads no more than allowed, looks at the content, never at the name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Protocol

import filetype

from portal.core.files import confined
from portal.core.files.images import clean_image
from portal.core.files.media import clean_media, family_of
from portal.core.files.names import safe_display_name
from portal.core.files.pdfs import clean_pdf
from portal.core.files.verdict import (
    ALL_TYPES,
    EXTENSIONS,
    MAX_BYTES,
    MEDIA,
    MEDIA_MAX_BYTES,
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
# What looks at the bytes before anybody opens them: raises RefusedFile, or says nothing.
Scanner = Callable[[bytes], None]
DIRECT: Mapping[str, Callable[[bytes], Cleaned]] = {
    "image/jpeg": partial(clean_image, media_type="image/jpeg"),
    "image/png": partial(clean_image, media_type="image/png"),
    "image/heic": partial(clean_image, media_type="image/heic"),
    "application/pdf": clean_pdf,
}


class Readable(Protocol):
    """What an upload must offer; Django's UploadedFile and any binary file do."""

    def read(self, size: int = ..., /) -> bytes: ...


def inspect_upload(
    stream: Readable,
    name: str,
    *,
    accept: Collection[str] = ALL_TYPES,
    max_bytes: int = MAX_BYTES,
    max_media_bytes: int = MEDIA_MAX_BYTES,
    scanner: Scanner | None = None,
) -> Accepted | Refused:
    """Judge one upload: its cleaned content, or the reason why not.

    `accept` holds media types (IMAGES, PDFS, AUDIO, VIDEO, their unions). The stream is read once
    from where it stands, never further than one byte past what may be.
    """
    most = max(max_bytes, max_media_bytes) if MEDIA & set(accept) else max_bytes
    received = stream.read(most + 1)
    try:
        cleaned = _clean(received, name, accept, (max_bytes, max_media_bytes), scanner)
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


def _clean(
    received: bytes,
    name: str,
    accept: Collection[str],
    limits: tuple[int, int],
    scanner: Scanner | None,
) -> Cleaned:
    if not received.strip(b"\0 \t\r\n"):
        raise RefusedFile("empty")
    family = family_of(received) if MEDIA & set(accept) else None
    limit = limits[1] if family else limits[0]
    if len(received) > limit:
        raise RefusedFile("size", limit_mb=_megabytes(limit))
    media_type = _real_type(received)
    if family is None and (media_type is None or media_type not in accept):
        raise RefusedFile("type", extension=_shown_ending(name), accept=frozenset(accept))
    if scanner:
        scanner(received)
    if media_type is not None:
        return confined.cleaner(DIRECT[media_type], media_type)(received)
    return clean_media(received, str(family), accept)


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
