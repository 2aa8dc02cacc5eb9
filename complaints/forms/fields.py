"""Files as they come from residents and facilities: judged where they are chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.core import attachments
from portal.core.files import ALL_TYPES, MEDIA, Accepted

ACCEPT = "image/*,application/pdf"
# What a telephone records; residents alone may send it, from facilities papers are enough.
RECORDED = "audio/*,video/*"


class FileField(forms.FileField):
    """One file, cleaned at once, so that the refusal stands beside it."""

    def __init__(self, *, records: bool = False, **kwargs: Any) -> None:
        self.takes = ALL_TYPES | MEDIA if records else ALL_TYPES
        shown = f"{ACCEPT},{RECORDED}" if records else ACCEPT
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": shown}))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        """The cleaned content, or the sentence of the refusal."""
        if data and data.size == 0:
            raise ValidationError(_("文件打不开，请重新选择"), code="empty")
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return attachments.inspected(upload, accept=self.takes)
        except attachments.UploadRefused as refused:
            raise ValidationError(refused.message, code=refused.code) from refused
