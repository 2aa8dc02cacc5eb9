"""Pictures: only the pixels survive.

Decoded, turned upright, made no larger than useful, copied onto a new canvas and encoded again.
EXIF, GPS, colour profiles, XMP, comments, later frames and anything glued to the file stay behind.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import pillow_heif
from PIL import Image

from portal.core.files.verdict import THUMBNAIL_SIDES, Cleaned, RefusedFile

MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000
STORED_SIDE = 4_000
JPEG_QUALITY = 85
THUMBNAIL_QUALITY = 72

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
DECODERS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}
# What decoders are known to raise on damaged input.
BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError,
          ArithmeticError, RuntimeError, struct.error, zlib.error)  # fmt: skip

pillow_heif.register_heif_opener()
# Pillow warns at 89 megapixels, twice our limit: what reaches the warning is an error here.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def clean_image(received: bytes, media_type: str) -> Cleaned:
    """The picture drawn again: PNG stays PNG, everything else becomes JPEG."""
    try:
        upright = _decode(received, DECODERS[media_type])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedFile("too_many_pixels", limit_mp=MAX_PIXELS // 1_000_000) from error
    except BROKEN as error:
        raise RefusedFile("broken") from error
    kind = "PNG" if media_type == "image/png" else "JPEG"
    canvas = _new_canvas(upright, alpha=kind == "PNG")
    return Cleaned(
        content=_encode(canvas, kind, JPEG_QUALITY),
        media_type=f"image/{kind.lower()}",
        width=canvas.width,
        height=canvas.height,
        thumbnails=_thumbnails(canvas),
    )


def _decode(received: bytes, decoder: str) -> Image.Image:
    """Header first, then the size check, and only then the pixels."""
    with Image.open(io.BytesIO(received), formats=(decoder,)) as picture:
        width, height = picture.size
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise RefusedFile("too_many_pixels", limit_mp=MAX_PIXELS // 1_000_000)
        turn = TURNS.get(_orientation(picture))
        if decoder == "JPEG":
            # Let the decoder halve the picture while that still leaves enough of it.
            share = STORED_SIDE / max(width, height, STORED_SIDE)
            picture.draft(None, (int(width * share), int(height * share)))
        picture.load()
        plain = _eight_bit(picture)
    plain.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.LANCZOS)
    return plain.transpose(turn) if turn is not None else plain


def _orientation(picture: Image.Image) -> int:
    """How the camera was held. A damaged EXIF block must not cost the picture."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1


def _eight_bit(picture: Image.Image) -> Image.Image:
    """RGB, RGBA or grey, eight bits a channel."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in {"L", "1"}:
        return picture.convert("L")
    return picture.convert("RGB")


def _new_canvas(upright: Image.Image, *, alpha: bool) -> Image.Image:
    """A fresh picture without history. Where there is no alpha channel, the ground is white."""
    if upright.mode == "RGBA" and not alpha:
        canvas = Image.new("RGB", upright.size, "white")
        canvas.paste(upright, mask=upright.getchannel("A"))
        return canvas
    canvas = Image.new(upright.mode, upright.size)
    canvas.paste(upright)
    return canvas


def _thumbnails(canvas: Image.Image) -> dict[int, bytes]:
    made = {}
    for side in THUMBNAIL_SIDES:
        if max(canvas.size) > side:
            small = canvas.copy()
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            made[side] = _encode(_new_canvas(small, alpha=False), "JPEG", THUMBNAIL_QUALITY)
    return made


def _encode(canvas: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        canvas.save(out, "PNG", optimize=False)
    else:
        canvas.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
