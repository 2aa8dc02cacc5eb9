"""What an inspection answers: the cleaned file, or the reason it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 20 * 1024 * 1024
THUMBNAIL_SIDES = (640, 1600)

IMAGES = frozenset({"image/jpeg", "image/png", "image/heic"})
PDFS = frozenset({"application/pdf"})
ALL_TYPES = IMAGES | PDFS
# Only where a place asks for them: they are large, and their content cannot be made anonymous.
AUDIO = frozenset({"audio/mp4", "audio/mpeg", "audio/wav", "audio/ogg", "audio/3gpp", "audio/webm"})
VIDEO = frozenset({"video/mp4", "video/3gpp", "video/webm"})
MEDIA = AUDIO | VIDEO
MEDIA_MAX_BYTES = 50 * 1024 * 1024

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/3gpp": ".3ga",
    "audio/webm": ".weba",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "video/webm": ".webm",
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file rewritten from its meaning: pixels or PDF objects."""

    content: bytes
    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    thumbnails: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file fit to keep. `content` is what is stored; what was received is only hashed.

    `thumbnails` maps the longest side (640, 1600) to JPEG bytes, for the sides that are smaller
    than the picture itself.
    """

    content: bytes
    display_name: str
    media_type: str
    extension: str
    size_received: int
    sha256_received: str
    sha256_stored: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    thumbnails: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes to be stored."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file not fit to keep. `code` chooses the message, `params` fill it.

    Codes: empty, size, type, broken, too_many_pixels, too_many_pages, encrypted, active_content,
    codec, no_media, virus, scanner_down.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class RefusedFile(Exception):
    """Raised inside the package to leave a cleaner early; never leaves `inspect_upload`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.refusal = Refused(code, params)
