"""The screens on which somebody tells what happened: three answers are compulsory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category
from facilities.models import Facility
from portal.core.files import Accepted
from portal.core.forms import PortalForm
from portal.core.identifiers import normalise_phone, phone_problem

from .fields import FileField

# What residents choose from; petitions and requests for information have other ways.
TOPICS = [(str(each), each.label) for each in Category if each not in {Category.C13, Category.C14}]
NOT_LISTED = "other"
# One question more that helps with this kind of matter; nobody has to answer it.
QUESTIONS: dict[str, Any] = {
    "C1": gettext_lazy("孩子现在安全吗，有没有受伤"),
    "C2": gettext_lazy("几个孩子不舒服，有没有去医院"),
    "C3": gettext_lazy("隐患在什么位置"),
    "C4": gettext_lazy("大概有多少孩子，是怎么知道的"),
    "C5": gettext_lazy("说的是什么岗位的人"),
    "C6": gettext_lazy("哪个班，大概多少孩子、几位老师"),
    "C7": gettext_lazy("哪一餐，吃了什么"),
    "C8": gettext_lazy("交了多少钱，有没有合同或收据"),
}


class TopicForm(PortalForm):
    """What it is about."""

    submit_label = gettext_lazy("继续")
    guard = False

    category = forms.ChoiceField(
        label=gettext_lazy("什么问题"),
        choices=TOPICS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是什么问题")},
    )


class FacilityForm(PortalForm):
    """Which place: one that was found, or one that is not on the list."""

    submit_label = gettext_lazy("继续")
    guard = False

    q = forms.CharField(
        label=gettext_lazy("机构名称"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("填两个字就可以查找"),
    )
    choice = forms.ChoiceField(
        label=gettext_lazy("是哪一家"), required=False, widget=forms.RadioSelect
    )
    place_name = forms.CharField(
        label=gettext_lazy("不在名单里的，写它的名称"), required=False, max_length=100
    )
    place_address = forms.CharField(label=gettext_lazy("它在哪里"), required=False, max_length=200)

    def __init__(self, *args: Any, found: Sequence[Facility], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["choice"]
        choice.choices = [
            *((each.code, f"{each.name}（{each.address}）") for each in found),
            (NOT_LISTED, _("不在名单里")),
        ]

    def clean(self) -> dict[str, Any]:
        """One of the two is needed; a typed name counts as an answer."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        code = cleaned.get("choice") or ""
        if code in {"", NOT_LISTED} and not cleaned.get("place_name"):
            self.add_error(None, ValidationError(_("请选择或填写机构名称")))
        return cleaned

    @property
    def answers(self) -> dict[str, Any]:
        """As the draft keeps them."""
        given = self.cleaned_data
        if given["choice"] not in {"", NOT_LISTED}:
            return {"facility": given["choice"], "place": {}}
        place = {"name": given["place_name"], "address": given["place_address"]}
        return {"facility": "", "place": place}


class DetailsForm(PortalForm):
    """What happened; only this box is compulsory."""

    submit_label = gettext_lazy("继续")
    guard = False
    counters = ("happened",)

    happened = forms.CharField(
        label=gettext_lazy("发生了什么"),
        widget=forms.Textarea(attrs={"rows": 7, "autocomplete": "off"}),
        help_text=gettext_lazy("请不要写孩子的姓名和身份证号。写得越具体，越容易查清"),
    )
    when = forms.CharField(
        label=gettext_lazy("什么时候"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("例如：昨天下午、上周三、记不清"),
    )
    extra = forms.CharField(required=False, max_length=300)
    wish = forms.CharField(label=gettext_lazy("希望怎么处理"), required=False, max_length=300)

    def __init__(self, *args: Any, category: str, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least, self.most = least, most
        self.fields["happened"].error_messages["required"] = self._too_short
        self.fields["happened"].widget.attrs["data-counter"] = str(most)
        if question := QUESTIONS.get(category):
            self.fields["extra"].label = question
        else:
            del self.fields["extra"]

    @property
    def _too_short(self) -> str:
        return _("请写明发生了什么，至少 %(n)s 个字") % {"n": self.least}

    def clean_happened(self) -> str:
        """Enough to look into, and not more than can be read."""
        text: str = self.cleaned_data["happened"].strip()
        if len(text) < self.least:
            raise ValidationError(self._too_short)
        if len(text) > self.most:
            facts = {"most": self.most, "n": len(text)}
            raise ValidationError(_("最多 %(most)s 个字，现在有 %(n)s 个字") % facts)
        return text

    @property
    def answers(self) -> dict[str, Any]:
        """As the draft keeps them."""
        given = self.cleaned_data
        extra = given.get("extra", "")
        return {
            "happened": given["happened"], "when": given["when"], "wish": given["wish"],
            "answers": {str(self.fields["extra"].label): extra} if extra else {},
        }  # fmt: skip


class EvidenceForm(PortalForm):
    """One file at a time, so that each is safe before the next is chosen."""

    submit_label = gettext_lazy("添加这个文件")
    guard = False
    mark_optional = False

    file = FileField(
        records=True,
        label=gettext_lazy("照片、录音、录像或 PDF 文件"),
        help_text=gettext_lazy(
            "里面的时间、位置和手机型号会自动去掉，文件和文件名加密保存。"
            "录音录像里的声音和画面不会改，请只录这件事"
        ),
    )

    @property
    def chosen(self) -> Accepted | None:
        """The cleaned file."""
        found: Accepted | None = self.cleaned_data.get("file")
        return found


ANONYMOUS, NAMED = "anonymous", "named"


class ContactForm(PortalForm):
    """Named or anonymous; anonymous stands first and is chosen already."""

    submit_label = gettext_lazy("继续")
    guard = False
    mark_optional = False
    half_width = ("phone",)
    autocomplete: ClassVar[dict[str, str]] = {"name": "off", "phone": "off"}
    inputmode: ClassVar[dict[str, str]] = {"phone": "tel"}

    way = forms.ChoiceField(
        label=gettext_lazy("要不要留联系方式"),
        choices=[
            (ANONYMOUS, gettext_lazy("匿名，凭编号和查询码看回复")),
            (NAMED, gettext_lazy("留姓名和电话")),
        ],
        widget=forms.RadioSelect,
        initial=ANONYMOUS,
    )
    name = forms.CharField(label=gettext_lazy("怎么称呼您"), required=False, max_length=30)
    phone = forms.CharField(label=gettext_lazy("手机号"), required=False, max_length=20)
    times = forms.CharField(label=gettext_lazy("方便接电话的时间"), required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        """A name without a phone helps nobody."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("way") == NAMED and phone_problem(cleaned.get("phone", "")):
            self.add_error("phone", ValidationError(_("手机号应为 11 位数字，或选择匿名")))
        return cleaned

    @property
    def answers(self) -> dict[str, Any]:
        """As the draft keeps them; an anonymous one keeps nothing that was typed before."""
        given = self.cleaned_data
        if given["way"] == ANONYMOUS:
            return {"way": ANONYMOUS, "contact": {}}
        contact = {"name": given["name"], "phone": normalise_phone(given["phone"]),
                   "times": given["times"]}  # fmt: skip
        return {"way": NAMED, "contact": contact}


class UrgentForm(FacilityForm, DetailsForm, EvidenceForm, ContactForm):
    """All of it on one screen: who sees a child in danger is not sent through seven (prod:J4)."""

    submit_label = gettext_lazy("继续")
    mark_optional = True
    field_order = (
        "category", "happened", "q", "choice", "place_name", "place_address", "when", "extra",
        "wish", "file", "way", "name", "phone", "times",
    )  # fmt: skip

    category = forms.ChoiceField(
        label=gettext_lazy("什么情况"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是什么情况")},
    )

    def __init__(self, *args: Any, categories: Sequence[str], **kwargs: Any) -> None:
        """`categories`: those of the red lane."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [pair for pair in TOPICS if pair[0] in categories]

    def keep_errors_of(self, *names: str) -> None:
        """It was sent for one part of it: what is still missing elsewhere is not told yet."""
        for name in [each for each in self.errors if each not in names]:
            del self.errors[name]

    @property
    def answers(self) -> dict[str, Any]:
        """As the draft keeps them."""
        parts = (FacilityForm.answers, DetailsForm.answers, ContactForm.answers)
        told = {"category": self.cleaned_data["category"]}
        for part in parts:
            told |= part.__get__(self)
        return told


class PayForm(PortalForm):
    """The answer to a puzzle, where one was set."""

    guard = False
    challenge = forms.CharField(required=False, widget=forms.HiddenInput)
    answer = forms.CharField(required=False, widget=forms.HiddenInput)
