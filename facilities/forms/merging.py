"""Two records of one facility: which one stays, why, and what the second person says."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from facilities.queries import merging
from portal.core.forms import PortalForm
from portal.core.models import User

MERGE, DECLINE = "merge", "decline"


class KeptForm(PortalForm):
    """Which record stays; read with GET, so that the next page can be gone back to."""

    hide_summary = True
    guard = False
    mark_optional = False
    submit_label = gettext_lazy("核对两份档案")
    half_width = ("target",)
    widths: ClassVar[dict[str, str]] = {"target": "w-code"}

    target = forms.CharField(
        label=gettext_lazy("保留哪一家"),
        max_length=20,
        help_text=gettext_lazy("填写要保留的机构的街道登记号或统一社会信用代码"),
        error_messages={"required": gettext_lazy("请填写要保留的机构的街道登记号")},
    )

    def __init__(self, *args: Any, source: Facility, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source, self.user = source, user
        self.kept: Facility | None = None

    @property
    def helper(self) -> Any:
        """The same form, read with GET: nothing is written yet."""
        helper = super().helper
        helper.form_method = "get"
        return helper

    def clean(self) -> dict[str, Any]:
        """A record within reach against which nothing stands."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("target"):
            return cleaned
        self.kept = merging.facility_named(cleaned["target"], self.user)
        if self.kept is None:
            self.add_error("target", _("没有找到这家机构，请核对街道登记号"))
        elif why := merging.obstacle(self.source, self.kept):
            self.add_error("target", str(why.label))
        return cleaned


class MergeForm(PortalForm):
    """Why the two are one."""

    submit_label = gettext_lazy("提出合并，交审定")
    mark_optional = False
    hide_summary = True

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    reason = forms.CharField(
        label=gettext_lazy("为什么是同一家"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写核对过什么，例如营业执照、到现场看过"),
        error_messages={"required": gettext_lazy("请填写为什么是同一家")},
    )


class MergeDecisionForm(PortalForm):
    """Merge, or leave both as they are with a reason."""

    submit_label = gettext_lazy("提交审定")
    mark_optional = False

    decision = forms.ChoiceField(
        label=gettext_lazy("审定意见"),
        choices=[(MERGE, gettext_lazy("合并两份档案")), (DECLINE, gettext_lazy("不合并"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择审定意见")},
    )
    reason = forms.CharField(
        label=gettext_lazy("不合并的理由"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("选“不合并”时填写"),
    )

    def clean(self) -> dict[str, Any]:
        """Who declines says why."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("decision") == DECLINE and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", _("请填写不合并的理由"))
        return cleaned
