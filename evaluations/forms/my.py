"""What a facility tells about its evaluation beside the assessment itself."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import attachments
from portal.core.files import ALL_TYPES
from portal.core.forms import PortalForm

LONG = {"rows": 5}
MOST_WORDS = 2000
NEAR = dt.timedelta(days=2 * 366)  # a day farther off is a slip of the keyboard, not a plan


class FileForm(PortalForm):
    """One file as evidence."""

    guard = False
    mark_optional = False
    file = forms.FileField(
        label=gettext_lazy("材料（PDF 或图片）"),
        error_messages={"required": gettext_lazy("请选择要上传的文件")},
    )

    def clean_file(self) -> Any:
        """Judged and cleaned before anything is locked."""
        return _inspected(self.cleaned_data["file"])


def _inspected(upload: Any) -> Any:
    try:
        return attachments.inspected(upload, accept=ALL_TYPES)
    except attachments.UploadRefused as refused:
        raise ValidationError(refused.message) from None


class FactForm(PortalForm):
    """A fact that the draft result has wrong."""

    submit_label = gettext_lazy("提交")
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    indicator = forms.ChoiceField(label=gettext_lazy("说的是哪一条"), required=False)
    text = forms.CharField(
        label=gettext_lazy("事实是怎样的"), max_length=MOST_WORDS, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        field.choices = [("", _("不针对某一条")), *items]


class ObjectionForm(PortalForm):
    """The facility does not agree with its announced result."""

    submit_label = gettext_lazy("提出异议")
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=gettext_lazy("对哪些条目有异议，理由是什么"), max_length=MOST_WORDS,
        widget=forms.Textarea(attrs=LONG),
    )  # fmt: skip
    file = forms.FileField(label=gettext_lazy("证据（PDF 或图片）"), required=False)

    def clean_file(self) -> Any:
        """Judged and cleaned before anything is locked."""
        upload = self.cleaned_data.get("file")
        return _inspected(upload) if upload else None


class ReplyForm(PortalForm):
    """The one reply that stands beside the published result."""

    submit_label = gettext_lazy("提交回应")
    text = forms.CharField(
        label=gettext_lazy("回应"), widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("只能提交一次；街道核对后与评估结果一起公布。请不要写幼儿姓名和个人信息"),
    )  # fmt: skip

    def __init__(self, *args: Any, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest

    def clean_text(self) -> str:
        """Not longer than the law pack lets it be."""
        text: str = self.cleaned_data["text"]
        if len(text) > self.longest:
            facts = {"most": self.longest, "n": len(text)}
            raise ValidationError(_("回应最多 %(most)s 个字，现在是 %(n)s 个字") % facts)
        return text


class PlanForm(PortalForm):
    """What the facility will do, by when."""

    submit_label = gettext_lazy("提交改进计划")
    measures = forms.CharField(
        label=gettext_lazy("改进措施"), max_length=MOST_WORDS, widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy(
            "逐条写明要改什么、谁负责、什么时候完成；需要街道上门指导的也写明"
        ),
    )  # fmt: skip
    finish_on = forms.DateField(label=gettext_lazy("计划完成日期"))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_finish_on(self) -> dt.date:
        """A day to come, and not one that is a slip."""
        day: dt.date = self.cleaned_data["finish_on"]
        if day < self.today:
            raise ValidationError(_("计划完成日期不能早于今天"))
        if day - self.today > NEAR:
            facts = {"day": day.isoformat()}
            raise ValidationError(_("日期（%(day)s）离今天太远，请核对年份") % facts)
        return day


class AgainForm(PortalForm):
    """The facility has improved and asks to be rated anew."""

    submit_label = gettext_lazy("申请再次评估")
    results = forms.CharField(
        label=gettext_lazy("改进结果"), max_length=MOST_WORDS, widget=forms.Textarea(attrs=LONG)
    )
