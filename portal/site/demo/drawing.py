"""Papers to hand in, drawn on the spot: nothing of the kind is committed."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.core.papers import fonts

HERE = Path(__file__).parent
PICTURE_PPI = 90
JPEG_QUALITY = 80


def paper(
    title: str, rows: Sequence[tuple[str, str]], *, as_picture: bool = False
) -> SimpleUploadedFile:
    """A certificate with these rows, as PDF or as the photograph a phone would take."""
    words = json.dumps({"title": title, "rows": [list(row) for row in rows]}, ensure_ascii=False)
    compiler = typst.Compiler(
        HERE / "paper.typ",
        root=HERE,
        font_paths=fonts.loaded(fonts.folders()),
        ignore_system_fonts=True,
        sys_inputs={"words": words},
    )
    if as_picture:
        drawn: Any = compiler.compile(format="png", ppi=PICTURE_PPI)
        return SimpleUploadedFile(f"{title}.jpg", _photograph(bytes(drawn)), "image/jpeg")
    drawn = compiler.compile(format="pdf")
    return SimpleUploadedFile(f"{title}.pdf", bytes(drawn), "application/pdf")


def _photograph(png: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
