"""The fonts papers are set in, and which characters they have.

The wheel brings Noto Serif SC and Noto Sans SC. An office that owns 仿宋_GB2312 or 方正小标宋 names
a folder in `settings.PAPER_FONT_DIRS`; those faces then come first, and nothing else changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.conf import settings

SERIF = "Noto Serif SC"
SANS = "Noto Sans SC"
WISHES = {
    "body": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", SERIF, SANS),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", SERIF, SANS),
    "strong": ("SimHei", "FZHei-B01S", SANS, SERIF),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", SERIF, SANS),
    "number": ("SimSun", "NSimSun", SERIF, SANS),
}
GETA = "〓"  # what printers set where a character is missing


def folders() -> tuple[str, ...]:
    """Where fonts are looked for; the system's own are left out, so that every machine agrees."""
    own = tuple(str(folder) for folder in getattr(settings, "PAPER_FONT_DIRS", ()))
    return (*own, str(pylopdf_fonts_zh_cn.serif_path().parent))


@cache
def loaded(where: tuple[str, ...]) -> Any:
    """Typst's view of the folders, read once a process."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(where)
    )


def families() -> dict[str, list[str]]:
    """For each part of a paper the faces that are really there, best first."""
    there = set(loaded(folders()).families())
    return {part: [name for name in wishes if name in there] for part, wishes in WISHES.items()}


def missing(text: str) -> tuple[str, ...]:
    """The characters of `text` no font at hand can draw, each once, in order."""
    known = _known(folders())
    return tuple(dict.fromkeys(ch for ch in text if ord(ch) not in known and not ch.isspace()))


@cache
def _known(where: tuple[str, ...]) -> frozenset[int]:
    wanted = {name for wishes in families().values() for name in wishes}
    files = {font.path for font in loaded(where).fonts() if font.family in wanted}
    return frozenset(point for file in files for point in covered(Path(file).read_bytes()))


def covered(font: bytes) -> Iterator[int]:
    """The code points of a font file or of the first face of a collection (its `cmap` table)."""
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", font, start + 4)
    for at in range(start + 12, start + 12 + 16 * tables, 16):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, at)
        if tag == b"cmap":
            yield from _mapped(font, offset)


def _mapped(font: bytes, cmap: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for number in range(count):
        (offset,) = struct.unpack_from(">I", font, cmap + 4 + 8 * number + 4)
        (form,) = struct.unpack_from(">H", font, cmap + offset)
        if form == 12:
            yield from _groups(font, cmap + offset)
        elif form == 4:
            yield from _segments(font, cmap + offset)


def _groups(font: bytes, at: int) -> Iterator[int]:
    """Format 12: runs of 32-bit code points."""
    (count,) = struct.unpack_from(">I", font, at + 12)
    for first, last, glyph in struct.iter_unpack(">III", font[at + 16 : at + 16 + 12 * count]):
        yield from range(first if glyph else first + 1, last + 1)


def _segments(font: bytes, at: int) -> Iterator[int]:
    """Format 4: runs of 16-bit code points; a run may hold unused places, which we overlook."""
    (double,) = struct.unpack_from(">H", font, at + 6)
    lasts = struct.unpack_from(f">{double // 2}H", font, at + 14)
    firsts = struct.unpack_from(f">{double // 2}H", font, at + 16 + double)
    for first, last in zip(firsts, lasts, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)
