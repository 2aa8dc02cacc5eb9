"""A signature as a paper keeps it: small, grey, and part of the frozen content itself."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageOps

WIDTH, HEIGHT = 480, 160  # the template draws it in these proportions
GREYS = 8


def drawn(content: bytes) -> str:
    """The picture as base64 of a PNG of one size; a paper needs no other file to be drawn again."""
    with Image.open(io.BytesIO(content)) as given:
        shown = ImageOps.pad(_on_white(given), (WIDTH, HEIGHT), color="white")
    out = io.BytesIO()
    shown.quantize(GREYS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _on_white(picture: Image.Image) -> Image.Image:
    """Ink on nothing would be black on black."""
    ink = picture.convert("RGBA")
    sheet = Image.new("RGBA", ink.size, "white")
    sheet.alpha_composite(ink)
    return sheet.convert("L")
