"""Uploading a list in the shape of the national register, and the words for what is wrong in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.actions import importing
from portal.core.faults import Fault, by_column
from portal.core.forms import SheetForm
from portal.core.sheets import Table

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


class ListForm(SheetForm):
    """A list in the shape of the national register."""

    strict = True

    def read(self, content: bytes) -> Table:
        """With the columns an import cannot do without, where it is strict."""
        return importing.read(content, strict=self.strict)


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
    """The sentences of a row by column."""
    return by_column(faults, titles, sentence)
