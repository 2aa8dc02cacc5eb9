"""allauth's forms in our words (settings ACCOUNT_FORMS and MFA_FORMS name them)."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .forms import PortalFormMixin

# What allauth says by code, said as the rest of the portal speaks (ux.md §4.3, A1).
_SAID: dict[str, Any] = {
    "incorrect_code": _("动态码不对，请看验证器上最新的 6 位数字再填"),
    "incorrect_password": _("密码不对，请核对后再填"),
    "enter_current_password": _("现在的密码不对，请核对后再填"),
    "username_password_mismatch": _("账号或密码不对，请核对后再试。连续输错会暂停登录"),
    "too_many_login_attempts": _("输错次数较多，登录暂停 15 分钟。急用请打电话联系街道"),
    "rate_limited": _("试的次数较多，请过几分钟再试"),
    "no_valid_credential": _("没有读到安全密钥，请再试一次"),
    "cannot_delete_authenticator": _("您的岗位必须使用验证器，不能关闭"),
    "cannot_generate_recovery_codes": _("请先开启验证器，再生成备用码"),
}


class AccountFormMixin(PortalFormMixin):
    """Our labels and hints, no placeholders, our words for allauth's refusals."""

    guard = False
    labels: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")

    def add_error(self, field: str | None, error: Any) -> None:
        """A code that allauth refuses with is said in our words."""
        code = getattr(error, "code", None) or ""
        if code in _SAID:
            error = ValidationError(_SAID[code], code=code)
        super().add_error(field, error)


class LoginForm(AccountFormMixin, account.LoginForm):  # type: ignore[misc]
    """Account and password."""

    labels = {"login": _("账号"), "password": _("密码")}


class ReauthenticateForm(AccountFormMixin, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more before an important act."""

    labels = {"password": _("密码")}


class ChangePasswordForm(AccountFormMixin, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password, typed twice."""

    labels = {
        "oldpassword": _("现在的密码"),
        "password1": _("新密码"),
        "password2": _("再填一次新密码"),
    }
    hints = {"password1": _("至少 10 位")}

    def add_error(self, field: str | None, error: Any) -> None:
        """Allauth gives the difference of the two as a bare sentence of its own."""
        if field == "password2" and not isinstance(error, ValidationError):
            error = _("两次填写的密码不一样，请重新填写")
        super().add_error(field, error)


class _Code(AccountFormMixin):
    labels = {"code": _("动态码")}
    hints = {"code": _("6 位数字，每 30 秒变一次")}
    half_width = ("code",)
    inputmode = {"code": "numeric"}
    widths = {"code": "w-short"}


class AuthenticateForm(_Code, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in; a recovery code is taken too, so no number pad."""

    labels = {"code": _("动态码或备用码")}
    inputmode: ClassVar[dict[str, str]] = {}
    widths = {"code": "w-medium"}


class MfaReauthenticateForm(_Code, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The code once more before an important act."""

    labels = {"code": _("动态码或备用码")}
    inputmode: ClassVar[dict[str, str]] = {}
    widths = {"code": "w-medium"}


class ActivateTOTPForm(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]
    """Prove that the authenticator works before it is needed."""


class DeactivateTOTPForm(AccountFormMixin, totp.DeactivateTOTPForm):  # type: ignore[misc]
    """Nothing to fill in: the button is the answer."""


class AddWebAuthnForm(AccountFormMixin, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A key with a name one knows it by; its answer comes from the browser."""

    labels = {"name": _("给它起个名字")}
    hints = {"name": _("例如：办公室电脑、蓝色 USB 密钥")}


class AuthenticateWebAuthnForm(AccountFormMixin, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The key instead of the code."""


class ReauthenticateWebAuthnForm(AccountFormMixin, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The key once more before an important act."""


class GenerateRecoveryCodesForm(AccountFormMixin, recovery.GenerateRecoveryCodesForm):  # type: ignore[misc]
    """Nothing to fill in: the button is the answer."""
