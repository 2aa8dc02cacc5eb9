"""Forms about who works for a facility."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import MemberRole
from portal.core.forms import PortalForm
from portal.core.identifiers import code_problem, normalise_code, normalise_uscc, uscc_problem


class InviteForm(PortalForm):
    """Which part the person who is invited will have."""

    submit_label = gettext_lazy("生成邀请码")
    guard = False
    mark_optional = False

    role = forms.ChoiceField(
        label=gettext_lazy("邀请谁"),
        choices=[
            (MemberRole.EDITOR, gettext_lazy("填报员：可以填写，不能提交承诺、停办和邀请他人")),
            (MemberRole.MANAGER, gettext_lazy("负责人：可以办全部事项")),
        ],
        initial=MemberRole.EDITOR,
        widget=forms.RadioSelect,
    )


class JoinForm(PortalForm):
    """A code of the manager's, or the credit code of a facility that will be asked."""

    submit_label = gettext_lazy("加入机构")
    guard = False
    half_width: ClassVar[tuple[str, ...]] = ("code", "uscc")
    widths: ClassVar = {"code": "w-code", "uscc": "w-code"}

    code = forms.CharField(
        label=gettext_lazy("邀请码"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("机构负责人给您的 16 位邀请码，填了马上加入"),
    )
    uscc = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("没有邀请码时填写，由机构负责人或街道同意后加入"),
    )

    def clean_code(self) -> str:
        """The code without dashes; its shape alone is looked at here."""
        code = normalise_code(self.cleaned_data["code"])
        if code and code_problem(code):
            raise forms.ValidationError(_("邀请码应为 16 位字母和数字，请核对"))
        return code

    def clean_uscc(self) -> str:
        """The credit code as it is stored."""
        code = normalise_uscc(self.cleaned_data["uscc"])
        if code and uscc_problem(code):
            raise forms.ValidationError(_("统一社会信用代码应为 18 位，请照营业执照核对"))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("code") and not cleaned.get("uscc"):
            self.add_error("code", _("请填写邀请码，或填写机构的统一社会信用代码"))
        return cleaned
