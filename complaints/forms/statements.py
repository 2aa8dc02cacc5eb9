"""What a facility answers when it is asked to say what happened."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from portal.core.files import Accepted
from portal.core.forms import PortalForm

from .fields import FileField

MOST = 2000


class StatementAnswerForm(PortalForm):
    """The account, and up to two files."""

    submit_label = gettext_lazy("提交说明")
    counters = ("text",)

    text = forms.CharField(
        label=gettext_lazy("情况说明"),
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("写事情的经过和你们的做法，不写孩子和家长的姓名"),
    )
    file = FileField(label=gettext_lazy("照片或 PDF 文件"))
    more = FileField(label=gettext_lazy("再加一个文件"))

    @property
    def chosen(self) -> list[Accepted]:
        """The files that were accepted."""
        given = (self.cleaned_data.get(name) for name in ("file", "more"))
        return [file for file in given if file]
