"""What an evaluator tells beside his scores."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import Indicator
from evaluations.models.choices import Ground
from portal.core.forms import PortalForm

from .items import MET, ItemForm

# What the system works out by itself from visits, communities and members is not for choosing.
DECLARED = (Ground.KINSHIP, Ground.EMPLOYMENT, Ground.INVESTMENT, Ground.DISPUTE, Ground.OTHER)
LONG = {"rows": 3}
MOST = 300
MOST_CARDS = 20


class PledgeForm(PortalForm):
    """The member pledges."""

    submit_label = gettext_lazy("提交承诺")
    guard = False
    mark_optional = False
    agreed = forms.BooleanField(
        label=gettext_lazy("我已阅读并承诺遵守以上各条"),
        error_messages={"required": gettext_lazy("请先勾选承诺，再提交")},
    )


class RecusalForm(PortalForm):
    """The relation that keeps the member away."""

    mark_optional = False
    ground = forms.ChoiceField(
        label=gettext_lazy("您与这家机构的关系"),
        choices=[(each.value, each.label) for each in DECLARED],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择回避的原因")},
    )


class SkipForm(PortalForm):
    """Why an item does not apply."""

    submit_label = gettext_lazy("请组长确认")
    reason = forms.CharField(
        label=gettext_lazy("不适用的理由"), max_length=MOST, widget=forms.Textarea(attrs=LONG)
    )


class SkipAnswerForm(PortalForm):
    """The answer of who leads the panel."""

    submit_label = gettext_lazy("答复")
    mark_optional = False
    verdict = forms.ChoiceField(
        label=gettext_lazy("这一条是否适用"),
        choices=[
            ("yes", gettext_lazy("不适用，不计入得分")),
            ("no", gettext_lazy("适用，仍须评分")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是否适用")},
    )
    answer = forms.CharField(
        label=gettext_lazy("仍须评分的理由"), max_length=MOST, required=False,
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("选“适用，仍须评分”时填写，提出人会看到"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A refusal carries its reason."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("verdict") == "no" and not given.get("answer"):
            self.add_error("answer", _("请说明为什么仍须评分"))
        return given


class SignatureForm(PortalForm):
    """The name under a sheet or an assessment."""

    mark_optional = False
    signature = forms.CharField(
        label=gettext_lazy("署名"), max_length=40,
        help_text=gettext_lazy("填写本人姓名，视同签名"),
        error_messages={"required": gettext_lazy("请填写本人姓名")},
    )  # fmt: skip


class RemarkForm(PortalForm):
    """What a member says in a discussion."""

    mark_optional = False
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=gettext_lazy("意见（不显示姓名）"), max_length=1000,
        widget=forms.Textarea(attrs=LONG),
        error_messages={"required": gettext_lazy("请写下您的意见")},
    )  # fmt: skip


class AgreementForm(ItemForm):
    """The number the panel agrees on, with the reason."""

    def __init__(self, *args: Any, item: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, item=item, **kwargs)
        self.fields["points"].label = _("合议得分")
        self.fields["points"].required = True
        self.fields["words"].label = _("合议理由")
        self.fields["words"].required = True
        if "is_met" in self.fields:
            self.fields["is_met"].required = True

    def clean(self) -> dict[str, Any]:
        """A basic item that is not met has no points."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("is_met") is False and given.get("points"):
            self.add_error("points", _("基础标准不符合时，这一条只能是 0 分"))
        return given


class ReopenForm(PortalForm):
    """Why an agreement is taken up again."""

    mark_optional = False
    reason = forms.CharField(
        label=gettext_lazy("重新合议的理由"), max_length=MOST, widget=forms.Textarea(attrs=LONG)
    )


class ReviewForm(PortalForm):
    """The answer to an objection."""

    submit_label = gettext_lazy("提交复核意见")
    hide_summary = True
    answer = forms.CharField(
        label=gettext_lazy("复核意见"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )


class ChangeForm(PortalForm):
    """One item that the review changes; a card without an item changes nothing."""

    hide_summary = True
    guard = False
    indicator = forms.ChoiceField(
        label=gettext_lazy("需要改分的条号"), required=False,
        help_text=gettext_lazy("维持原结果时不选"),
    )  # fmt: skip
    points = forms.DecimalField(label=gettext_lazy("改为"), required=False)
    is_met = forms.ChoiceField(
        label=gettext_lazy("是否符合基础标准"), required=False,
        choices=[("", gettext_lazy("不是基础标准")), *MET], widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("改分理由"), max_length=MOST, required=False,
        widget=forms.Textarea(attrs=LONG),
    )  # fmt: skip

    def __init__(self, *args: Any, items: dict[str, Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        field: Any = self.fields["indicator"]
        field.choices = [("", _("不改分，维持原结果"))] + [
            (code, f"{code} {item.text[:30]}") for code, item in items.items()
        ]

    def clean(self) -> dict[str, Any]:
        """A changed item has its number and its reason."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        item = self.items.get(given.get("indicator") or "")
        if item is None:
            return given
        self._check_points(item, given.get("points"))
        if not given.get("reason"):
            self.add_error("reason", _("请写明改分理由"))
        if item.is_veto and not given.get("is_met"):
            self.add_error("is_met", _("这一条是基础标准，请选择是否符合"))
        if item.is_veto and given.get("is_met") == "no" and given.get("points"):
            self.add_error("points", _("基础标准不符合时，这一条只能是 0 分"))
        return given

    def _check_points(self, item: Indicator, points: Decimal | None) -> None:
        if points is None:
            if "points" not in self.errors:
                self.add_error("points", _("请填写改后的得分"))
            return
        card = ItemForm({"points": str(points)}, item=item)
        if not card.is_valid() and "points" in card.errors:
            self.add_error("points", ValidationError([str(e) for e in card.errors["points"]]))

    @property
    def amendment(self) -> dict[str, dict[str, Any]]:
        """The item that changes, as the act takes it; after is_valid()."""
        given = self.cleaned_data
        if not given.get("indicator"):
            return {}
        changed: dict[str, Any] = {"points": str(given["points"]), "reason": given["reason"]}
        if given.get("is_met"):
            changed["met"] = given["is_met"] == "yes"
        return {given["indicator"]: changed}


class Review:
    """The answer with as many cards of changed items as are asked for."""

    def __init__(self, data: Any, items: dict[str, Indicator]) -> None:
        asked = str(data.get("cards", "")) if data else ""
        self.cards = min(int(asked), MOST_CARDS) if asked.isascii() and asked.isdecimal() else 1
        self.wants_more = bool(data) and "more" in data
        if self.wants_more:  # what was typed stays, and nothing is judged yet
            self.cards = min(self.cards + 1, MOST_CARDS)
            self.form = ReviewForm(initial={"answer": data.get("answer", "")})
        else:
            self.form = ReviewForm(data)
        self.changes = [self._card(data, n, items) for n in range(self.cards)]

    def _card(self, data: Any, n: int, items: dict[str, Indicator]) -> ChangeForm:
        prefix = f"change{n}"
        if not self.wants_more:
            return ChangeForm(data, prefix=prefix, items=items)
        names = ChangeForm.base_fields
        typed = {name: data.get(f"{prefix}-{name}", "") for name in names}
        return ChangeForm(prefix=prefix, items=items, initial=typed)

    def is_valid(self) -> bool:
        """Whether the answer and every card are in order, and no item stands on two cards."""
        if self.wants_more or not all(each.is_valid() for each in (self.form, *self.changes)):
            return False
        seen: set[str] = set()
        for each in self.changes:
            if set(each.amendment) & seen:
                each.add_error("indicator", _("这一条在上面已经改过"))
                return False
            seen |= set(each.amendment)
        return True

    @property
    def amendments(self) -> dict[str, dict[str, Any]]:
        """All items that change; after is_valid()."""
        return {code: each for card in self.changes for code, each in card.amendment.items()}
