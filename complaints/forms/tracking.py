"""Number and code, and what their holder writes."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from complaints.models import Satisfaction
from portal.core.files import Accepted
from portal.core.forms import PortalForm

from .fields import FileField
from .intake import PayForm


class TrackForm(PayForm):
    """What opens a case."""

    submit_label = gettext_lazy("查询")
    half_width = ("number", "code")
    autocomplete: ClassVar[dict[str, str]] = {"number": "off", "code": "off"}
    widths: ClassVar[dict[str, str]] = {"number": "w-code", "code": "w-code"}

    number = forms.CharField(
        label=gettext_lazy("编号"),
        max_length=40,
        help_text=gettext_lazy("以 TS 开头"),
        error_messages={"required": gettext_lazy("请填写编号")},
    )
    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=60,
        help_text=gettext_lazy("16 位，分四组，大小写都可以"),
        error_messages={"required": gettext_lazy("请填写查询码")},
    )
    field_order = ("number", "code", "challenge", "answer")


class AddForm(PortalForm):
    """An answer, or something more."""

    submit_label = gettext_lazy("发送")
    counters = ("text",)

    text = forms.CharField(
        label=gettext_lazy("要说的话"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        help_text=gettext_lazy("请不要写孩子的姓名和身份证号"),
        error_messages={"required": gettext_lazy("请写下要说的话")},
    )
    file = FileField(records=True, label=gettext_lazy("照片、录音、录像或 PDF 文件"))

    @property
    def chosen(self) -> list[Accepted]:
        """The cleaned file, where one was chosen."""
        file: Accepted | None = self.cleaned_data.get("file")
        return [file] if file else []


class RateForm(PortalForm):
    """Solved or not, and how one was served."""

    submit_label = gettext_lazy("提交评价")
    guard = False

    solved = forms.ChoiceField(
        label=gettext_lazy("问题解决了吗"),
        choices=[("yes", gettext_lazy("解决了")), ("no", gettext_lazy("没有解决"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择问题解决了没有")},
    )
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("对办理满意吗"),
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是否满意")},
    )


class ReviewForm(PortalForm):
    """Why it should be looked at again."""

    submit_label = gettext_lazy("申请复核")
    counters = ("text",)

    text = forms.CharField(
        label=gettext_lazy("为什么要复核"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写明为什么要复核")},
    )


class WithdrawForm(PortalForm):
    """Taking it back; a reason is welcome and not needed."""

    submit_label = gettext_lazy("撤回投诉")
    submit_css: ClassVar[str] = "btn-danger"
    guard = False

    text = forms.CharField(label=gettext_lazy("原因"), required=False, max_length=300)
