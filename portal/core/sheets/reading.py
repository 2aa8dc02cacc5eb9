"""From an inspected workbook to rows of values, each with its row number in Excel."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from python_calamine import CalamineError, CalamineWorkbook

from .columns import CellProblem, Column, Value, cell_value, shown, title_key
from .inspection import Readable, Workbook, inspect_workbook
from .refusal import MAX_TEXT, SheetRefused

# How far down the header row may stand: a title and a few remarks above it are usual.
HEADER_WITHIN = 15
# What this package itself writes beside the columns of a marked file.
OWN_TITLES = frozenset({"问题", "原行号"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in Excel, values by column name, and the cells that could not be read.

    A cell that could not be read has None in `values`, its code in `problems` and what stood there
    in `raw` (which holds the text of every cell).
    """

    number: int
    values: Mapping[str, Value]
    raw: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a sheet, the columns that were found, and the titles nobody knows."""

    rows: tuple[Row, ...]
    found: tuple[str, ...]
    unknown: tuple[str, ...]


def read_table(
    upload: Readable, columns: Sequence[Column], *, max_rows: int, max_bytes: int
) -> Table:
    """The table under the header row that names the `columns`; SheetRefused when there is none.

    The order of the columns is free, unknown titles are ignored and named, a missing required one
    refuses the sheet. Rows without any content are passed over. `max_rows` limits the rows with
    content, the sheet itself may have a header and some empty rows more.
    """
    workbook = inspect_workbook(upload, max_bytes=max_bytes, max_rows=max_rows + HEADER_WITHIN)
    cells = _cells(workbook)
    header, places, unknown = _header(cells, columns)
    rows = tuple(
        _row(at + 1, cells[at], places, columns)
        for at in range(header + 1, len(cells))
        if any(_is_there(cells[at][place]) for place in places.values())
    )
    if not rows:
        raise SheetRefused("no_rows")
    if len(rows) > max_rows:
        raise SheetRefused("too_many_rows", limit=max_rows)
    return Table(rows, tuple(places), unknown)


def _is_there(cell: object) -> bool:
    return cell not in {"", None} and bool(shown(cell))


def _cells(workbook: Workbook) -> list[list[object]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(workbook.content)) as book:
            sheet = book.get_sheet_by_name(workbook.sheet)
            return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, ValueError, OSError) as error:
        raise SheetRefused("broken") from error


def _header(
    cells: list[list[object]], columns: Sequence[Column]
) -> tuple[int, dict[str, int], tuple[str, ...]]:
    """Row index of the header, the place of each column found, and the unknown titles.

    The header is the row among the first that names most of the columns, and at least half of the
    required ones.
    """
    known = {title_key(name): c for c in columns for name in (c.title, *c.also)}
    best, hits = 0, 0
    for at, row in enumerate(cells[:HEADER_WITHIN]):
        count = len({known[key].name for key in map(title_key, row) if key in known})
        best, hits = (at, count) if count > hits else (best, hits)
    required = [column for column in columns if column.required]
    if not hits or hits * 2 < len(required):
        titles = "、".join(column.title for column in (required or columns)[:8])
        raise SheetRefused("no_header", titles=titles)
    places, unknown = _places(cells[best], known)
    missing = [column.title for column in required if column.name not in places]
    if missing:
        raise SheetRefused("missing_columns", titles="、".join(missing))
    return best, places, unknown


def _places(
    row: list[object], known: Mapping[str, Column]
) -> tuple[dict[str, int], tuple[str, ...]]:
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, title in enumerate(row):
        column = known.get(title_key(title))
        if column is None:
            if shown(title) and shown(title) not in OWN_TITLES:
                unknown.append(shown(title)[:40])
        elif column.name in places:
            raise SheetRefused("twice", titles=column.title)
        else:
            places[column.name] = place
    return places, tuple(unknown)


def _row(
    number: int, cells: list[object], places: Mapping[str, int], columns: Sequence[Column]
) -> Row:
    values: dict[str, Value] = {column.name: None for column in columns}
    raw: dict[str, str] = {}
    problems: dict[str, str] = {}
    for column in columns:
        if column.name not in places:
            continue
        cell = cells[places[column.name]]
        text = shown(cell)
        raw[column.name] = text[:MAX_TEXT]
        try:
            values[column.name] = cell_value(cell, text, column.kind)
        except CellProblem as problem:
            problems[column.name] = problem.code
    return Row(number, values, raw, problems)
