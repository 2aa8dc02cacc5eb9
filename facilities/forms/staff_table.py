"""Many people at once: a sheet or pasted lines, each row judged by the form of one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import EmploymentKind, StaffPost
from portal.core.forms import PortalForm, half_width
from portal.core.identifiers import normalise_identity
from portal.core.sheets import Column, Row, SheetRefused, Table, read_table, title_key

from .staff import StaffPersonForm

MAX_BYTES = 5 * 1024 * 1024
_YES = ("是", "有", "已培训", "合格", "√", "y", "yes", "true", "1")
COLUMNS = (
    Column("name", "姓名", required=True, width=12),
    Column("post", "岗位", required=True, choices=tuple(str(p.label) for p in StaffPost)),
    Column("identity", "身份证号", required=True, width=24, also=("身份证号码", "证件号码")),
    Column("employment", "用工方式", choices=tuple(str(k.label) for k in EmploymentKind)),
    Column("qualification", "学历、专业或资格", width=24, also=("资格", "学历", "资格证书")),
    Column("number", "资格证编号", width=20, also=("证书编号",)),
    Column("experience_years", "相关工作年限", note="填整年数，例如 5", also=("工作年限",)),
    Column("is_trained", "岗位培训合格", choices=("是", "否"), also=("岗位培训", "培训")),
    Column("health_until", "健康证有效期至", kind="date", width=18, also=("健康证到期日",)),
    Column("letter_on", "查询告知函日期", kind="date", width=18, also=("查询日期",)),
    Column("has_food_duty", "食品安全管理人员", choices=("是", "否"), width=18),
)
# Sheets are Chinese in every language of the pages, and so are the words people use for posts.
_POST_WORDS = {
    **dict(zip(COLUMNS[1].choices, map(str, StaffPost), strict=True)),
    "园长": "manager", "院长": "manager", "机构负责人": "manager",
    "保育员": "carer", "保育师": "carer", "托育师": "carer", "老师": "carer", "教师": "carer",
    "保健人员": "health", "保健员": "health", "保健医": "health", "保健医生": "health",
    "保安": "guard", "保安员": "guard",
    "厨师": "cook", "炊事员": "cook", "其他": "other",
}  # fmt: skip
EXAMPLE = ("示例甲", "保育人员", "410481199003070010", "全职", "育婴员三级", "示例-001", "3", "是",
           dt.date(2027, 5, 1), dt.date(2026, 9, 1), "否")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """The sound rows as values, the faulty ones with a sentence by column."""

    sound: list[dict[str, Any]]
    faulty: list[Row]
    faults: dict[int, dict[str, str]]


class StaffTableForm(PortalForm):
    """A file or pasted lines; one of the two."""

    hide_summary = True
    submit_label = gettext_lazy("导入")
    guard = False

    workbook = forms.FileField(
        label=gettext_lazy("Excel 文件（.xlsx）"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    pasted = forms.CharField(
        label=gettext_lazy("或者从 Excel 里复制，粘贴到这里"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "一行一个人，列的顺序和模板一样；连标题行一起复制时，列的顺序可以不同"
        ),
    )

    def __init__(self, data: Any = None, *, most: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.most = most
        self.table: Table | None = None

    def clean(self) -> dict[str, Any]:
        """Read the rows; what is wrong inside them is told row by row."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        upload, text = values.get("workbook"), values.get("pasted") or ""
        if not upload and not text.strip():
            self.add_error("workbook", forms.ValidationError(_("请选择 Excel 文件，或者粘贴内容")))
            return values
        try:
            if upload:
                self.table = read_table(upload, COLUMNS, max_rows=self.most, max_bytes=MAX_BYTES)
            else:
                self.table = read_lines(text, most=self.most)
        except SheetRefused as refused:
            field = "workbook" if upload else "pasted"
            self.add_error(field, forms.ValidationError(refused.message))
        return values

    @property
    def read(self) -> Table:
        """The rows; only after is_valid()."""
        if self.table is None:
            raise ValueError("nothing was read")
        return self.table


def read_lines(text: str, *, most: int) -> Table:
    """Lines copied from a sheet, cells parted by tabs, with or without the line of titles."""
    lines = [(n, line.split("\t")) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    titles = {title_key(name): c.name for c in COLUMNS for name in (c.title, *c.also)}
    first = [titles.get(title_key(cell), "") for cell in lines[0][1]] if lines else []
    names: Sequence[str] = [column.name for column in COLUMNS]
    if "name" in first and "identity" in first:
        names, lines = first, lines[1:]
    if not lines:
        raise SheetRefused("no_rows")
    if len(lines) > most:
        raise SheetRefused("too_many_rows", limit=most)
    rows = tuple(Row(number, {}, _cells(names, cells)) for number, cells in lines)
    return Table(rows, tuple(name for name in names if name), ())


def _cells(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    paired = zip(names, cells, strict=False)
    return {name: half_width(cell).strip()[:200] for name, cell in paired if name}


def judge(rows: Iterable[Row], present: Mapping[str, str], *, today: dt.date) -> Judged:
    """Each row by the form of one person; `present` names who stands under which number already.

    A person of the list with the same number and name is brought up to date; the same number
    under another name, or twice in one file, is a fault.
    """
    judged = Judged([], [], {})
    seen: dict[str, str] = {}
    for row in rows:
        values, faults = _judge(row, present, seen, today)
        if faults:
            judged.faulty.append(row)
            judged.faults[row.number] = faults
        else:
            judged.sound.append(values)
            seen[values["identity"]] = values["name"]
    return judged


def _judge(
    row: Row, present: Mapping[str, str], seen: Mapping[str, str], today: dt.date
) -> tuple[dict[str, Any], dict[str, str]]:
    data = _as_typed(row.raw)
    same = present.get(normalise_identity(data["identity"])) == data["name"].strip()
    others = dict(seen) if same else {**present, **seen}
    form = StaffPersonForm(data, stored={}, others=others, today=today)
    if form.is_valid():
        return form.values, {}
    faults = {name: str(errors[0]) for name, errors in form.errors.items()}
    for name, code in row.problems.items():
        if code == "digits_lost":
            faults[name] = _("Excel 把它当成了数字，后几位已经丢失，请把这一列设为文本后重新填写")
    if "post" in faults and row.raw.get("post"):
        posts = "、".join(COLUMNS[1].choices)
        faults["post"] = _("岗位请写：%(posts)s") % {"posts": posts}
    return {}, faults


def _as_typed(raw: Mapping[str, str]) -> dict[str, str]:
    """The words of a sheet as the form of one person sends them."""
    typed = {column.name: raw.get(column.name, "") for column in COLUMNS}
    word = typed["post"].strip()
    typed["post"] = _POST_WORDS.get(word, word)
    part_time = "兼" in typed["employment"]
    typed["employment"] = EmploymentKind.PART_TIME if part_time else EmploymentKind.FULL_TIME
    for name in ("is_trained", "has_food_duty"):
        if typed[name].strip().lower() in _YES:
            typed[name] = "on"
        else:
            del typed[name]
    return typed
