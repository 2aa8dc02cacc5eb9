"""What officials type: a thing to correct, a proposal, a reason, the county's filing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import StatutoryFiling
from facilities.models.choices import Proposal
from facilities.workflow import StatutoryFilingStatus
from portal.core.forms import PortalForm

Target = tuple[str, str]
REASON_MAX = 250
CORRECTION_PHRASES = (
    gettext_lazy("照片或扫描件看不清，请重新上传"),
    gettext_lazy("缺页或缺少盖章，请补全后上传"),
    gettext_lazy("材料已过有效期，请上传在有效期内的材料"),
    gettext_lazy("填写的内容与材料不一致，请核对后修改"),
    gettext_lazy("上传的不是这份材料，请重新上传"),
    gettext_lazy("请补充填写"),
)
DECLINE_PHRASES = (
    gettext_lazy("多次补正后仍不符合登记报送的要求"),
    gettext_lazy("报送的场所不在本街道范围内"),
    gettext_lazy("报送的机构不提供3岁以下婴幼儿照护服务"),
)
HAND_BACK_PHRASES = (
    gettext_lazy("请再核对材料与填写的内容是否一致"),
    gettext_lazy("请补充说明理由"),
    gettext_lazy("请先要求机构补正"),
)


def _phrases(phrases: Sequence[Any], label: Any) -> forms.ChoiceField:
    choices = [("", gettext_lazy("不用常用语"))]
    choices += [(str(n), phrase) for n, phrase in enumerate(phrases)]
    return forms.ChoiceField(label=label, required=False, choices=choices)


def _reason(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=label, required=required, max_length=REASON_MAX, widget=widget, help_text=help_text
    )


class WithPhrase(PortalForm):
    """A reason of one's own, a reusable phrase, or the phrase and something added to it."""

    phrases: ClassVar[Sequence[Any]] = ()

    def reason_given(self) -> str:
        """The phrase, then what was typed."""
        chosen = self.cleaned_data.get("phrase")
        with translation.override(settings.LANGUAGE_CODE):  # it is printed on Chinese papers
            phrase = str(self.phrases[int(chosen)]) if chosen else ""
        typed = self.cleaned_data.get("reason", "").strip()
        return f"{phrase}。{typed}" if phrase and typed else phrase or typed

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.reason_is_needed() and "reason" not in self.errors and not self.reason_given():
            label = self.fields["reason"].label
            self.add_error("reason", _("请填写%(label)s，或选一条常用语") % {"label": label})
        return cleaned

    def reason_is_needed(self) -> bool:
        """Whether the act means nothing without a reason."""
        return True


class CorrectionForm(WithPhrase):
    """One thing the operator is asked to put right."""

    phrases = CORRECTION_PHRASES
    submit_label = gettext_lazy("加入补正清单")
    counters = ("reason",)
    mark_optional = False
    guard = False

    target = forms.ChoiceField(
        label=gettext_lazy("哪一项需要补正"), widget=forms.Select(attrs={"lang": "zh-Hans"})
    )
    phrase = _phrases(CORRECTION_PHRASES, gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("需要补正的内容"),
        required=False,
        help_text=gettext_lazy("写清楚哪里不对、怎么改。可以只选常用语，也可以选了再补充"),
    )

    def __init__(self, *args: Any, targets: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", gettext_lazy("请选择")), *targets]  # type: ignore[attr-defined]

    @property
    def section_and_item(self) -> Target:
        """Where the correction belongs."""
        section, _sep, item = self.cleaned_data["target"].partition(":")
        return section, item

    def sentence(self) -> str:
        """The line of the notice; it names the item, since the notice shows the section only."""
        reason, label = self.reason_given(), self._label()
        return reason if not label or label in reason else f"{label}：{reason}"

    def _label(self) -> str:
        wanted = self.cleaned_data["target"]
        if ":" not in wanted:
            return ""
        groups = dict(self.fields["target"].choices[1:])  # type: ignore[attr-defined]
        return next(
            str(label) for group in groups.values() for key, label in group if key == wanted
        )


class CorrectionAside(CorrectionForm):
    """The same on the review page, where another button comes first."""

    submit_css = "btn-outline-primary"


class Decision(PortalForm):
    """The ground of decisions: `seen` tells whether the record changed since it was shown."""

    guard = False
    seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("页面内容不完整，请核对下面的内容后再办理")},
    )

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial["seen"] = now

    def clean_seen(self) -> str:
        """A record that moved meanwhile is shown again before anybody decides on it."""
        seen: str = self.cleaned_data["seen"]
        if seen != self.now:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.now
            raise ValidationError(_("这条记录刚有变化，请核对下面的内容后再办理"))
        return seen


class SendForm(Decision):
    """Send the list of corrections."""

    submit_label = gettext_lazy("发出补正通知")
    cancel_label = gettext_lazy("返回，暂不发出")


class RegisterForm(Decision):
    """Register."""

    submit_label = gettext_lazy("准予登记")
    cancel_label = gettext_lazy("返回，不做决定")


class ReasonedDecision(Decision, WithPhrase):
    """A decision with a reason."""

    counters = ("reason",)
    mark_optional = False
    cancel_label = gettext_lazy("返回，不做决定")


class DeclineForm(ReasonedDecision):
    """Do not register; the reason is printed on the notice."""

    phrases = DECLINE_PHRASES
    submit_label = gettext_lazy("不予登记")
    submit_css = "btn-danger"

    phrase = _phrases(DECLINE_PHRASES, gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("不予登记的理由"),
        required=False,
        help_text=gettext_lazy("会写在告知书上，机构可以看到"),
    )


class HandBackForm(ReasonedDecision):
    """Return the proposal to the clerk."""

    phrases = HAND_BACK_PHRASES
    submit_label = gettext_lazy("退回经办人")

    phrase = _phrases(HAND_BACK_PHRASES, gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("退回的理由"),
        required=False,
        help_text=gettext_lazy("只有街道工作人员看得到"),
    )


class ProposalForm(WithPhrase):
    """What the clerk proposes; another person decides."""

    phrases = DECLINE_PHRASES
    submit_label = gettext_lazy("提交审定")
    counters = ("reason",)
    mark_optional = False

    proposal = forms.ChoiceField(
        label=gettext_lazy("经办意见"),
        choices=Proposal.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择经办意见")},
    )
    phrase = _phrases(DECLINE_PHRASES, gettext_lazy("不予登记的常用语"))
    reason = _reason(
        gettext_lazy("理由或说明"),
        required=False,
        help_text=gettext_lazy("不予登记时必须写明；准予登记时可以不写"),
    )

    def reason_is_needed(self) -> bool:
        """A proposal to decline says why."""
        return self.cleaned_data.get("proposal") == Proposal.DECLINE


class StatutoryForm(PortalForm):
    """What the health department's system shows; 已备案 needs number and day (D2)."""

    submit_label = gettext_lazy("保存备案情况")
    mark_optional = False
    half_width = ("number",)
    widths = {"number": "w-code", "filed_on": "w-medium", "status": "w-medium"}

    status = forms.ChoiceField(
        label=gettext_lazy("备案情况"), choices=StatutoryFilingStatus.choices
    )
    number = forms.CharField(
        label=gettext_lazy("备案编号"),
        max_length=StatutoryFiling._meta.get_field("number").max_length,
        required=False,
        help_text=gettext_lazy("已备案的必须填写"),
    )
    filed_on = forms.DateField(
        label=gettext_lazy("备案日期"),
        required=False,
        help_text=gettext_lazy("已备案的必须填写，例如 2026-11-03"),
    )

    def __init__(self, *args: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_filed_on(self) -> Any:
        """A filing does not lie in the future."""
        day = self.cleaned_data["filed_on"]
        if day and day > self.today:
            raise ValidationError(_("备案日期不能晚于今天"))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("status") == StatutoryFilingStatus.FILED:
            for name, label in (("number", _("备案编号")), ("filed_on", _("备案日期"))):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("已备案的，请填写%(label)s") % {"label": label})
        return cleaned
