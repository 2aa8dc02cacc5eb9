"""What officials type: a thing to correct, a proposal, a reason, the county's filing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import StatutoryFiling
from facilities.models.choices import Proposal
from facilities.models.review import PhraseUse, Verdict
from facilities.workflow import StatutoryFilingStatus
from portal.core.forms import PortalForm

Target = tuple[str, str]
REASON_MAX = 250
Offer = tuple[str, str, str]
"""A phrase on offer: key, use, text."""


def _phrases(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False)


def _reason(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=label, required=required, max_length=REASON_MAX, widget=widget, help_text=help_text
    )


class WithPhrase(PortalForm):
    """A reason of one's own, a reusable phrase, or the phrase and something added to it.

    The phrases stand in a list of their own, so that it works without a script: what is chosen
    comes first, what is typed after it.
    """

    def __init__(self, *args: Any, phrases: Sequence[Offer] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = {key: text for key, _use, text in phrases}
        self.fields["phrase"].choices = offered(phrases)  # type: ignore[attr-defined]
        self.fields["phrase"].widget.attrs["lang"] = "zh-Hans"

    def reason_given(self) -> str:
        """The phrase, then what was typed."""
        phrase = self.texts.get(self.cleaned_data.get("phrase", ""), "").rstrip("。")
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


def offered(phrases: Sequence[Offer]) -> list[Any]:
    """The choices of a list of phrases; where several uses are offered, in groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, use, text in phrases:
        groups.setdefault(str(PhraseUse(use).label), []).append((key, text))
    none = ("", gettext_lazy("不用常用语"))
    if len(groups) < 2:
        return [none, *(each for group in groups.values() for each in group)]
    return [none, *groups.items()]


class CorrectionForm(WithPhrase):
    """One thing the operator is asked to put right."""

    submit_label = gettext_lazy("加入补正清单")
    counters = ("reason",)
    mark_optional = False
    guard = False

    target = forms.ChoiceField(
        label=gettext_lazy("哪一项需要补正"), widget=forms.Select(attrs={"lang": "zh-Hans"})
    )
    phrase = _phrases(gettext_lazy("常用语"))
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
    """The ground of decisions: `seen` tells the act what was read; the act compares it."""

    guard = False
    seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("页面内容不完整，请核对下面的内容后再办理")},
    )

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial["seen"] = now

    def show_again(self, now: str) -> None:
        """The record moved meanwhile: say so, and take the next press for what stands here now."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = now
        self.add_error("seen", _("这条记录刚有变化，请核对下面的内容后再办理"))


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

    submit_label = gettext_lazy("不予登记")
    submit_css = "btn-danger"

    phrase = _phrases(gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("不予登记的理由"),
        required=False,
        help_text=gettext_lazy("会写在告知书上，机构可以看到"),
    )


class HandBackForm(ReasonedDecision):
    """Return the proposal to the clerk."""

    submit_label = gettext_lazy("退回经办人")

    phrase = _phrases(gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("退回的理由"),
        required=False,
        help_text=gettext_lazy("只有街道工作人员看得到"),
    )


class ProposalForm(WithPhrase):
    """What the clerk proposes; another person decides."""

    submit_label = gettext_lazy("提交审定")
    counters = ("reason",)
    mark_optional = False

    proposal = forms.ChoiceField(
        label=gettext_lazy("经办意见"),
        choices=Proposal.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择经办意见")},
    )
    phrase = _phrases(gettext_lazy("不予登记的常用语"))
    reason = _reason(
        gettext_lazy("理由或说明"),
        required=False,
        help_text=gettext_lazy("不予登记时必须写明；准予登记时可以不写"),
    )

    confirmed = forms.BooleanField(
        label=gettext_lazy("这些项不再逐项核对，仍提出准予登记"), required=False
    )

    def __init__(self, *args: Any, unread: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unread = unread
        if not unread or not self.is_bound:  # asked only once somebody wants to pass over them
            del self.fields["confirmed"]

    def reason_is_needed(self) -> bool:
        """A proposal to decline says why."""
        return self.cleaned_data.get("proposal") == Proposal.DECLINE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        wants = cleaned.get("proposal") == Proposal.REGISTER
        if wants and self.unread and not cleaned.get("confirmed"):
            facts = {"n": len(self.unread), "names": "、".join(self.unread)}
            text = _("还有 %(n)s 项没有核对结论：%(names)s。请先核对；确实不再核对的，请勾选这一项")
            self.add_error("confirmed", text % facts)
        return cleaned


class VerdictForm(WithPhrase):
    """What the clerk says of one section or paper, on a page of its own."""

    submit_label = gettext_lazy("保存核对结论")
    counters = ("reason",)
    mark_optional = False

    verdict = forms.ChoiceField(
        label=gettext_lazy("核对结论"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择核对结论")},
    )
    phrase = _phrases(gettext_lazy("常用语"))
    reason = _reason(
        gettext_lazy("说明"),
        required=False,
        help_text=gettext_lazy("需补正的必须写明，会进补正清单；需现场核实的写明到现场看什么"),
    )

    def reason_is_needed(self) -> bool:
        """A correction says what to put right."""
        return self.cleaned_data.get("verdict") == Verdict.CORRECT


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
        help_text=gettext_lazy("已备案的必须填写，例如 2026-11-03；不符合的填告知日期"),
    )
    reason = forms.CharField(
        label=gettext_lazy("不符合的理由"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("卫健部门告知不符合的必须填写，照公开的写"),
    )
    public_link = forms.URLField(
        label=gettext_lazy("公开链接"), max_length=300, required=False, assume_scheme="https"
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
        is_refused = cleaned.get("status") == StatutoryFilingStatus.NONCONFORMING
        if is_refused and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("不符合已告知的，请填写理由"))
        return cleaned
