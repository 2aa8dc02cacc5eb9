"""A document added to what was sent."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy

from portal.core.forms import PortalForm

from .counter import ScanField


class SupplementForm(PortalForm):
    """One file."""

    submit_label = gettext_lazy("上传")
    mark_optional = False
    widths: ClassVar[dict[str, str]] = {}

    file = ScanField(
        label=gettext_lazy("材料"), help_text=gettext_lazy("PDF 或照片；文件名写明是什么材料")
    )
