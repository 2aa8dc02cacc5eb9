"""Forms of the roof: opening an operator's account."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import PointField, PortalForm
from portal.core.identifiers import ProblemCode, mobile_problem, normalise_phone
from portal.core.models import Community, User


class SignUpForm(PortalForm):
    """Phone, person, password twice, consent. Whether the phone is known is never told here."""

    guard = False
    half_width: ClassVar[tuple[str, ...]] = ("username",)
    autocomplete: ClassVar = {
        "username": "username",
        "display_name": "name",
        "password1": "new-password",
        "password2": "new-password",
    }
    inputmode: ClassVar = {"username": "tel"}
    widths: ClassVar = {"username": "w-medium", "display_name": "w-medium"}

    username = forms.CharField(
        label=gettext_lazy("手机号"),
        help_text=gettext_lazy("用来登录，也便于街道联系您。不会公开"),
        max_length=20,
    )
    display_name = forms.CharField(
        label=gettext_lazy("联系人姓名"),
        help_text=gettext_lazy("负责填报的人，街道经办人员看得到"),
        max_length=40,
    )
    password1 = forms.CharField(
        label=gettext_lazy("密码"),
        help_text=gettext_lazy("至少 10 位，不要用生日、电话或姓名。可以用几个词连起来"),
        strip=False,
        widget=forms.PasswordInput,
    )
    password2 = forms.CharField(
        label=gettext_lazy("再填一次密码"),
        strip=False,
        widget=forms.PasswordInput,
        error_messages={"required": gettext_lazy("请再填一次密码")},
    )
    consent = forms.BooleanField(label=gettext_lazy("我已阅读并同意隐私说明"))

    def clean_username(self) -> str:
        """The number as it is stored: eleven digits."""
        typed: str = self.cleaned_data["username"]
        problem = mobile_problem(typed)
        if problem is None:
            return normalise_phone(typed)
        if problem.code == ProblemCode.MOBILE_LENGTH:
            text = _("手机号应为 11 位数字，现在是 %(length)s 位")
            raise ValidationError(text, code="mobile", params=dict(problem.params))
        raise ValidationError(_("手机号应为 1 开头的 11 位数字，请核对"), code="mobile")

    def clean(self) -> dict[str, Any]:
        """The two passwords are alike, and strong enough for this person."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("两次填写的密码不一样，请重新填写"))
        if first:
            person = User(
                username=data.get("username", ""), display_name=data.get("display_name", "")
            )
            try:
                validate_password(first, person)
            except ValidationError as weak:
                self.add_error("password1", weak)
        return data


class NearForm(PortalForm):
    """From where, and how far. The phone's own place travels in the body only, and is not kept."""

    guard = False
    hide_summary = True
    submit_label = gettext_lazy("按距离查找")
    widths: ClassVar = {"community": "w-medium", "within": "w-short"}

    community = forms.ModelChoiceField(
        label=gettext_lazy("从哪个社区（村）出发"),
        queryset=Community.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("请选择"),
    )
    point = PointField(
        label=gettext_lazy("或者从这个坐标出发"),
        required=False,
        help_text=gettext_lazy(
            "可以用手机定位，也可以自己填，先纬度后经度（WGS-84）。只用来算这一次的距离，不保存"
        ),
    )
    within = forms.TypedChoiceField(
        label=gettext_lazy("多远以内"),
        choices=[(str(km), gettext_lazy("%(n)s 公里") % {"n": km}) for km in (1, 3, 5, 10, 30)],
        coerce=int,
        initial="3",
    )

    def clean(self) -> dict[str, Any]:
        """One of the two places."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("community") and not values.get("point") and not self.errors:
            self.add_error("community", ValidationError(_("请选择社区，或者用手机定位")))
        return values
