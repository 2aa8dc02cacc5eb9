"""Workbooks as the pages of import ask for them: sound ones, and such with one odd cell."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from evaluations.forms import sheet
from evaluations.rules import Leaf
from facilities.forms.staff_table import COLUMNS as STAFF
from facilities.queries import national
from portal.core.sheets import Column, write_table
from tests import makers as make
from tests.complaints import makers as complaint_makers
from tests.complaints.makers import orders
from tests.evaluations.makers import small_tree

ODD: tuple[Any, ...] = (
    "", " ", "\u3000", "示例" * 40, "字" * 3_000, "１２３", "-1", "1.5", 0, -1, 1.5, 10**15,
    "1e400", "2026-02-30", "2026年11月23日", "9999-12-31", "=1+1", "<script>alert(1)</script>",
    "\u202egpj", "a\u200bb", "\U0001f469\u200d\U0001f467", "\ufeff示例", "否", "是", "示例",
)  # fmt: skip
MANY = 16  # workbooks with an odd cell that a form is offered
MOVED = 4  # rows that also come in another order


def _written(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    write_table(out, "示例", list(columns), [list(row) for row in rows])
    return out.getvalue()


def _each(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The sound workbook first; then such with one odd cell, and its first rows in other orders."""
    found, dice = [_written(columns, rows)], random.Random(columns[0].name)
    for _ in range(MANY):
        changed = [list(row) for row in rows]
        changed[dice.randrange(len(rows))][dice.randrange(len(columns))] = dice.choice(ODD)
        found.append(_written(columns, changed))
    _same, *moved = permutations(rows[:MOVED])
    return found + [_written(columns, [*first, *rows[MOVED:]]) for first in moved]


def of_facilities() -> list[bytes]:
    """Lists of facilities as the national register gives them."""
    columns = national.columns()
    rows = [[row.get(each.name) for each in columns] for row in make.national_rows(MOVED)]
    return _each(columns, rows)


def of_orders() -> list[bytes]:
    """Lists of work orders of 12345."""
    columns = orders.columns()
    given = [complaint_makers.order() for _ in range(MOVED)]
    return _each(columns, [[row.get(each.name) for each in columns] for row in given])


def of_people() -> list[bytes]:
    """Lists of the people of a facility."""
    people = [make.staff_person(f"示例{name}") for name in "甲乙丙丁"]
    return _each(STAFF, [[_cell(each, column.name) for column in STAFF] for each in people])


def _cell(person: dict[str, Any], name: str) -> Any:
    value = person[name]
    if isinstance(value, bool):
        return "是" if value else "否"
    words = {"carer": "保育人员", "full_time": "全职"}
    return words.get(value, value) if isinstance(value, str) else value


def of_indicators() -> list[bytes]:
    """Trees of indicators."""
    dimensions, leaves = small_tree()
    columns = sheet.columns()
    return _each(columns, [_row(leaf, dimensions[leaf.dimension]) for leaf in leaves])


def _row(leaf: Leaf, about: tuple[str, Any]) -> list[Any]:
    name, whole = about
    yes_no = ["是" if each else "否" for each in (leaf.is_veto, leaf.may_skip)]
    return [leaf.dimension, name, leaf.group, leaf.code, leaf.text, leaf.points, *yes_no,
            "现场观察", whole]  # fmt: skip
