"""Workbooks from outside are read or refused in words; files we write carry text as text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import time
import tracemalloc
import unicodedata
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from portal.core.sheets import (
    Column,
    Row,
    SheetRefused,
    inspect_workbook,
    marked_errors,
    neutral,
    read_table,
    template_workbook,
    write_csv,
    write_table,
)
from portal.core.sheets.inspection import letters, number

pytestmark = pytest.mark.proves("sec:X6")
MEGABYTE = 1024 * 1024
COLUMNS = [
    Column("name", "机构名称", required=True),
    Column("code", "信用代码"),
    Column("day", "备案日期", "date"),
    Column("places", "托位总数", "number"),
    Column("kind", "机构性质", choices=("营利性", "非营利性")),
]


def book(*rows, formula=None, **options):
    """A workbook of these rows as any program might write it."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, options)
    sheet = made.add_worksheet()
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(at, place, value, day)
            else:
                sheet.write(at, place, value)
    if formula:
        sheet.write_formula(*formula)
    made.close()
    return out.getvalue()


HEADER = ("机构名称", "信用代码", "备案日期", "托位总数", "机构性质")
PLAIN = book(HEADER, ("甲", "91", dt.date(2026, 1, 5), 60, "营利性"))


def read(content, max_rows=1000, max_bytes=10 * MEGABYTE):
    return read_table(io.BytesIO(content), COLUMNS, max_rows=max_rows, max_bytes=max_bytes)


def refusal(content, **limits):
    with pytest.raises(SheetRefused) as refused:
        read(content, **limits)
    assert re.search(r"[\u4e00-\u9fff]", refused.value.message)
    assert "%" not in refused.value.message
    return refused.value


def repacked(content=PLAIN, *, change=None, add=None, level=zipfile.ZIP_DEFLATED):
    """The same workbook with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", level) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change.get(name, part) if change else part)
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def part(name, content=PLAIN):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


SHEET = "xl/worksheets/sheet1.xml"
SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="%s"><sheetData>' % SPACE
TAIL = b"</sheetData></worksheet>"


# --- refused ------------------------------------------------------------------------------------


def with_sheet(body):
    return repacked(change={SHEET: HEAD + body + TAIL})


def bomb():
    """42 MB of spaces in a few kilobytes."""
    return repacked(add={"xl/media/image1.png": b" " * (42 * MEGABYTE)})


def lying_directory():
    """The directory says a part is small; the packed data say otherwise."""
    content = bytearray(with_sheet(b"<row r='1'></row>" * 400_000))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        info = archive.getinfo(SHEET)
    size = info.file_size.to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def encrypted():
    """The outer shape of a workbook saved with a password."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
MACRO_TYPES = part("[Content_Types].xml").replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
CORPUS = {
    "nothing": (b"", "empty"),
    "no zip": ("机构名称,信用代码\n甲,91".encode(), "type"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "type"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "old_excel"),
    "password": (encrypted(), "encrypted"),
    "half a file": (PLAIN[: len(PLAIN) // 2], "broken"),
    "macros": (repacked(add={"xl/vbaProject.bin": b"x"}), "macros"),
    "macro type": (repacked(change={"[Content_Types].xml": MACRO_TYPES}), "macros"),
    "control": (repacked(add={"xl/activeX/activeX1.xml": b"<x/>"}), "macros"),
    "links": (repacked(add={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "links"),
    "formula": (book(HEADER, ("甲",), formula=(1, 3, "=1+1", None, 2)), "formula"),
    "zip bomb": (bomb(), "too_big_inside"),
    "too many members": (
        repacked(add={f"x/{n}": b"" for n in range(2001)}, level=zipfile.ZIP_STORED),
        "too_big_inside",
    ),
    "million laughs": (repacked(change={SHEET: LAUGHS + HEAD[21:] + TAIL}), "broken"),
    "outside entity": (repacked(change={SHEET: OUTSIDE + HEAD[21:] + TAIL}), "broken"),
    "laughs in texts": (repacked(change={"xl/sharedStrings.xml": LAUGHS + b"<sst/>"}), "broken"),
    "one cell far away": (with_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
                          "too_many_rows"),
    "one cell far right": (with_sheet(b'<row r="1"><c r="XFD1"><v>1</v></c></row>'),
                           "too_many_columns"),
    "row zero": (with_sheet(b'<row r="1"><c r="A0"><v>1</v></c></row>'), "broken"),
    "no header": (book(("甲", "乙"), ("丙", "丁")), "no_header"),
    "nothing below": (book(HEADER), "no_rows"),
    "missing column": (book(HEADER[1:], ("91", "", "", "")), "missing_columns"),
    "a title twice": (book((*HEADER, "机构名称"), ("甲",)), "twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_workbooks_are_refused_in_words(name):
    content, code = CORPUS[name]
    assert refusal(content).code == code


def test_another_office_file_is_no_table():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(out.getvalue()).code == "type"


def test_a_million_empty_rows_are_refused_early():
    """Quickly, and without keeping them."""
    rows = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(1, 1_000_001))
    content = with_sheet(rows)
    del rows
    tracemalloc.start()
    began = time.process_time()
    code = refusal(content).code
    took = time.process_time() - began
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code in {"too_many_rows", "too_big_inside"}
    assert took < 5
    assert peak < 5 * MEGABYTE


def test_rows_that_fit_the_zip_limits_are_counted_while_reading():
    rows = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(1, 20_000))
    assert refusal(with_sheet(rows)).code == "too_many_rows"


def test_a_directory_that_lies_about_sizes():
    assert refusal(lying_directory()).code in {"broken", "too_big_inside"}


def test_huge_texts():
    text = b"<si><t>" + b"A1b2" * (60 * MEGABYTE // 4) + b"</t></si>"
    strings = b'<?xml version="1.0"?><sst>' + text + b"</sst>"
    content = repacked(change={"xl/sharedStrings.xml": strings})
    assert refusal(content).code == "too_big_inside"
    long = read(book(HEADER, ("甲" * 2001, "91")))
    assert long.rows[0].problems == {"name": "too_long"}


def test_a_file_over_the_limit_is_read_no_further():
    class Endless:
        asked = 0

        def read(self, size=-1):
            Endless.asked += size
            return b"PK\x03\x04" + b"0" * (size - 4)

    with pytest.raises(SheetRefused) as refused:
        inspect_workbook(Endless(), max_bytes=MEGABYTE)
    assert refused.value.code == "size"
    assert "1 MB" in refused.value.message
    assert Endless.asked == MEGABYTE + 1


def test_a_formula_is_named_by_its_cell():
    content = book(HEADER, ("甲",), formula=(1, 27, "=1+1", None, 2))
    assert "AB2" in refusal(content).message
    allowed = inspect_workbook(io.BytesIO(content), max_bytes=MEGABYTE, may_calculate=True)
    assert allowed.columns == 28


# --- read ---------------------------------------------------------------------------------------


def test_values_are_what_the_cell_shows():
    found = read(
        book(
            ("街道名录", "", "", "", ""),
            ("托位总数（个）", "* 机构名称", "备案 日期", "多余的列", "信用代码"),
            (60, "甲", dt.date(2026, 1, 5), "x", 91410481.0),
            ("１，２００", "乙\u200b ", "2026年1月5日", "", "0012"),
            ("", "", "", "只有多余的", ""),
            (1.5, "丙", "2026/1/5", "", 123456789012345678),
            ("六十", "丁", "2026-02-30", "", True),
            (None, "戊", "20260105", "", dt.date(2026, 1, 5)),
        )
    )
    assert found.unknown == ("多余的列",)
    assert found.found == ("places", "name", "day", "code")
    day = dt.date(2026, 1, 5)
    values = [tuple(row.values[c] for c in ("name", "code", "day", "places")) for row in found.rows]
    assert values == [
        ("甲", "91410481", day, Decimal(60)),
        ("乙", "0012", day, Decimal(1200)),
        ("丙", None, day, Decimal("1.5")),
        ("丁", "是", None, None),
        ("戊", "2026-01-05", day, None),
    ]
    assert [row.number for row in found.rows] == [3, 4, 6, 7, 8]
    assert found.rows[2].problems == {"code": "digits_lost"}
    assert found.rows[3].problems == {"places": "number", "day": "date"}
    assert found.rows[3].raw["day"] == "2026-02-30"


def test_hidden_sheets_are_passed_over_and_later_ones_not_read():
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    hidden, shown, later = made.add_worksheet("a"), made.add_worksheet("b"), made.add_worksheet("c")
    hidden.write_row(0, 0, ["机构名称"])
    hidden.hide()
    shown.activate()
    shown.set_first_sheet()
    shown.write_column(0, 0, ["机构名称", "乙"])
    later.write_formula(0, 0, "=1+1")
    made.close()
    assert [row.values["name"] for row in read(out.getvalue()).rows] == ["乙"]


def test_missing_columns_are_named():
    columns = [*COLUMNS, Column("address", "地址", required=True)]
    with pytest.raises(SheetRefused) as refused:
        read_table(io.BytesIO(PLAIN), columns, max_rows=9, max_bytes=MEGABYTE)
    assert "地址" in refused.value.message


@given(st.integers(1, 20_000))
def test_columns_are_counted_as_excel_does(count):
    assert number(letters(count)) == count
    assert letters(count + 26) != letters(count)


# --- written ------------------------------------------------------------------------------------

ODD = ["=1+1", "+86 10", "-x", "@SUM(A1)", "＝1", "http://x.y", "mailto:a@b", "0012", "1.0", "TRUE",
       "a\nb\n=c", "<&\"'>", "_x0041_", "𠮷", "'quoted", "#REF!", "{=1}", "2026-01-05"]  # fmt: skip


@pytest.mark.proves("sec:X2")
def test_odd_texts_come_back_as_they_were():
    out = io.BytesIO()
    assert write_table(
        out, "机构/名录*?[]", COLUMNS, [(t, t, None, None, None) for t in ODD]
    ) == len(ODD)
    assert [row.values["name"] for row in read(out.getvalue()).rows] == ODD
    sheet = part(SHEET, out.getvalue()).decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'state="frozen"' in sheet


# The two that are no characters (U+FFFE, U+FFFF) cannot stand in the XML of a workbook.
NO_CHARACTERS = "\ufffe\uffff"
LETTERS = st.characters(
    exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"], exclude_characters=NO_CHARACTERS
)
TEXT = st.text(LETTERS, min_size=1)


@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=5))
def test_any_text_survives(texts):
    out = io.BytesIO()
    write_table(out, "表", COLUMNS, [(text, "x", None, None, None) for text in texts])
    wanted = [unicodedata.normalize("NFC", text) for text in texts]
    assert [row.values["name"] for row in read(out.getvalue()).rows] == wanted


def test_what_is_no_character_is_left_out():
    out = io.BytesIO()
    write_table(out, "表", COLUMNS, [("甲\ufffe乙\uffff", "x", None, None, None)])
    assert [row.values["name"] for row in read(out.getvalue()).rows] == ["甲乙"]


def test_days_and_numbers_stay_what_they_are():
    out = io.BytesIO()
    day = dt.date(2026, 1, 5)
    write_table(out, "表", COLUMNS, [("甲", None, day, Decimal("12.50"), None)])
    row = read(out.getvalue()).rows[0]
    assert (row.values["day"], row.values["places"]) == (day, Decimal("12.5"))
    assert row.problems == {}


FORMULAS = [
    "=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\u3000=1", "\xa0=1", "＝1", "＋1", "－1", "＠a",
    "x\n=1", "x\r\n ＋1",
]  # fmt: skip


@pytest.mark.proves("sec:X2")
@pytest.mark.parametrize("text", FORMULAS)
def test_no_line_of_a_csv_cell_begins_a_formula(text):
    out = io.BytesIO()
    write_csv(out, COLUMNS, [(text, None, dt.date(2026, 1, 5), -3, None)])
    raw = out.getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(HEADER)[:1] + [c.title for c in COLUMNS[1:]]
    for line in re.split(r"[\r\n]+", rows[1][0]):
        assert line.strip(" \t\u3000\xa0")[:1] not in set("=+-@＝＋－＠")
    assert rows[1][2:4] == ["2026-01-05", "-3"]
    assert neutral("甲-乙") == "甲-乙"


def test_the_template_reads_back_and_the_marked_file_too():
    example = ("甲", "91", dt.date(2026, 1, 5), 60, "营利性")
    template = template_workbook("名录", COLUMNS, [example], ["说明"])
    assert refusal(template).code == "no_rows"
    rows = [
        Row(n, {}, {"name": f"={n}", "code": "x", "day": "昨天", "places": "", "kind": ""})
        for n in range(2, 6)
    ]
    marked = marked_errors(
        "问题", COLUMNS, rows, {3: {"day": "日期有误"}, 5: {"": "重复", "code": "错"}}
    )
    found = read(marked)
    assert found.unknown == ()
    assert [row.values["name"] for row in found.rows] == ["=3", "=5"]
    sheet = part(SHEET, marked).decode()
    assert "重复；错" in sheet
    assert "FFD9D9" in part("xl/styles.xml", marked).decode()


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        rows = ((f"机构{n}", "91", None, n, "营利性") for n in range(count))
        write_table(tmp_path / f"{count}.xlsx", "表", COLUMNS, rows)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(4000) < peak(400) + 2 * MEGABYTE
