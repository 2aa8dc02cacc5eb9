"""What officials type about plans, visits and findings."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Department, Facility
from facilities.models.choices import FacilityType
from facilities.queries.departments import answering
from inspections.models import ChecklistVersion, DelegatedItem
from inspections.models.choices import PlanScope, RiskClass, SwapReason
from inspections.queries.visits import checklists_in_use
from inspections.workflow import InspectionKind, Selection
from portal.core.forms import PlainTexts, PortalForm
from portal.core.models import Community, User

from .led import LedForm
from .parts import PhotoField, note

REASON_MAX, END_MAX = 300, 200  # as long as the columns they go to
A_DAY = gettext_lazy("例如 2026-11-03")


class ConfirmForm(PortalForm):
    """Nothing but the button."""

    guard = False


class ReasonForm(PlainTexts):
    """Why."""

    counters = ("reason",)
    scanned = ("reason",)
    mark_optional = False
    reason = note(gettext_lazy("理由"), required=True, limit=REASON_MAX)


class EndForm(ReasonForm):
    """Why something is over."""

    reason = note(gettext_lazy("理由"), required=True, limit=END_MAX)


class WordsForm(ReasonForm):
    """An answer in a few lines."""

    reason = note(gettext_lazy("答复"), required=True)


class WhyForm(ReasonForm):
    """Why two things that contradict each other may stand."""

    submit_label = gettext_lazy("保存说明")
    reason = note(
        gettext_lazy("说明"), required=True,
        help_text=gettext_lazy("例如：评估以后发现了问题，正在整改；或评估等级即将到期，已安排重新评估"),
    )  # fmt: skip


class DayForm(PortalForm):
    """Which day."""

    mark_optional = False
    day = forms.DateField(label=gettext_lazy("日期"), help_text=A_DAY)

    def __init__(self, *args: Any, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since

    def clean_day(self) -> dt.date:
        """Not before `since`."""
        day: dt.date = self.cleaned_data["day"]
        if day < self.since:
            raise ValidationError(_("日期不能早于今天"))
        return day


class PeopleForm(PortalForm):
    """Who goes."""

    submit_label = gettext_lazy("安排")
    mark_optional = False
    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("检查人员"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请选择检查人员")},
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = people


class TeamForm(PeopleForm):
    """Who goes, and when."""

    day = forms.DateField(label=gettext_lazy("检查日期"), help_text=A_DAY)

    def __init__(self, *args: Any, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since

    def clean_day(self) -> dt.date:
        """Not before today."""
        day: dt.date = self.cleaned_data["day"]
        if day < self.since:
            raise ValidationError(_("检查日期不能早于今天"))
        return day


class VisitForm(LedForm):
    """A visit outside the plans."""

    field_order = (
        "token", "facility", "kind", "selection", "checklist", "delegated", "lead_department",
        "partners",
    )  # fmt: skip
    submit_label = gettext_lazy("新建检查")
    scanned = ("note",)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    facility = forms.ModelChoiceField(
        label=gettext_lazy("机构"),
        queryset=Facility.objects.none(),
        to_field_name="code",
        empty_label=gettext_lazy("请选择"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("检查类型"),
        choices=InspectionKind.choices,
        widget=forms.RadioSelect,
        initial=InspectionKind.VISIT,
    )
    selection = forms.ChoiceField(
        label=gettext_lazy("安排方式"),
        choices=[(str(each), each.label) for each in (Selection.PLANNED, Selection.TRIGGERED)],
        widget=forms.RadioSelect,
        initial=Selection.PLANNED,
        help_text=gettext_lazy(
            "因安全事件、转办线索、逾期未改等临时安排的，选专项核查。投诉在案件里安排。"
            "机构和公众看不到安排方式"
        ),
    )
    checklist = forms.ModelChoiceField(
        label=gettext_lazy("检查表"),
        queryset=ChecklistVersion.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )
    delegated = forms.ModelChoiceField(
        label=gettext_lazy("赋权事项"),
        queryset=DelegatedItem.objects.none(),
        required=False,
        empty_label=gettext_lazy("不涉及"),
        help_text=gettext_lazy("行政检查必须选择现行有效的赋权事项"),
    )
    day = forms.DateField(label=gettext_lazy("计划日期"), help_text=A_DAY)
    note = note(gettext_lazy("内部任务说明"), help_text=gettext_lazy("只有街道的检查人员看得到"))

    def __init__(
        self, *args: Any, facilities: Any, delegated: Any, since: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, since=since, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        fields: dict[str, Any] = self.fields
        fields["facility"].queryset = facilities
        fields["checklist"].queryset = checklists_in_use()
        fields["delegated"].queryset = delegated

    def clean(self) -> dict[str, Any]:
        """What no plan foresaw has a reason: the yearly cap does not count it."""
        given = super().clean()
        is_triggered = given.get("selection") == Selection.TRIGGERED
        if is_triggered and not given.get("note") and "note" not in self.errors:
            self.add_error("note", _("专项核查请写明因为什么安排"))
        return given

    def clean_day(self) -> dt.date:
        """Not before today."""
        day: dt.date = self.cleaned_data["day"]
        if day < self.since:
            raise ValidationError(_("计划日期不能早于今天"))
        return day


class PlanForm(LedForm):
    """Whom to visit within a time."""

    field_order = (
        "token", "name", "kind", "selection", "checklist", "delegated", "lead_department",
        "partners",
    )  # fmt: skip
    submit_label = gettext_lazy("保存计划")
    scanned = ("name", "note")
    units: ClassVar[dict[str, Any]] = {"percent": "%"}
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("计划名称"), max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("检查类型"),
        choices=InspectionKind.choices,
        widget=forms.RadioSelect,
        initial=InspectionKind.VISIT,
    )
    selection = forms.ChoiceField(
        label=gettext_lazy("安排方式"),
        choices=[(str(each), each.label) for each in (Selection.PLANNED, Selection.RANDOM)],
        widget=forms.RadioSelect,
        initial=Selection.PLANNED,
    )
    checklist = forms.ModelChoiceField(
        label=gettext_lazy("检查表"),
        queryset=ChecklistVersion.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )
    delegated = forms.ModelChoiceField(
        label=gettext_lazy("赋权事项"),
        queryset=DelegatedItem.objects.none(),
        required=False,
        empty_label=gettext_lazy("不涉及"),
    )
    communities = forms.ModelMultipleChoiceField(
        label=gettext_lazy("只包括这些社区（村）"),
        queryset=Community.objects.none(),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不选，就是全部在册机构"),
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("只包括这些机构类型"),
        choices=FacilityType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    classes = forms.MultipleChoiceField(
        label=gettext_lazy("只包括这些风险等级"),
        choices=RiskClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    percent = forms.IntegerField(
        label=gettext_lazy("抽取比例"), min_value=1, max_value=100, initial=100
    )
    starts_on = forms.DateField(label=gettext_lazy("开始日期"), help_text=A_DAY)
    ends_on = forms.DateField(label=gettext_lazy("结束日期"), help_text=A_DAY)
    note = note(gettext_lazy("说明"))

    def __init__(self, *args: Any, delegated: Any, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, since=since, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        fields: dict[str, Any] = self.fields
        fields["checklist"].queryset = checklists_in_use()
        fields["delegated"].queryset = delegated
        fields["communities"].queryset = Community.objects.all()

    def clean(self) -> dict[str, Any]:
        """Dates in order, one kind of scope, a matter where one is needed."""
        given = super().clean()
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("结束日期不能早于开始日期"))
        elif last and last < self.since:
            self.add_error("ends_on", _("结束日期不能早于今天"))
        if given.get("kind") == InspectionKind.ADMINISTRATIVE and not given.get("delegated"):
            self.add_error("delegated", _("行政检查必须选择现行有效的赋权事项"))
        if sum(bool(given.get(name)) for name in ("communities", "types", "classes")) > 1:
            self.add_error("types", _("社区、机构类型和风险等级只能选一种作为范围"))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """As the act takes them."""
        given = dict(self.cleaned_data)
        scope, chosen = PlanScope.ALL, []
        for name, kind in (
            ("communities", PlanScope.COMMUNITIES),
            ("types", PlanScope.TYPES),
            ("classes", PlanScope.CLASSES),
        ):
            if picked := given.pop(name):
                scope, chosen = kind, [getattr(each, "slug", each) for each in picked]
        given.pop("token", None)
        if given["kind"] != InspectionKind.ADMINISTRATIVE:
            given["delegated"] = None
        if given["kind"] != InspectionKind.JOINT:
            given |= {"lead_department": "", "partners": []}
        return given | {"scope": scope, "scope_values": chosen}


class SwapForm(PlainTexts):
    """Who does not go, and why: recusal or illness only."""

    submit_label = gettext_lazy("由系统抽取替换人员")
    scanned = ("note",)
    person = forms.ModelChoiceField(
        label=gettext_lazy("不能参加的人"),
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("原因"), choices=SwapReason.choices, widget=forms.RadioSelect
    )
    note = note(gettext_lazy("说明"), limit=END_MAX)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people])


class RecheckForm(PlainTexts):
    """Looked at again and put right."""

    submit_label = gettext_lazy("复查通过，销号")
    counters = ("note",)
    scanned = ("note",)
    note = note(gettext_lazy("复查意见"), required=True)
    how = forms.ChoiceField(
        label=gettext_lazy("复查方式"),
        choices=[("site", gettext_lazy("现场复查")), ("paper", gettext_lazy("书面复查"))],
        widget=forms.RadioSelect,
        initial="site",
    )
    photo = PhotoField()

    @property
    def photos(self) -> list[Any]:
        """The picture, if one was taken."""
        picture = self.cleaned_data.get("photo")
        return [picture] if picture else []


class ReturnForm(RecheckForm):
    """Looked at again and not put right."""

    submit_label = gettext_lazy("退回继续整改")
    note = note(gettext_lazy("没有通过的原因"), required=True)
    due_on = forms.DateField(label=gettext_lazy("新的整改期限"), help_text=A_DAY)
    field_order = ("note", "due_on", "how", "photo")


class DueForm(PlainTexts):
    """An answer with a day."""

    scanned = ("answer",)
    mark_optional = False
    answer = note(gettext_lazy("答复"), required=True)
    due_on = forms.DateField(label=gettext_lazy("整改期限"), help_text=A_DAY)


class TakeBackForm(PlainTexts):
    """Why a finding is not with the authority any more, and by when the facility puts it right."""

    submit_label = gettext_lazy("撤回移送")
    counters = ("reason",)
    scanned = ("reason",)
    mark_optional = False
    reason = note(
        gettext_lazy("撤回的原因"), required=True, limit=END_MAX,
        help_text=gettext_lazy("会写进给接收部门的撤回函，例如：不属于该部门职责，退回街道"),
    )  # fmt: skip
    due_on = forms.DateField(label=gettext_lazy("新的整改期限"), help_text=A_DAY)


class HandOverForm(PlainTexts):
    """To which authority, and which facts."""

    submit_label = gettext_lazy("发出移送函")
    counters = ("facts",)
    scanned = ("facts",)
    mark_optional = False
    department = forms.ModelChoiceField(
        label=gettext_lazy("移送给"),
        queryset=Department.objects.none(),
        to_field_name="slug",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    facts = note(
        gettext_lazy("移送的情况"),
        required=True,
        help_text=gettext_lazy("写看到的事实和已有的证据，不下结论"),
    )

    def __init__(self, *args: Any, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["department"]
        field.queryset = answering(day)
        field.label_from_instance = lambda each: f"{each.name}（{each.matter_on(day)}）"


class ReceiptForm(PlainTexts):
    """The day on which the authority's receipt came."""

    submit_label = gettext_lazy("记下回执")
    mark_optional = False
    on = forms.DateField(label=gettext_lazy("收到日期"), help_text=A_DAY)

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
    """What the authority found or did, and when it told."""

    submit_label = gettext_lazy("记下反馈")
    counters = ("result",)
    scanned = ("result",)
    result = note(gettext_lazy("反馈的结果"), required=True)
