"""Uploading work orders of 12345, and the words for what is wrong in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.actions import orders
from portal.core.faults import Fault, by_column
from portal.core.forms import SheetForm
from portal.core.sheets import Table

KINDS: dict[str, Any] = {
    "missing": gettext_lazy("没有填写"),
    "twice": gettext_lazy("文件里重复"),
    "category": gettext_lazy("类别认不出"),
    "facility": gettext_lazy("机构认不出"),
    "community": gettext_lazy("社区认不出"),
    "due": gettext_lazy("日期有误"),
    "past": gettext_lazy("日期已过"),
    "short": gettext_lazy("文字太短"),
    "long": gettext_lazy("文字太长"),
    "too_long": gettext_lazy("文字太长"),
    "digits_lost": gettext_lazy("数字有误"),
}


class OrdersForm(SheetForm):
    """As many rows as one bulk act may touch."""

    @property
    def most_rows(self) -> int:  # type: ignore[override]
        """Each row becomes a case with its messages and alarms at once."""
        return settings.BULK_LIMIT

    def read(self, content: bytes) -> Table:
        """The list as the act reads it."""
        return orders.read(content)


def sentences(faults: Sequence[Fault], titles: Mapping[str, str]) -> dict[str, str]:
    """The sentences of a row by column; none repeats what stands in the cell."""
    return by_column(faults, titles, _sentence)


def _sentence(fault: Fault, title: str) -> str:
    return _sentences()[fault.code] % {"title": title, **fault.params}


def _sentences() -> dict[str, str]:
    return {
        "missing": _("请填写%(title)s"),
        "twice": _("这个工单号在文件里不止一行（第 %(row)s 行起），请只留一行"),
        "category": _("类别认不出，请从下拉列表中选"),
        "facility": _("机构档案里没有这个代码，请核对；没有登记的写在下一栏"),
        "community": _("本街道没有这个社区（村），请写它的名称，或留空"),
        "due": _("要求办结日期请写成 2026-12-03"),
        "past": _("要求办结日期不能早于今天"),
        "short": _("请至少写 %(n)s 个字"),
        "long": _("最多写 %(n)s 个字"),
        "too_long": _("%(title)s太长，请缩短"),
        "digits_lost": _("%(title)s的数字太长，Excel 丢了末几位，请把这一列设成文本后重填"),
    }
