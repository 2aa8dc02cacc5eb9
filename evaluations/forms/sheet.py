"""A tree of indicators as a workbook: written to be filled in, read row by row."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.models.choices import Method
from evaluations.rules import Leaf
from portal.core.sheets import Column, Row, SheetRefused, read_table, write_table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 500
# What the columns of the tree hold: no law, only sizes.
MOST_DIMENSIONS = 99
MOST_POINTS = 1000
MOST_TOTAL = 10_000
LONGEST = {"name": 30, "group": 60, "code": 20, "text": 300}
YES = "是"


@dataclass(slots=True)
class Read:
    """What a workbook held, and what could not be read in it."""

    dimensions: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)
    # What the workbook itself says a dimension is worth, by number.
    wholes: dict[int, Decimal] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def columns() -> list[Column]:
    """The columns of the workbook."""
    return [
        Column("no", "一级指标序号", "number", required=True),
        Column("name", "一级指标", required=True),
        Column("group", "二级指标", width=24),
        Column("code", "条号", required=True),
        Column("text", "指标", required=True, width=60),
        Column("points", "分值", "number", required=True),
        Column("veto", "基础标准", choices=(YES, "否")),
        Column("skip", "可不适用", choices=(YES, "否")),
        Column("methods", "评估方法", width=24, note="现场观察、查阅资料、访谈、问卷，用顿号分开"),
        Column("whole", "一级指标分值", "number", note="填了的，与这个一级指标下各行之和核对"),
    ]


def workbook(leaves: Sequence[Leaf], names: Mapping[int, tuple[str, Decimal]]) -> bytes:
    """A workbook with these leaves."""
    out = io.BytesIO()
    write_table(out, "指标", columns(), [_cells(leaf, *names[leaf.dimension]) for leaf in leaves])
    return out.getvalue()


def _cells(leaf: Leaf, name: str, whole: Decimal) -> list[Any]:
    return [
        leaf.dimension, name, leaf.group, leaf.code, leaf.text, leaf.points,
        YES if leaf.is_veto else "否", YES if leaf.may_skip else "否",
        "、".join(_labels()[each] for each in leaf.methods), whole,
    ]  # fmt: skip


def _labels() -> dict[str, str]:
    """The methods as the workbook writes them, in whatever language the page is."""
    return {
        Method.OBSERVE: "现场观察", Method.DOCUMENTS: "查阅资料", Method.INTERVIEW: "访谈",
        Method.QUESTIONNAIRE: "问卷",
    }  # fmt: skip


def read(upload: Any) -> Read:
    """The tree in a workbook; every problem names its row, and nothing half-read is kept."""
    found = Read()
    try:
        table = read_table(
            upload, columns(), max_rows=MOST_ROWS, max_bytes=settings.UPLOAD_MAX_BYTES
        )
    except SheetRefused:
        found.problems.append(_("这个文件读不了。请用下载的模板填写，保存为 .xlsx 再导入"))
        return found
    for row in table.rows:
        if problem := _row_problem(row) or _disagrees(found, row):
            found.problems.append(problem)
        else:
            _take(found, row)
    codes = Counter(leaf.code for leaf in found.leaves)
    twice = _("条号 %(where)s 重复。")
    found.problems += [twice % {"where": code} for code, times in codes.items() if times > 1]
    said = _("第 %(where)s 个一级指标下各项合计 %(sum)s 分，应为 %(points)s 分。")
    found.problems += [
        said % {"where": no, "sum": found.dimensions[no][1], "points": whole}
        for no, whole in found.wholes.items()
        if found.dimensions[no][1] != whole
    ]
    if sum(points for _name, points in found.dimensions.values()) > MOST_TOTAL:
        found.problems.append(_("分值合计太大，请核对"))
    if not table.rows:
        found.problems.append(_("表里没有指标"))
    return found


def _row_problem(row: Row) -> str:
    if row.problems or any(row.values.get(c.name) is None for c in columns() if c.required):
        return _("第 %(n)s 行没有填完整，或有格子读不出来") % {"n": row.number}
    values = row.values
    too_long = any(len(str(values.get(name) or "")) > most for name, most in LONGEST.items())
    if too_long or not _counts(values["no"], 1, MOST_DIMENSIONS):
        return _("第 %(n)s 行的文字太长，或一级指标序号不对") % {"n": row.number}
    if not _counts(Decimal(str(values["points"])) * 2, 1, 2 * MOST_POINTS):
        where = str(values["code"]).strip()
        return _("条号 %(where)s 的分值应大于 0，并且是 0.5 的倍数。") % {"where": where}
    whole = values.get("whole")
    if whole is not None and not _counts(Decimal(str(whole)) * 2, 1, 2 * MOST_POINTS):
        return _("第 %(n)s 行的一级指标分值应大于 0，并且是 0.5 的倍数") % {"n": row.number}
    if not set(_methods(values)) <= set(Method.values):
        where = str(values["code"]).strip()
        return _("条号 %(where)s 没有评估方法，或评估方法不对。") % {"where": where}
    return ""


def _disagrees(found: Read, row: Row) -> str:
    """Rows of one dimension call it the same and give it the same points."""
    values = row.values
    no = int(Decimal(str(values["no"])))
    whole = values.get("whole")
    same_name = found.dimensions.get(no, (values["name"],))[0] == values["name"]
    if same_name and (whole is None or found.wholes.get(no, whole) == whole):
        return ""
    return _("第 %(n)s 行的一级指标名称或分值，与前面同一序号的行不同") % {"n": row.number}


def _counts(value: Any, least: int, most: int) -> bool:
    """Whether it is a whole number between these."""
    number = Decimal(str(value))
    return least <= number <= most and number == number.to_integral_value()


def _methods(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The methods of a row by their keys; what is no method stays as it was written."""
    codes = {label: str(key) for key, label in _labels().items()}
    written = str(values.get("methods") or "").replace("，", "、").replace(",", "、").split("、")
    return tuple(codes.get(each.strip(), each.strip()) for each in written if each.strip())


def _take(found: Read, row: Row) -> None:
    values = row.values
    no, points = int(Decimal(str(values["no"]))), Decimal(str(values["points"]))
    name, whole = found.dimensions.get(no, (str(values["name"]), Decimal(0)))
    found.dimensions[no] = (name, whole + points)
    if values.get("whole") is not None:
        found.wholes[no] = Decimal(str(values["whole"]))
    is_veto = str(values.get("veto") or "").strip() == YES
    found.leaves.append(Leaf(
        no, str(values["code"]).strip(), str(values.get("group") or ""), str(values["text"]),
        points, is_veto, _methods(values),
        may_skip=not is_veto and str(values.get("skip") or YES).strip() == YES,
    ))  # fmt: skip
