"""What officials type while they deal with a case."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import rules
from complaints.models import (
    Category,
    Complaint,
    Lane,
    Organ,
    PauseKind,
    RejectGround,
    Result,
    Severity,
)
from complaints.queries import casework
from facilities.models import Department
from facilities.queries.departments import answering
from portal.core.files import Accepted
from portal.core.forms import PlainTexts, PortalForm
from portal.core.models import Community, User
from portal.core.regulation import Regulation

from .fields import FileField

SHORT, LONG, TEXT = 200, 500, 2000


def area(label: Any, most: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A box for some sentences."""
    widget = forms.Textarea(attrs={"rows": 3 if most <= LONG else 6})
    return forms.CharField(
        label=label, required=required, max_length=most, widget=widget, help_text=help_text
    )


def choice(label: Any, choices: Any, missing: Any) -> forms.ChoiceField:
    """One of a few, each with its own button."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect,
        error_messages={"required": missing},
    )  # fmt: skip


class DeskForm(PlainTexts):
    """Texts that leave the case hold no number of a person."""

    mark_optional = False


class ConfirmForm(DeskForm):
    """Nothing to type: the page says what happens, the button does it."""

    guard = False

    def __init__(self, *args: Any, submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit


class SeenForm(ConfirmForm):
    """A second person agrees to what he has read: what was changed meanwhile is shown once more."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        self.now = hashlib.sha256(now.encode()).hexdigest()
        super().__init__(*args, initial={"seen": self.now}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The same as it is now."""
        cleaned = super().clean()
        if cleaned.get("seen") not in {"", self.now}:
            self.add_error(None, _("内容刚被改过，请核对后再确认"))
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.now
        return cleaned


class ReasonForm(DeskForm):
    """A reason that stays with the case."""

    counters = ("reason",)
    reason = area(gettext_lazy("原因"), SHORT)

    def __init__(self, *args: Any, submit: Any, help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit
        self.fields["reason"].help_text = help_text


class PauseForm(DeskForm):
    """Why the clock stands still: only for what the rules allow."""

    submit_label = gettext_lazy("暂停计时")
    counters = ("reason",)
    kind = choice(
        gettext_lazy("为什么暂停"),
        [pair for pair in PauseKind.choices if pair[0] != PauseKind.QUESTION],
        gettext_lazy("请选择为什么暂停"),
    )
    reason = area(gettext_lazy("说明"), SHORT, help_text=gettext_lazy("例如：等检测结果"))


class OfficeFileForm(DeskForm):
    """What an official found or was handed."""

    submit_label = gettext_lazy("加入材料")
    guard = False
    file = FileField(
        records=True,
        label=gettext_lazy("照片、录音、录像或 PDF 文件"),
        help_text=gettext_lazy("里面的时间、位置和设备型号会自动去掉，加密保存"),
    )

    def clean_file(self) -> Accepted:
        """There is one."""
        found: Accepted | None = self.cleaned_data.get("file")
        if found is None:
            raise ValidationError(_("请选择文件"), code="required")
        return found


class TextForm(DeskForm):
    """A text for the complainant, or a note."""

    counters = ("text",)
    scanned = ("text",)
    text = area("", TEXT)

    def __init__(
        self, *args: Any, label: Any, submit: Any, help_text: Any = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit
        self.fields["text"].label, self.fields["text"].help_text = label, help_text


TITLE_HELP = gettext_lazy(
    "用自己的话写，不写投诉人、孩子和家长的任何信息；列表和搜索只用标题和摘要"
)


class DescribeForm(DeskForm):
    """The staff's own words for the lists, and which facility it is about."""

    submit_label = gettext_lazy("保存标题和摘要")
    counters = ("title", "summary")
    scanned = ("title", "summary")
    half_width = ("code",)
    widths: ClassVar[dict[str, str]] = {"code": "w-code"}

    title = forms.CharField(label=gettext_lazy("标题"), max_length=60, help_text=TITLE_HELP)
    summary = area(gettext_lazy("摘要"), LONG, required=False)
    code = forms.CharField(
        label=gettext_lazy("机构的统一社会信用代码或街道登记号"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("和现在写的一样就不用填"),
    )

    def clean_code(self) -> Any:
        """The facility, or nothing where it stays as it is."""
        typed: str = self.cleaned_data["code"]
        facility = casework.facility_of(typed) if typed else None
        if typed and facility is None:
            raise ValidationError(_("机构档案里没有这个代码，请核对"))
        return facility


class AcceptForm(DeskForm):
    """Taken on: how grave it is, and the words of the list."""

    submit_label = gettext_lazy("受理")
    counters = ("title", "summary")
    scanned = ("title", "summary")

    severity = choice(gettext_lazy("严重程度"), Severity.choices, gettext_lazy("请选择严重程度"))
    title = forms.CharField(label=gettext_lazy("标题"), max_length=60, help_text=TITLE_HELP)
    summary = area(gettext_lazy("摘要"), LONG, required=False)


class PhrasedForm(DeskForm):
    """A text of one's own, a reusable phrase, or the phrase and what is typed after it.

    The list shows each phrase with the facts of the case put in, as it will read: no script is
    needed for that.
    """

    def __init__(self, *args: Any, phrases: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phrases = dict(phrases)
        field: Any = self.fields["phrase"]
        field.choices = [("", _("不用常用语")), *phrases]
        field.widget.attrs["lang"] = "zh-Hans"

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        cleaned = super().clean()
        parts = (self.phrases.get(cleaned.get("phrase", ""), ""), cleaned.get("text", "").strip())
        cleaned["text"] = "\n".join(filter(None, parts))
        if not cleaned["text"] and "text" not in self.errors:
            label = self.fields["text"].label
            self.add_error("text", _("请填写%(label)s，或选一条常用语") % {"label": label})
        return cleaned


def phrase_list() -> forms.ChoiceField:
    """The list of phrases above the text."""
    return forms.ChoiceField(label=gettext_lazy("常用语"), required=False)


class RejectForm(PhrasedForm):
    """Not taken on: the ground, and where to go instead."""

    submit_label = gettext_lazy("不予受理")
    counters = ("text",)
    scanned = ("text",)
    ground = choice(
        gettext_lazy("依据"), RejectGround.choices, gettext_lazy("请选择不予受理的依据")
    )
    phrase = phrase_list()
    text = area(
        gettext_lazy("告知投诉人"),
        TEXT,
        required=False,
        help_text=gettext_lazy("写明为什么不受理、可以找哪个部门，投诉人凭编号和查询码看到"),
    )


class AssistForm(DeskForm):
    """One of the people who may deal with the case."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("人员"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )

    def __init__(self, *args: Any, people: Sequence[User], submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit
        field: Any = self.fields["person"]
        field.queryset = User.objects.filter(pk__in=[each.pk for each in people]).order_by("id")
        field.label_from_instance = lambda each: each.signature_label


class PersonForm(AssistForm):
    """The same with a word for the new handler."""

    counters = ("note",)
    note = area(gettext_lazy("说明"), SHORT, required=False)


class CategoryForm(DeskForm):
    """Another matter than was thought, and why."""

    submit_label = gettext_lazy("提请调整类别")
    counters = ("reason",)
    category = choice(gettext_lazy("应当归入"), Category.choices, gettext_lazy("请选择类别"))
    reason = area(gettext_lazy("原因"), SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`complaint`: the present category is not offered."""
        now = kwargs.pop("complaint").category
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [pair for pair in Category.choices if pair[0] != now]


class AlarmForm(CategoryForm):
    """A child may be in danger: only what goes over the red lane."""

    submit_label = gettext_lazy("转为紧急举报")

    def __init__(self, *args: Any, law: Regulation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [
            pair for pair in Category.choices if rules.lane_of(pair[0], law) == Lane.RED
        ]


class ReportForm(DeskForm):
    """To whom a red case was reported, when, and under which reference."""

    submit_label = gettext_lazy("记下报告")
    counters = ("note",)
    organ = choice(gettext_lazy("报告给"), Organ.choices, gettext_lazy("请选择向哪个机关报告"))
    unit = forms.CharField(
        label=gettext_lazy("单位"), max_length=60, help_text=gettext_lazy("例如某某派出所")
    )
    reference = forms.CharField(label=gettext_lazy("接警编号或接报人"), max_length=60)
    reported_at = forms.DateTimeField(
        label=gettext_lazy("报告时间"), help_text=gettext_lazy("例如 2026-11-23 09:30")
    )
    note = area(gettext_lazy("说明"), LONG, required=False)

    def __init__(self, *args: Any, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_reported_at(self) -> dt.datetime:
        """It has happened."""
        at: dt.datetime = self.cleaned_data["reported_at"]
        if at > self.now:
            raise ValidationError(_("报告时间不能晚于现在"))
        return at


class StatementForm(DeskForm):
    """What the facility is asked, in the office's own words."""

    counters = ("summary",)
    scanned = ("summary",)
    summary = area(
        gettext_lazy("请机构说明的问题"),
        LONG,
        help_text=gettext_lazy("用自己的话概括，不写时间细节和能认出投诉人的内容，不照抄原文"),
    )

    def __init__(self, *args: Any, submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit


class ReferForm(DeskForm):
    """To whom the matter is handed on, and what is known."""

    submit_label = gettext_lazy("发出移送函")
    cancel_label = gettext_lazy("返回，暂不发出")
    counters = ("facts",)
    scanned = ("facts",)
    department = forms.ModelChoiceField(
        label=gettext_lazy("转给"),
        queryset=Department.objects.none(),
        to_field_name="slug",
        empty_label=gettext_lazy("请选择"),
    )
    facts = area(
        gettext_lazy("移送的情况"),
        LONG,
        help_text=gettext_lazy("会印在移送函上。写事实，不照抄原文，不写投诉人的任何信息"),
    )

    def __init__(self, *args: Any, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["department"]
        field.queryset = answering(day)
        field.label_from_instance = lambda each: f"{each.name}（{each.matter_on(day)}）"


class ReceiptForm(DeskForm):
    """The day of the other authority's receipt."""

    submit_label = gettext_lazy("记下回执")
    on = forms.DateField(label=gettext_lazy("收到日期"), help_text=gettext_lazy("例如 2026-11-03"))

    def __init__(self, *args: Any, today: dt.date, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.since = today, since

    def clean_on(self) -> dt.date:
        """Between the letter and today."""
        day: dt.date = self.cleaned_data["on"]
        if not self.since <= day <= self.today:
            raise ValidationError(_("收到日期应在移送日期和今天之间"))
        return day


class FeedbackForm(ReceiptForm):
    """What the other authority answered, and when."""

    submit_label = gettext_lazy("记下反馈")
    counters = ("result",)
    scanned = ("result",)
    result = area(gettext_lazy("反馈的结果"), LONG)


class MergeForm(DeskForm):
    """The case under which this one is dealt with."""

    submit_label = gettext_lazy("并入这一件")
    half_width = ("number",)
    widths: ClassVar[dict[str, str]] = {"number": "w-code"}
    number = forms.CharField(label=gettext_lazy("并入哪一件（编号）"), max_length=30)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Complaint:
        """A case within reach; all others are as if they did not exist."""
        number = rules.normalise_number(self.cleaned_data["number"])
        found = Complaint.objects.visible_to(self.user).filter(number=number).first()
        if not number or found is None:
            raise ValidationError(_("没有找到这个编号的投诉，请核对"))
        return found


class PlaceForm(DeskForm):
    """A place that is not in the register, in the office's own words."""

    submit_label = gettext_lazy("记为未登记线索")
    half_width = ("uscc",)
    scanned = ("name", "address")
    widths: ClassVar[dict[str, str]] = {"uscc": "w-code"}
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    community = forms.ModelChoiceField(
        label=gettext_lazy("社区（村）"),
        queryset=Community.objects.all(),
        to_field_name="slug",
        empty_label=gettext_lazy("请选择"),
    )
    address = forms.CharField(label=gettext_lazy("地址或位置"), max_length=200)
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), required=False, max_length=18)


class ReplyForm(PhrasedForm):
    """The result, what it rests on, and what the complainant will read."""

    submit_label = gettext_lazy("送另一人审签")
    counters = ("evidence", "text", "why")
    scanned = ("text",)
    result = choice(gettext_lazy("结果"), Result.choices, gettext_lazy("请选择结果"))
    evidence = area(
        gettext_lazy("依据"),
        TEXT,
        help_text=gettext_lazy("查了什么、看到什么；只有办案人员看得到"),
    )
    phrase = phrase_list()
    text = area(
        gettext_lazy("给投诉人的答复"),
        TEXT,
        required=False,
        help_text=gettext_lazy("审签后投诉人凭编号和查询码看到；写清结果、处理和还可以怎么办"),
    )
    why = area(
        gettext_lazy("检查没有发现问题，仍认定属实的理由"),
        SHORT,
        required=False,
        help_text=gettext_lazy("结果是属实或部分属实才填；留在办理记录里，投诉人看不到"),
    )

    def __init__(self, *args: Any, found_nothing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not found_nothing:
            del self.fields["why"]


class DisciplineForm(DeskForm):
    """The discipline inspectors' answer."""

    submit_label = gettext_lazy("答复投诉人")
    counters = ("text",)
    scanned = ("text",)
    result = choice(gettext_lazy("结果"), Result.choices, gettext_lazy("请选择结果"))
    text = area(gettext_lazy("给投诉人的答复"), TEXT)


class TieForm(DeskForm):
    """Why the person keeps away."""

    submit_label = gettext_lazy("申报回避")
    counters = ("reason",)
    scope = choice(
        gettext_lazy("回避什么"),
        [("case", gettext_lazy("只是这一件")), ("facility", gettext_lazy("这家机构的每一件"))],
        gettext_lazy("请选择回避什么"),
    )
    reason = forms.CharField(
        label=gettext_lazy("关系"),
        max_length=100,
        help_text=gettext_lazy("例如：亲属在这家机构工作。不写姓名"),
    )

    def __init__(self, *args: Any, has_facility: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_facility:
            self.fields.pop("scope")


class PeriodForm(PortalForm):
    """From which day to which day is counted."""

    mark_optional = False
    guard = False
    first = forms.DateField(label=gettext_lazy("从"), required=False)
    last = forms.DateField(label=gettext_lazy("到"), required=False)
