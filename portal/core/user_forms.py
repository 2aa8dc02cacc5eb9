"""What is typed about accounts: invitations, roles, deputies, one-time codes."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .forms import FilterFormMixin, PortalForm
from .identifiers import code_problem
from .models import Community, RoleAssignment, User
from .roles import Role
from .staffing.roles import GIVEN, Wanted

REASON_MAX = 250
NAME = r"^[a-z][a-z0-9_.-]*$"
REFUSALS = {
    "own": gettext_lazy("不能改自己的账号，请由另一位管理员办理"),
    "left": gettext_lazy("这个账号已经停用"),
    "before": gettext_lazy("日期不能早于今天"),
    "dates": gettext_lazy("截止日期不能早于起始日期"),
    "reach": gettext_lazy("社区（村）工作人员要选一个社区（村）"),
    "excluded": gettext_lazy(
        "和这个人已有的角色不能兼任：监督审计不能兼任经办的角色，系统管理员不能兼任看得到受保护内容的角色"
    ),
    "held": gettext_lazy("这段时间里已经有这个角色"),
    "proposed": gettext_lazy("同样的变更已经提出，等另一人决定"),
    "ended": gettext_lazy("这个角色在那一天之前就结束了"),
    "last": gettext_lazy("这是最后一位系统管理员或审定人，请先让另一人接任"),
    "deputy": gettext_lazy("代理人要是另一个人，代理来的角色不能再让人代理"),
    "beyond": gettext_lazy("代理的日期不能超出原来的任期"),
    "unknown": gettext_lazy("没有这个角色或事项，请从“角色权限”重新打开"),
    "granted": gettext_lazy("这个角色已经有这项权限"),
    "missing": gettext_lazy("这个角色现在没有这项权限"),
    "waits": gettext_lazy("这个角色的这项权限已经提出过变更，等另一人决定"),
    "kind": gettext_lazy(
        "这项权限不能给这个角色：机构、评估委员、领导、监督审计和系统管理员各办各的事，不和经办的角色互换"
    ),
    "keepers": gettext_lazy(
        "这项权限不能收回：角色和权限由两个人变更，审定人和系统管理员都要能决定"
    ),
    "beneficiary": gettext_lazy("这项权限是给系统管理员的，由审定人决定。"),
    "red_lane": gettext_lazy("这项权限不能收回：紧急举报要由紧急专线值守人确认收到和报告"),
}


def _roles() -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in Role if role in GIVEN]


class PeopleFilter(FilterFormMixin, forms.Form):
    """Which people the list shows."""

    q = forms.CharField(label=gettext_lazy("姓名、岗位或账号"), required=False, max_length=40)
    role = forms.ChoiceField(label=gettext_lazy("角色"), required=False)
    active = forms.ChoiceField(
        label=gettext_lazy("账号状态"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("yes", gettext_lazy("在用")),
            ("no", gettext_lazy("已停用")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("全部")), *_roles()]  # type: ignore[attr-defined]

    def narrow(self, people: Any, day: dt.date) -> Any:
        """The people that fit; a filter that means nothing leaves the list whole."""
        if not self.is_valid():
            return people
        chosen = self.cleaned_data
        if text := chosen["q"].strip():
            named = Q(display_name__icontains=text) | Q(post__icontains=text)
            people = people.filter(named | Q(username__icontains=text))
        if chosen["role"]:
            held = RoleAssignment.objects.in_force(day).filter(role=chosen["role"])
            people = people.filter(pk__in=held.values("user"))
        if chosen["active"]:
            people = people.filter(is_active=chosen["active"] == "yes")
        return people


class _RefusableForm(PortalForm):
    """A form whose act may be refused for a reason known only when it is tried."""

    cancel_label = gettext_lazy("返回，不做改动")

    def refused(self, code: str) -> None:
        """Say why it cannot be."""
        self.add_error(None, REFUSALS[code])


class InviteForm(_RefusableForm):
    """A new colleague: who, and how he signs in."""

    submit_label = gettext_lazy("建立账号")
    half_width: ClassVar[tuple[str, ...]] = ("username",)
    widths: ClassVar = {"username": "w-medium", "display_name": "w-medium", "post": "w-medium"}

    display_name = forms.CharField(label=gettext_lazy("姓名或岗位"), max_length=40)
    post = forms.CharField(
        label=gettext_lazy("职务"),
        max_length=40,
        help_text=gettext_lazy("印在文书和办理过程里，例如：卫健办经办人"),
    )
    username = forms.RegexField(
        label=gettext_lazy("账号"),
        regex=NAME,
        max_length=30,
        min_length=3,
        help_text=gettext_lazy("小写字母开头，可以有数字、点、横线，例如：weijian.wang"),
        error_messages={
            "invalid": gettext_lazy("账号要用小写字母开头，只能有小写字母、数字、点和横线")
        },
    )


class RoleForm(_RefusableForm):
    """A role for some days."""

    submit_label = gettext_lazy("提出，由另一人决定")

    role = forms.ChoiceField(label=gettext_lazy("角色"))
    community = forms.ModelChoiceField(
        label=gettext_lazy("社区（村）"),
        queryset=Community.objects.all(),
        required=False,
        empty_label=gettext_lazy("全街道"),
    )
    valid_from = forms.DateField(label=gettext_lazy("起始日期"))
    valid_to = forms.DateField(
        label=gettext_lazy("截止日期"),
        required=False,
        help_text=gettext_lazy("不填表示一直有，直到另行结束"),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=REASON_MAX,
        help_text=gettext_lazy("例如：岗位调整通知的日期和文号"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("请选择")), *_roles()]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What was asked for; only after is_valid()."""
        data = self.cleaned_data
        return Wanted(data["role"], data["valid_from"], data["valid_to"], data["community"])


class EndForm(_RefusableForm):
    """The last day of a role."""

    submit_label = gettext_lazy("提出，由另一人决定")

    last_day = forms.DateField(label=gettext_lazy("最后一天"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=REASON_MAX)


class RecoveryForm(_RefusableForm):
    """A colleague cannot sign in any more."""

    submit_label = gettext_lazy("提出，由另一人决定")

    resets_factor = forms.BooleanField(
        label=gettext_lazy("手机或验证器也丢了，同时关闭两步验证"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=REASON_MAX,
        help_text=gettext_lazy("怎样确认是本人，例如：本人到场"),
    )


class DeputyForm(_RefusableForm):
    """Who acts in a post, and for how long."""

    submit_label = gettext_lazy("任命代理人")

    post = forms.ModelChoiceField(
        label=gettext_lazy("代理的角色"), queryset=RoleAssignment.objects.none(), empty_label=None
    )
    deputy = forms.ModelChoiceField(
        label=gettext_lazy("代理人"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )
    first = forms.DateField(label=gettext_lazy("起始日期"))
    last = forms.DateField(label=gettext_lazy("截止日期"))

    def __init__(self, *args: Any, person: User, people: Any, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = person.role_assignments.filter(deputy_for=None).select_related("community")
        post: Any = self.fields["post"]
        post.queryset = held.filter(Q(valid_to=None) | Q(valid_to__gte=day))
        post.label_from_instance = role_words
        deputy: Any = self.fields["deputy"]
        deputy.queryset = people.filter(is_active=True).exclude(pk=person.pk)
        deputy.label_from_instance = lambda each: each.signature_label


def role_words(assignment: RoleAssignment) -> str:
    """审定人（龙泉社区）."""
    role = str(assignment.get_role_display())
    return f"{role}·{assignment.community}" if assignment.community else role


class RefuseForm(_RefusableForm):
    """Why the second person does not agree."""

    submit_label = gettext_lazy("不同意")
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=REASON_MAX)


class ConfirmForm(_RefusableForm):
    """Nothing to fill in: the button is the answer."""

    guard = False

    def __init__(self, *args: Any, label: Any, css: str = "btn-primary", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = label
        self.submit_css = css  # type: ignore[misc]


class RightForm(_RefusableForm):
    """Why a role shall have a right, or have it no longer."""

    submit_label = gettext_lazy("提出，由另一人决定")
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=REASON_MAX)


class RightsFilter(FilterFormMixin, forms.Form):
    """Which of the rights of a role are shown."""

    which = forms.ChoiceField(
        label=gettext_lazy("显示"),
        required=False,
        choices=[
            ("", gettext_lazy("现在可以办的")),
            ("changed", gettext_lazy("和默认不同的")),
            ("all", gettext_lazy("全部可选的")),
        ],
    )

    def narrow(self, lines: Any) -> Any:
        """The lines that fit; what means nothing counts as no choice."""
        which = self.cleaned_data["which"] if self.is_valid() else ""
        if which == "all":
            return lines
        return [each for each in lines if (each.differs if which else each.holds)]


class OperatorCodeForm(_RefusableForm):
    """An operator at the counter has lost his password or his second factor."""

    submit_label = gettext_lazy("生成一次性代码")
    half_width: ClassVar[tuple[str, ...]] = ("username",)
    inputmode: ClassVar = {"username": "tel"}
    widths: ClassVar = {"username": "w-medium"}

    username = forms.CharField(
        label=gettext_lazy("机构账号"),
        max_length=30,
        help_text=gettext_lazy("开通账号时用的手机号"),
    )
    resets_factor = forms.BooleanField(
        label=gettext_lazy("手机或验证器也丢了，同时关闭两步验证"), required=False
    )
    checked = forms.BooleanField(
        label=gettext_lazy("已核对本人身份证和机构证明"),
        error_messages={"required": gettext_lazy("请先核对身份证和机构证明")},
    )


class CodeForm(PortalForm):
    """The code of the counter, and a new password typed twice."""

    guard = False
    half_width: ClassVar[tuple[str, ...]] = ("username", "code")
    autocomplete: ClassVar = {
        "username": "username",
        "code": "one-time-code",
        "password1": "new-password",
        "password2": "new-password",
    }
    widths: ClassVar = {"username": "w-medium", "code": "w-medium"}

    username = forms.CharField(label=gettext_lazy("账号"), max_length=150)
    code = forms.CharField(
        label=gettext_lazy("一次性代码"),
        max_length=40,
        help_text=gettext_lazy("16 位，大小写都可以，不用填横线"),
    )
    password1 = forms.CharField(
        label=gettext_lazy("新密码"),
        help_text=gettext_lazy("至少 10 位"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput,
    )
    password2 = forms.CharField(
        label=gettext_lazy("再填一次新密码"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput,
        error_messages={"required": gettext_lazy("请再填一次密码")},
    )

    def clean_code(self) -> str:
        """The shape of a code; whether there is such a one is told together with the account."""
        typed: str = self.cleaned_data["code"]
        if code_problem(typed):
            raise ValidationError(_("代码是 16 位数字和字母，请照着填"))
        return typed

    def clean(self) -> dict[str, Any]:
        """The two passwords are alike and strong enough; nothing is asked of any account."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("两次填写的密码不一样，请重新填写"))
        if first:
            try:
                validate_password(first, User(username=data.get("username", "")))
            except ValidationError as weak:
                self.add_error("password1", weak)
        return data
