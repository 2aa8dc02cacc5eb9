"""What the forms of supervision share: files judged at once, texts without numbers of persons."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import attachments
from portal.core.files import IMAGES, Accepted
from portal.core.forms import PortalForm
from portal.core.scanning import scan

NOTE_MAX = 500


class PhotoField(forms.FileField):
    """One picture, inspected at once so that the refusal stands at the field."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "required": False,
            "label": gettext_lazy("拍照或选图片"),
            "widget": forms.FileInput(attrs={"accept": "image/*"}),
            "help_text": gettext_lazy("不要拍到孩子的脸。照片里的位置信息会自动去掉"),
        }
        super().__init__(**(defaults | kwargs))

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        """The cleaned content, or the sentence of the refusal."""
        if data and data.size == 0:
            raise ValidationError(_("文件打不开，请重新选择"), code="empty")
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return attachments.inspected(upload, accept=IMAGES)
        except attachments.UploadRefused as refused:
            raise ValidationError(refused.message, code=refused.code) from refused


class PlainTexts(PortalForm):
    """Texts in which no number of a person may stand; `scanned` names them."""

    scanned: ClassVar[tuple[str, ...]] = ()

    def clean(self) -> dict[str, Any]:
        """Say in which box the number of a person stands."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        texts = {name: cleaned.get(name) or "" for name in self.scanned}
        for finding in scan(texts):
            if finding.certain and finding.place not in self.errors:
                self.add_error(finding.place, _("这里不要写个人的证件号码、电话、银行卡号或车牌号"))
        return cleaned


def note(
    label: Any, *, required: bool = False, help_text: Any = "", limit: int = NOTE_MAX
) -> forms.CharField:
    """A box of a few lines."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, required=required, max_length=limit, widget=widget, help_text=help_text
    )
