"""Files as people bring them: a scan of several pages, a photograph that knows its place."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pylopdf_fonts_zh_cn
import pypdfium2
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageFont

from facilities.forms.staff_table import COLUMNS
from facilities.models.choices import StaffPost
from portal.core.sheets import Column, read_table, write_table

A4_AT_110_DPI = (909, 1286)
WUGANG = ((33.0, 17.0, 29.5), (113.0, 31.0, 5.2))  # north and east, as a camera writes them


def scan(pages: int = 3, *, seed: int = 7) -> bytes:
    """A PDF without a letter of text: each page is a grey, turned picture of a contract."""
    dice = random.Random(seed)
    pictures = [_page(number, pages, dice) for number in range(1, pages + 1)]
    out = io.BytesIO()
    pictures[0].save(
        out, "PDF", save_all=True, append_images=pictures[1:], resolution=110, producer="Scanner"
    )
    return out.getvalue()


def _page(number: int, pages: int, dice: random.Random) -> Image.Image:
    paper = Image.new("L", A4_AT_110_DPI, 247)
    pen, font = ImageDraw.Draw(paper), ImageFont.truetype(_font(), 24)
    pen.text((300, 70), "房屋租赁合同（示例）", fill=40, font=font)
    for line in range(24):
        area = dice.randrange(200, 400)
        words = f"第{number}页第{line + 1}条　承租场所只用于托育服务，面积 {area} 平方米。"
        pen.text((80, 150 + 42 * line), words, fill=50 + dice.randrange(30), font=font)
    pen.text((380, 1220), f"{number}/{pages}", fill=60, font=font)
    turned = paper.rotate(
        dice.uniform(-0.8, 0.8), fillcolor=235, resample=Image.Resampling.BILINEAR
    )
    dust = Image.effect_noise(A4_AT_110_DPI, 18).point(lambda value: 255 if value > 64 else value)
    return Image.blend(turned, dust, 0.06).filter(ImageFilter.GaussianBlur(0.5))


def _font() -> str:
    return str(next(Path(pylopdf_fonts_zh_cn.serif_path()).parent.glob("*erif*")))


def photograph() -> bytes:
    """A JPEG as a telephone takes it: on its side, with maker, moment and place."""
    picture = Image.effect_noise((1600, 1200), 40).convert("RGB")
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(_font(), 64)
    pen.rectangle((200, 200, 1400, 1000), fill=(250, 244, 230))
    pen.text((330, 300), "营业执照（示例）", fill=(160, 20, 20), font=font)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "ExamplePhone"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.DateTime] = "2026:11:20 08:30:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLongitudeRef] = "N", "E"
    place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLongitude] = WUGANG
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, exif=exif, comment=b"taken with ExamplePhone")
    return out.getvalue()


def knows_its_place(picture: bytes) -> bool:
    """Whether the photograph tells where and with what it was taken."""
    with Image.open(io.BytesIO(picture)) as opened:
        exif = opened.getexif()
        told = bool(exif.get_ifd(ExifTags.IFD.GPSInfo)) or bool(exif)
    return told or b"ExamplePhone" in picture or b"Exif\0" in picture


def text_of(pdf: bytes) -> str:
    """All text of a PDF as a reader program finds it, without blanks."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [
            document[number].get_textpage().get_text_bounded() for number in range(len(document))
        ]
    return "".join("".join(pages).split())


def fonts_of(pdf: bytes) -> list[tuple[str, bool]]:
    """Every font dictionary of the file."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [
            each
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == pikepdf.Name.Font
        ]
        return [_font_facts(each) for each in found]


def _font_facts(font: pikepdf.Object) -> tuple[str, bool]:
    """The kind of a font, and whether its outlines are in the file."""
    descriptor = font.get("/FontDescriptor")
    embedded = descriptor is not None and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
    return str(font.Subtype), embedded


def code_in(picture: bytes) -> str:
    """The words of the QR code in a picture."""
    with Image.open(io.BytesIO(picture)) as opened:
        found = zxingcpp.read_barcodes(opened.convert("L"))
    return found[0].text if found else ""


# --- sheets of people ---------------------------------------------------------------------------


def staff_sheet(people: list[dict[str, Any]]) -> bytes:
    """A list of people as somebody types it: words for the posts, 是 and 否."""
    posts = {str(post): str(post.label) for post in StaffPost}
    words = {True: "是", False: "否", "full_time": "全职"}
    rows = [
        [
            posts.get(person[column.name], person[column.name])
            if column.name == "post"
            else words.get(person[column.name], person[column.name])
            if isinstance(person[column.name], bool | str)
            else person[column.name]
            for column in COLUMNS
        ]
        for person in people
    ]
    return written(COLUMNS, rows)


def mended(marked: bytes, right: dict[str, dict[str, Any]]) -> bytes:
    """The file with the marked rows, put right: by name, in the shape in which it came."""
    upload = SimpleUploadedFile("marked.xlsx", marked)
    table = read_table(upload, COLUMNS, max_rows=50, max_bytes=10**6)
    assert len(table.rows) == len({row.raw["name"] for row in table.rows})
    posts = {str(post): str(post.label) for post in StaffPost}
    put_right = [
        row.raw | {"identity": right[row.raw["name"]]["identity"],
                   "post": posts[right[row.raw["name"]]["post"]]}
        for row in table.rows
    ]  # fmt: skip
    columns = (*COLUMNS, Column("problem", "问题"), Column("line", "原行号"))
    return written(columns, [[row.get(c.name, "") for c in columns] for row in put_right])


def written(columns: Sequence[Column], rows: list[list[Any]]) -> bytes:
    """A workbook of these rows."""
    out = io.BytesIO()
    write_table(out, "名单", list(columns), rows)
    return out.getvalue()
