"""Uploading a list in the shape of the national register, and the words for what is wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.actions import importing
from facilities.rules.national import Fault
from portal.core.forms import PortalForm
from portal.core.sheets import SheetRefused, Table

MEGABYTE = 1024 * 1024
KINDS = {
    "missing": gettext_lazy("没有填写"),
    "check_digit": gettext_lazy("信用代码有误"),
    "twice": gettext_lazy("文件里重复"),
    "registered": gettext_lazy("名录里已有"),
    "community": gettext_lazy("社区认不出"),
    "date": gettext_lazy("日期有误"),
    "number": gettext_lazy("数字有误"),
    "choice": gettext_lazy("选项认不出"),
    "phone": gettext_lazy("电话有误"),
    "too_long": gettext_lazy("文字太长"),
}


class ListForm(PortalForm):
    """One .xlsx file; read when the form is checked, so that no lock waits for it."""

    submit_label = gettext_lazy("上传并检查")
    strict = True
    guard = False

    file = forms.FileField(
        label=gettext_lazy("Excel 文件"),
        error_messages={"required": gettext_lazy("请上传 Excel 文件")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx"
        facts = {"rows": settings.IMPORT_MAX_ROWS, "mb": settings.UPLOAD_MAX_BYTES // MEGABYTE}
        help_text = _("一次最多 %(rows)s 行，不超过 %(mb)s MB；不能带公式、宏和密码") % facts
        self.fields["file"].help_text = help_text
        self.content = b""
        self.table: Table | None = None

    def clean_file(self) -> Any:
        """Keep the content and the table; a refusal is said in its own words."""
        upload = self.cleaned_data["file"]
        self.content = upload.read(settings.UPLOAD_MAX_BYTES + 1)
        try:
            self.table = importing.read(self.content, strict=self.strict)
        except SheetRefused as refused:
            raise ValidationError(refused.message) from refused
        return upload


class ComparisonForm(ListForm):
    """A list to be compared: credit codes and addresses may be missing in it."""

    submit_label = gettext_lazy("上传并比对")
    strict = False


def sentence(fault: Fault, title: str) -> str:
    """What is wrong with one cell and what to do; `title` is the column's header."""
    words = {"title": title, **fault.params}
    if fault.code == "registered":
        text = (
            _("名录里已有这个信用代码，登记的名称是“%(name)s”，与这里不同")
            if fault.params.get("differs")
            else _("名录里已有这家机构：%(name)s")
        )
        return text % words
    return _sentences()[fault.code] % words


def _sentences() -> dict[str, str]:
    return {
        "missing": _("请填写%(title)s"),
        "check_digit": _("统一社会信用代码应为 18 位，校验没有通过，请照营业执照核对"),
        "twice": _("这个信用代码在文件里不止一行（第 %(row)s 行起），请只留一行"),
        "community": _("本街道没有“%(value)s”，请写社区（村）的名称"),
        "date": _("%(title)s请写成 2026-01-05，且不能晚于今天"),
        "number": _("%(title)s请填合理的数字，请核对"),
        "choice": _("%(title)s里的“%(value)s”认不出，请从下拉列表中选"),
        "phone": _("机构电话请写手机号或带区号的固定电话"),
        "too_long": _("%(title)s太长，请缩短"),
    }


def sentences(faults: Sequence[Fault], titles: dict[str, str]) -> dict[str, str]:
    """The sentences of a row by column; two about one cell are joined."""
    found: dict[str, str] = {}
    for fault in faults:
        text = sentence(fault, titles.get(fault.column, ""))
        found[fault.column] = f"{found[fault.column]}；{text}" if fault.column in found else text
    return found
