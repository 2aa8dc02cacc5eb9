"""Files as they come from residents and facilities: judged where they are chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.core import attachments
from portal.core.files import ALL_TYPES, Accepted

ACCEPT = "image/*,application/pdf"


class FileField(forms.FileField):
    """One file, cleaned at once, so that the refusal stands beside it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ACCEPT}))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        """The cleaned content, or the sentence of the refusal."""
        if data and data.size == 0:
            raise ValidationError(_("文件打不开，请重新选择"), code="empty")
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return attachments.inspected(upload, accept=ALL_TYPES)
        except attachments.UploadRefused as refused:
            raise ValidationError(refused.message, code=refused.code) from refused
