"""Workbooks made to harm, posted at each page that takes one: refused in words, nothing written."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from complaints.queries import orders
from evaluations.forms import sheet
from facilities.forms.staff_table import COLUMNS as STAFF
from facilities.queries import national
from portal.core.models import User
from portal.core.roles import Role
from portal.core.sheets import XLSX, Column
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.proves("sec:X6")]
MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    with time_machine.travel(makers.AT, tick=False):
        yield


# --- the pages ----------------------------------------------------------------------------------


class Page(NamedTuple):
    """A page that takes a workbook: its address and person, the field, and the titles it knows."""

    url: str
    person: User
    field: str
    columns: list[Column]
    more: dict[str, str] = {}


def national_import() -> Page:
    return Page(reverse("desk:import"), makers.clerk(), "file", national.columns())


def national_comparison() -> Page:
    return Page(reverse("desk:compare"), makers.clerk(), "file", national.columns())


def staff_ledger() -> Page:
    facility = makers.facility()
    member = facility.memberships.get().user
    url = reverse("my:staff_ledger_import", args=[facility.code])
    return Page(url, member, "workbook", list(STAFF))


def staff_of_a_report() -> Page:
    person = makers.operator()
    url = reverse("my:staff", args=[makers.filing(person).number])
    return Page(url, person, "workbook", list(STAFF), {"import": "1"})


def work_orders() -> Page:
    url = reverse("desk:complaint_orders")
    return Page(url, makers.user(Role.HANDLER), "file", orders.columns())


def indicators() -> Page:
    about = {"title": "新指标", "standard": "示例"}
    url = reverse("desk:indicator_import")
    return Page(url, makers.clerk(), "workbook", sheet.columns(), about)


PAGES = [
    national_import, national_comparison, staff_ledger, staff_of_a_report, work_orders, indicators,
]  # fmt: skip


# --- the workbooks ------------------------------------------------------------------------------


def book(titles: list[str], formula: str = "") -> bytes:
    """A workbook of these titles and one row, each cell of which calculates where asked."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet()
    page.write_row(0, 0, titles)
    for column, title in enumerate(titles):
        if formula:
            page.write_formula(1, column, formula, None, "1")
        else:
            page.write_string(1, column, title)
    made.close()
    return out.getvalue()


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    """The same workbook with parts changed or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *change]):
            new.writestr(name, change[name] if name in change else old.read(name))
    return out.getvalue()


def formulas(titles: list[str]) -> bytes:
    """Every cell calls a program, as Excel once let it."""
    return book(titles, "=cmd|'/C calc'!A0")


def bomb(titles: list[str]) -> bytes:
    """Forty-two megabytes of blanks in a few kilobytes."""
    return repacked(book(titles), {"xl/media/image1.png": b" " * (42 * MEGABYTE)})


def laughs(titles: list[str]) -> bytes:
    """Entities that multiply where the texts of the cells are read."""
    entities = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    texts = b'<?xml version="1.0"?>' + entities + b"<sst><si><t>&b;</t></si></sst>"
    return repacked(book(titles), {"xl/sharedStrings.xml": texts})


def empty_rows(titles: list[str]) -> bytes:
    """A million rows that hold nothing but a format."""
    rows = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(1, 1_000_001))
    head = b'<?xml version="1.0"?><worksheet xmlns="%s"><sheetData>' % SPACE
    return repacked(book(titles), {SHEET: head + rows + b"</sheetData></worksheet>"})


def far_row(titles: list[str]) -> bytes:
    """One cell in the last row there is."""
    cell = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    head = b'<?xml version="1.0"?><worksheet xmlns="%s"><sheetData>' % SPACE
    return repacked(book(titles), {SHEET: head + cell + b"</sheetData></worksheet>"})


HOSTILE: dict[str, tuple[Callable[[list[str]], bytes], str]] = {
    "formulas": (formulas, "里是公式"),
    "zip bomb": (bomb, "文件展开后太大"),
    "laughs": (laughs, "文件打不开"),
    "a million empty rows": (empty_rows, "文件展开后太大|表格超过 .* 行"),
    "the last row": (far_row, "表格超过 .* 行"),
}
# The page of indicators says one sentence of any workbook it cannot read.
ONE_SENTENCE = "这个文件读不了。请用下载的模板填写，保存为 .xlsx 再导入"


def rows_of_everything() -> dict[str, int]:
    """How many rows each table has; that somebody signed in is no trace of the workbook."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {"django_session"}
        counts = (f"SELECT '{table}', count(*) FROM \"{table}\"" for table in sorted(tables))
        cursor.execute(" UNION ALL ".join(counts))
        return dict(cursor.fetchall())


def files_of(folder: Path) -> set[Path]:
    """What uploads have left on the disk."""
    return {path for path in folder.rglob("*") if path.is_file()}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.__name__)
def test_it_is_refused_in_words_and_nothing_is_written(
    place: Callable[[], Page], name: str, tmp_path: Path
) -> None:
    make, words = HOSTILE[name]
    at = place()
    content = make([column.title for column in at.columns])
    assert len(content) < 5 * MEGABYTE, "small enough to pass the door of every page"
    web = signed_in(at.person)
    before, kept = rows_of_everything(), files_of(tmp_path)
    began = time.process_time()
    upload = SimpleUploadedFile("名单.xlsx", content, content_type=XLSX)
    answer = web.post(at.url, {at.field: upload} | at.more)
    took = time.process_time() - began
    text = answer.content.decode()
    assert answer.status_code == 200, "the form again, not a redirect to something made"
    said = ONE_SENTENCE if place is indicators else words
    assert re.search(said, text)
    assert rows_of_everything() == before
    assert files_of(tmp_path) == kept
    assert took < 10


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.__name__)
def test_the_same_page_reads_a_workbook_without_harm(place: Callable[[], Page]) -> None:
    """The refusals above are of the harm, not of the titles: a plain one is read row by row."""
    at = place()
    content = book([column.title for column in at.columns])
    upload = SimpleUploadedFile("名单.xlsx", content, content_type=XLSX)
    answer = signed_in(at.person).post(at.url, {at.field: upload} | at.more, follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in (*[said for _make, said in HOSTILE.values()], ONE_SENTENCE):
        assert not re.search(words, text)
    assert answer.redirect_chain or re.search(r"1 行需要改|第 2 行", text)
