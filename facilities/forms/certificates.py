"""Section three: one paper with its number, issuer, dates and files."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import rules
from portal.core import attachments
from portal.core.files import IMAGES, PDFS, Accepted

from .sections import SectionForm

TEXTS = ("number", "issuer", "issued_on", "valid_until")
FILES = ("picture", "pdf")


class UploadField(forms.FileField):
    """One file, inspected at once so that the refusal stands at the field."""

    def __init__(self, *, accept: frozenset[str], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.accept = accept

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        """The cleaned content, or the sentence of the refusal."""
        if data and data.size == 0:
            raise ValidationError(_("文件打不开，请重新选择"), code="empty")
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return attachments.inspected(upload, accept=self.accept)
        except attachments.UploadRefused as refused:
            raise ValidationError(refused.message, code=refused.code) from refused


class CertificateForm(SectionForm):
    """A paper of the list. Nothing is compulsory to save; the task list says what is missing."""

    submit_label = gettext_lazy("保存并继续")
    widths: ClassVar[dict[str, str]] = {
        "number": "w-code",
        "issuer": "w-code",
        "issued_on": "w-medium",
        "valid_until": "w-medium",
    }
    mark_optional = False

    number = forms.CharField(label=gettext_lazy("编号"), max_length=60, required=False)
    issuer = forms.CharField(label=gettext_lazy("发证机关"), max_length=100, required=False)
    issued_on = forms.DateField(
        label=gettext_lazy("发证日期"),
        required=False,
        help_text=gettext_lazy("例如 2025-05-01"),
    )
    valid_until = forms.DateField(label=gettext_lazy("有效期至"), required=False)
    picture = UploadField(
        label=gettext_lazy("拍照或选图片"),
        accept=frozenset(IMAGES),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    pdf = UploadField(
        label=gettext_lazy("或者选 PDF 文件"),
        accept=frozenset(IMAGES | PDFS),
        widget=forms.FileInput,
    )

    def __init__(
        self, data: Any = None, *, material: rules.Material, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.material, self.today = material, today
        if not material.number_expected:
            self.fields["number"].help_text = _("没有编号可以不填")
        hint = _("例如 2028-05-01") if material.validity_expected else _("长期有效的不用填")
        self.fields["valid_until"].help_text = hint
        self.fields["issuer"].help_text = _("一般是%(who)s") % {"who": material.issuer}

    def clean_issued_on(self) -> dt.date | None:
        """A paper is not issued in the future."""
        day: dt.date | None = self.cleaned_data["issued_on"]
        if day and day > self.today:
            raise ValidationError(_("发证日期不能晚于今天"), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        """A paper does not end before it begins."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        issued, until = values.get("issued_on"), values.get("valid_until")
        if issued and until and until < issued:
            facts = {"year": issued.year, "month": issued.month, "day": issued.day}
            text = _("有效期至应晚于发证日期（%(year)s年%(month)s月%(day)s日）") % facts
            self.add_error("valid_until", ValidationError(text))
        return values

    @property
    def draft(self) -> dict[str, Any]:
        """What was typed; files are no part of a draft."""
        return {name: self[name].data or "" for name in TEXTS}

    @property
    def values(self) -> dict[str, Any]:
        """Number, issuer and dates as the action takes them; only after is_valid()."""
        return {name: self.cleaned_data[name] for name in TEXTS}

    @property
    def sound_files(self) -> list[Accepted]:
        """The files that were accepted, even when something else is still wrong."""
        found = [self.cleaned_data.get(name) for name in FILES]
        return [file for file in found if file]

    @property
    def texts_are_sound(self) -> bool:
        """Whether number, issuer and dates can be kept, whatever the files are."""
        return not any(name in self.errors for name in TEXTS)
