"""Workbooks and CSV files that carry text as text, whatever it begins with."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from .columns import Column
from .reading import Row
from .refusal import MAX_COLUMNS

Cell = str | dt.date | dt.datetime | Decimal | int | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_CELL = 32_767
MAX_LIST = 255
# What a spreadsheet takes for the start of a formula, half or full width.
STARTERS = "=+-@＝＋－＠"
_BLANK = " \t\u3000\xa0\u200b\ufeff"
_NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))  # no XML may hold them, so no workbook
_FORMULA = re.compile(rf"(^|[\r\n])([{_BLANK}]*)(?=[{re.escape(STARTERS)}\t])")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
           "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}  # fmt: skip
HEADER = {"bold": True, "bg_color": "#E8F0FE", "border": 1, "text_wrap": True, "valign": "top"}
PAPER_A4 = 9


def write_table(
    target: Path | IO[bytes], title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write rows under a frozen header into an .xlsx; returns how many.

    Every string is written as a string, never as formula, link or number; one that begins like a
    formula also carries the quote mark, so that it stays text when somebody edits the cell. Dates
    are dates, None is an empty cell. Rows are streamed: memory does not grow with them.
    """
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, OPTIONS)
    try:
        sheet = book.add_worksheet(sheet_name(title))
        _lay_out(book, sheet, columns)
        formats = _Formats(book)
        count = 0
        for count, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _put(sheet, count, place, value, formats)
        sheet.autofilter(0, 0, max(count, 1), max(len(columns) - 1, 0))
    finally:
        book.close()
    return count


def write_csv(target: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows as CSV in UTF-8 with the mark Excel needs to see it; returns how many."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([neutral(column.title) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def neutral(text: str) -> str:
    """`text` so that no spreadsheet calculates it: a quote mark before what begins a formula.

    Looks behind leading blanks (also full-width and no-break ones) and at every line inside the
    text, because some programs split cells at a line end.
    """
    return _FORMULA.sub(r"\1'\2", text)


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal | int | dt.date):
        return str(value)
    return neutral(str(value).replace("\0", ""))


def sheet_name(title: str) -> str:
    """`title` as the name of a sheet: 31 characters, without what Excel forbids."""
    return _NOT_IN_NAMES.sub(" ", title).strip()[:31] or "Sheet1"


class _Formats:
    """Looks of a cell; text comes in two, the second with the quote mark."""

    def __init__(self, book: Any) -> None:
        text = {"num_format": "@"}
        red = {**text, "bg_color": "#FFD9D9", "border": 1}
        quoted = {"quote_prefix": True}
        self.plain = (book.add_format(text), book.add_format({**text, **quoted}))
        self.wrong = (book.add_format(red), book.add_format({**red, **quoted}))
        self.date = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})


def _put(sheet: Any, row: int, place: int, value: Cell, formats: _Formats) -> None:
    if value is None:
        return
    if isinstance(value, dt.datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), formats.moment)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, place, dt.datetime(*value.timetuple()[:3]), formats.date)  # ruff: ignore[call-datetime-without-tzinfo] - a day, not a moment
    elif isinstance(value, Decimal | int):
        sheet.write_number(row, place, value)
    else:
        _put_text(sheet, row, place, str(value), formats.plain)


def _put_text(sheet: Any, row: int, place: int, text: str, looks: tuple[Any, Any]) -> None:
    text = text.translate(_NO_CHARACTERS)
    starts = text.lstrip(_BLANK)[:1]
    begins_formula = bool(starts) and starts in STARTERS
    sheet.write_string(row, place, text[:MAX_CELL], looks[begins_formula])


def _lay_out(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    """Header, frozen row, widths, and paper that prints all columns on one page's width."""
    header = book.add_format(HEADER)
    for place, column in enumerate(columns[:MAX_COLUMNS]):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, header)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def template_workbook(
    title: str, columns: Sequence[Column], examples: Sequence[Sequence[Cell]], notes: Sequence[str]
) -> bytes:
    """An empty table to fill in, lists to choose from, and a second sheet that explains it.

    The examples stand on the second sheet, so that nobody imports them by mistake.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {**OPTIONS, "constant_memory": False})
    sheet = book.add_worksheet(sheet_name(title))
    _lay_out(book, sheet, columns)
    formats = _Formats(book)
    for place, column in enumerate(columns):
        _prepare(sheet, place, column, formats)
    _explain(book, columns, examples, notes)
    book.close()
    return target.getvalue()


def _prepare(sheet: Any, place: int, column: Column, formats: _Formats) -> None:
    """Codes stay text while they are typed; a choice is picked from a list."""
    if column.kind != "number":
        form = formats.date if column.kind == "date" else formats.plain[0]
        sheet.set_column(place, place, column.width, form)
    if column.choices and len(",".join(column.choices)) <= MAX_LIST:
        rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
        sheet.data_validation(1, place, 5000, place, rule)


def _explain(
    book: Any, columns: Sequence[Column], examples: Sequence[Sequence[Cell]], notes: Sequence[str]
) -> None:
    sheet = book.add_worksheet("填写说明")
    header, formats = book.add_format(HEADER), _Formats(book)
    sheet.set_column(0, 3, 24)
    for line, note in enumerate(notes):
        sheet.write_string(line, 0, note)
    top = len(notes) + 1
    for place, word in enumerate(("列", "要不要填", "说明", "示例")):
        sheet.write_string(top, place, word, header)
    for line, column in enumerate(columns, top + 1):
        sheet.write_string(line, 0, column.title)
        sheet.write_string(line, 1, "要填" if column.required else "可不填")
        sheet.write_string(line, 2, column.note or "、".join(column.choices))
        for place, example in enumerate(examples, 3):
            _put(sheet, line, place, example[line - top - 1], formats)


def marked_errors(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    errors: Mapping[int, Mapping[str, str]],
) -> bytes:
    """The rows that failed as they were, the cells at fault coloured, the reasons beside them.

    `errors` maps the row number in Excel to sentences by column name; the name "" is for what
    concerns the whole row. The file can be corrected and uploaded again as it is.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    sheet = book.add_worksheet(sheet_name(title))
    own = (Column("", "问题", width=48), Column("", "原行号", width=8))
    _lay_out(book, sheet, (*columns, *own))
    formats = _Formats(book)
    failed = (row for row in rows if row.number in errors)
    for line, row in enumerate(failed, 1):
        faults = errors[row.number]
        for place, column in enumerate(columns):
            look = formats.wrong if column.name in faults else formats.plain
            _put_text(sheet, line, place, row.raw.get(column.name, ""), look)
        sheet.write_string(line, len(columns), "；".join(faults.values())[:MAX_CELL])
        sheet.write_string(line, len(columns) + 1, str(row.number))
    book.close()
    return target.getvalue()
