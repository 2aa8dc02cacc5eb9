"""The name of a saved view, and who else sees it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .forms import PlainTexts


class SavedViewForm(PlainTexts):
    """A name everybody may read."""

    submit_label = gettext_lazy("保存")
    mark_optional = False
    scanned = ("name",)
    guard = False
    widths: ClassVar[dict[str, str]] = {"name": "w-medium"}

    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=30,
        help_text=gettext_lazy("例如：我的超期、本周到期的收费投诉。不写人的姓名和电话"),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("共享给能看这个列表的同事"),
        required=False,
        help_text=gettext_lazy("各人打开时只看到自己有权看的内容"),
    )

    def is_full(self, most: int) -> None:
        """Say that another one has to go first."""
        self.add_error(None, _("一个列表最多保存 %(n)s 个，请先删掉不用的") % {"n": most})

    def is_taken(self) -> None:
        """Say that the person has another one of this name."""
        self.add_error("name", _("已经有一个叫这个名称的，请换一个"))

    @classmethod
    def about(cls, data: Any, view: Any) -> SavedViewForm:
        """The form of one that is kept already."""
        return cls(data, initial={"name": view.name, "is_shared": view.is_shared})
