"""Why a workbook was not taken, in the words people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

# Limits of the door (security.md X6), constants of the format and not of law.
MAX_MEMBERS = 2_000
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_COLUMNS = 200
MAX_TEXT = 2_000
MEGABYTE = 1024 * 1024


class SheetRefused(Exception):
    """A workbook was not taken. `code` and `params` are for programs, `message` is for people."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params

    @property
    def message(self) -> str:
        """What is wrong with the workbook and what to do, in the language of the request."""
        return _sentences()[self.code] % self.params


def _sentences() -> dict[str, str]:
    return {
        "empty": _("这个文件是空的，请重新选择"),
        "size": _("文件超过 %(limit_mb)g MB，请分成几个文件上传"),
        "type": _("请上传 Excel 文件（.xlsx）。其他文件请在 Excel 里“另存为”.xlsx 后再上传"),
        "old_excel": _("这是旧版 Excel 文件（.xls），请“另存为”.xlsx 后再上传"),
        "encrypted": _("文件加了密码，请去掉密码后再上传"),
        "macros": _("文件里带有宏或控件，请“另存为”不带宏的 .xlsx 后再上传"),
        "links": _("文件里连着别的表格，请断开外部链接，或把内容粘贴成数值后再上传"),
        "broken": _("文件打不开，请用 Excel 打开后重新保存，再上传"),
        "too_big_inside": _("文件展开后太大，请删去图片和多余的工作表，只留要导入的内容"),
        "too_many_rows": _(
            "表格超过 %(limit)s 行（含只有格式的空行），请删去下面的空行，或分成几个文件"
        ),
        "too_many_columns": _("表格超过 %(limit)s 列，请删去右边多余的列"),
        "formula": _("单元格 %(cells)s 里是公式，请选中后“复制”“选择性粘贴为数值”，再上传"),
        "no_header": _("没有找到标题行。第一个工作表里要有一行写着：%(titles)s"),
        "missing_columns": _("缺少这些列：%(titles)s。请对照模板补上"),
        "twice": _("标题“%(titles)s”出现了不止一次，请只留一列"),
        "no_rows": _("标题行下面没有内容"),
    }
