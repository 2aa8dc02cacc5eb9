"""What a clerk writes down when papers are brought to the counter."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.review import CounterVisitor
from portal.core import attachments
from portal.core.files import Accepted
from portal.core.forms import PortalForm


class ScanField(forms.FileField):
    """A scan or photograph, inspected while the form is checked."""

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return attachments.inspected(upload)
        except attachments.UploadRefused as refused:
            params = {**refused.params, "label": self.label}
            raise ValidationError(attachments.refusal_message(refused.code, params)) from refused


class CounterForm(PortalForm):
    """Who came, when the papers were received, and a scan of them."""

    submit_label = gettext_lazy("开始代录")
    cancel_label = gettext_lazy("返回列表，不代报")
    widths = {"received_on": "w-medium"}

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    brought_by = forms.ChoiceField(
        label=gettext_lazy("谁来送的材料"),
        choices=CounterVisitor.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("当面核对身份证件；这里只记身份，不记姓名"),
    )
    received_on = forms.DateField(
        label=gettext_lazy("收到材料的日期"),
        help_text=gettext_lazy("答复期限从这一天起算，例如 2026-11-03"),
    )
    scan = ScanField(
        label=gettext_lazy("纸质报送表的扫描件"),
        required=False,
        help_text=gettext_lazy("PDF 或照片。证照材料在后面的“证照材料”里分别上传"),
    )

    def __init__(self, *args: Any, today: dt.date, days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.days = today, days
        self.fields["received_on"].initial = today

    def clean_received_on(self) -> dt.date:
        """Not in the future, and not so long ago that the answer would be long overdue."""
        day: dt.date = self.cleaned_data["received_on"]
        if day > self.today:
            raise ValidationError(_("收到日期不能晚于今天"))
        if day < self.today - dt.timedelta(days=self.days):
            text = _("收到日期超过 %(n)s 天，请核对；确实更早收到的，请让机构重新送交")
            raise ValidationError(text % {"n": self.days})
        return day


class SignedDeclarationForm(PortalForm):
    """The declaration that was signed on paper, in place of a tick on the screen."""

    submit_label = gettext_lazy("提交登记报送")
    cancel_label = gettext_lazy("返回核对")
    hide_summary = True
    guard = False
    widths = {"declared_name": "w-medium"}

    declared_name = forms.CharField(
        label=gettext_lazy("承诺书上签名的人"),
        max_length=40,
        help_text=gettext_lazy("法定代表人或机构负责人，照签名填写"),
    )
    scan = ScanField(
        label=gettext_lazy("签好名的承诺书"),
        help_text=gettext_lazy("扫描件或照片，签名和日期要看得清"),
    )
