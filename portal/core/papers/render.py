"""Drawing papers with Typst: the words go in as JSON input and never as markup."""

from __future__ import annotations

import io
import json
import uuid
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.db import transaction
from PIL import Image

from portal.core.files import store
from portal.core.models.papers import OfficialPaper
from portal.core.papers import content, fonts

TEMPLATES = Path(__file__).with_name("typst")
PICTURE_WIDTH = 1080
A4_WIDTH_POINTS = 595.2756
PICTURE_GAP = 24
POINTS_PER_INCH = 72


def words(paper: OfficialPaper) -> dict[str, Any]:
    """The words of the paper, with the addresses of this portal."""
    prefix = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    return content.printed(paper, origin=f"{settings.PUBLIC_ORIGIN}{prefix}")


def pdf(paper: OfficialPaper) -> bytes:
    """The paper as PDF/A-2b; the same paper always gives the same bytes."""
    drawn = _compiler(paper).compile(
        format="pdf", pdf_standards=["a-2b"], timestamp=int(paper.issued_at.timestamp())
    )
    return bytes(drawn)


def png(paper: OfficialPaper) -> bytes:
    """The pages under each other as one picture, 1080 px wide, for phones."""
    drawn = _compiler(paper).compile(
        format="png", ppi=PICTURE_WIDTH / A4_WIDTH_POINTS * POINTS_PER_INCH
    )
    pages = [
        Image.open(io.BytesIO(page)) for page in ([drawn] if isinstance(drawn, bytes) else drawn)
    ]
    height = sum(page.height for page in pages) + PICTURE_GAP * (len(pages) - 1)
    sheet = Image.new("RGB", (PICTURE_WIDTH, height), "#d9d3c8")
    top = 0
    for page in pages:
        sheet.paste(page.convert("RGB"), (0, top))
        top += page.height + PICTURE_GAP
    out = io.BytesIO()
    sheet.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def missing(paper: OfficialPaper) -> tuple[str, ...]:
    """The characters of the paper no font has; the drawing shows 〓 and says so at the foot."""
    return fonts.missing(content.all_text(words(paper)))


@transaction.atomic
def render_and_store(paper_id: uuid.UUID | str) -> OfficialPaper:
    """Draw and keep PDF and picture of a paper; what is there already stays untouched."""
    paper: OfficialPaper = OfficialPaper.objects.select_for_update().get(pk=paper_id)
    if paper.pdf_key and paper.png_key:
        return paper
    document = pdf(paper)
    paper.pdf_key = store.write_with_transaction(document)
    paper.pdf_sha256 = sha256(document).hexdigest()
    paper.png_key = store.write_with_transaction(png(paper))
    paper.save(update_fields=["pdf_key", "pdf_sha256", "png_key"])
    return paper


def _compiler(paper: OfficialPaper) -> Any:
    said = words(paper)
    lacking = fonts.missing(content.all_text(said))
    if lacking:
        said = content.with_each_text(said, partial(_with_geta, lacking))
    inputs = {
        **said,
        "author": paper.letterhead,
        "note": _note(lacking),
        "fonts": fonts.families(),
        "qr": segno.make(said["code_url"], error="m", micro=False).svg_inline(border=0),
    }
    return typst.Compiler(
        TEMPLATES / "paper.typ",
        root=TEMPLATES,
        font_paths=fonts.loaded(fonts.folders()),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(inputs, ensure_ascii=False)},
    )


def _with_geta(lacking: tuple[str, ...], text: str) -> str:
    return "".join(fonts.GETA if ch in lacking else ch for ch in text)


def _note(lacking: tuple[str, ...]) -> str:
    """What stands in place of what, so that nobody takes the gap for the name."""
    if not lacking:
        return ""
    points = "、".join(f"U+{ord(ch):04X}" for ch in lacking)
    return f"注：“〓”处是字库中没有的字，统一码依次为 {points}，完整文字见核验网址。"
