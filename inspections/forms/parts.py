"""What the forms of supervision share: files judged at once, texts without numbers of persons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import attachments
from portal.core.files import IMAGES, Accepted

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


def note(
    label: Any, *, required: bool = False, help_text: Any = "", limit: int = NOTE_MAX
) -> forms.CharField:
    """A box of a few lines."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, required=required, max_length=limit, widget=widget, help_text=help_text
    )
