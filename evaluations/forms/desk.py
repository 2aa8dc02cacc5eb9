"""What officials type about rounds, members, meetings and results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import Evaluator, IndicatorSet, PanelMember
from evaluations.models.choices import AmendmentKind, Choice, Field, Grade, Ground, MeetingKind
from evaluations.queries import indicators
from evaluations.rules import Terms
from evaluations.rules.conflicts import DECLARED
from facilities.models import Facility
from portal.core.forms import PlainTexts, PortalForm
from portal.core.models import Community, User

REASON_MAX = 300
MOST_DAYS = 30
NEAR = dt.timedelta(days=2 * 366)  # a day farther off is a slip of the keyboard, not a plan


def near(day: dt.date, anchor: dt.date) -> dt.date:
    """The day, unless its year is a slip of the keyboard."""
    if abs(day - anchor) > NEAR:
        raise ValidationError(_("日期（%(day)s）离今天太远，请核对年份") % {"day": day.isoformat()})
    return day


def between(field: Any, least: int, most: int) -> None:
    """The bounds of a number that the law or the round sets."""
    field.min_value, field.max_value = least, most
    field.validators = [MinValueValidator(least), MaxValueValidator(most)]


def text_area(label: Any, *, required: bool = True, most: int = 2000, hint: Any = "") -> Any:
    """A box for sentences."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请填写这一项")},
    )  # fmt: skip


class StepForm(PortalForm):
    """Nothing to type: the step itself."""

    guard = False
    mark_optional = False


class ReasonForm(PortalForm):
    """A step with its reason."""

    mark_optional = False
    counters = ("reason",)
    reason = text_area(gettext_lazy("原因"), most=REASON_MAX)


class RoundForm(PortalForm):
    """A new round: name and facilities."""

    submit_label = gettext_lazy("建立，继续设置")
    mark_optional = False
    token = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("名称"), max_length=80,
        error_messages={"required": gettext_lazy("请填写这次评估的名称")},
    )  # fmt: skip
    facilities = forms.ModelMultipleChoiceField(
        label=gettext_lazy("参加评估的机构"),
        queryset=Facility.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        to_field_name="code",
        error_messages={"required": gettext_lazy("请至少选择一家机构")},
    )

    def __init__(self, *args: Any, facilities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["facilities"]
        field.queryset = facilities
        field.label_from_instance = lambda each: f"{each.name}（{each.code}）"


class FacilitiesForm(RoundForm):
    """Which facilities take part."""

    submit_label = gettext_lazy("保存机构名单")
    title = None  # type: ignore[assignment]
    token = None  # type: ignore[assignment]


class SettingsForm(PortalForm):
    """The days and the terms of a round."""

    submit_label = gettext_lazy("保存设置")
    mark_optional = False
    widths: ClassVar[dict[str, str]] = dict.fromkeys(
        ("grade_a", "grade_b", "grade_c", "cap_percent", "spread_percent", "panel_size",
         "notice_days", "objection_days", "fact_check_days"), "w-short",
    )  # fmt: skip
    units: ClassVar[dict[str, Any]] = {
        "grade_a": gettext_lazy("分"),
        "grade_b": gettext_lazy("分"),
        "grade_c": gettext_lazy("分"),
        "cap_percent": "%",
        "spread_percent": "%",
        "panel_size": gettext_lazy("人"),
        "notice_days": gettext_lazy("个工作日"),
        "objection_days": gettext_lazy("个工作日"),
        "fact_check_days": gettext_lazy("个工作日"),
    }
    title = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    indicator_set = forms.ModelChoiceField(
        label=gettext_lazy("指标体系"),
        queryset=IndicatorSet.objects.none(),
        to_field_name="version",
        empty_label=None,
    )
    self_due = forms.DateField(label=gettext_lazy("自评截止"))
    scoring_due = forms.DateField(label=gettext_lazy("评分截止"))
    grade_a = forms.IntegerField(label=gettext_lazy("A级最低分"))
    grade_b = forms.IntegerField(label=gettext_lazy("B级最低分"))
    grade_c = forms.IntegerField(label=gettext_lazy("C级最低分"))
    veto_grade = forms.ChoiceField(
        label=gettext_lazy("有基础标准不符合时的等级"), choices=Grade.choices
    )
    cap_grade = forms.ChoiceField(
        label=gettext_lazy("卫生保健、安全保障得分率偏低时最高为"), choices=Grade.choices
    )
    cap_percent = forms.IntegerField(label=gettext_lazy("得分率低于"), min_value=0, max_value=100)
    spread_percent = forms.IntegerField(
        label=gettext_lazy("评分差距超过满分的百分之几须合议"), min_value=1, max_value=100
    )
    panel_size = forms.IntegerField(
        label=gettext_lazy("评估组人数（单数）"), min_value=3, max_value=15
    )
    required_fields = forms.MultipleChoiceField(
        label=gettext_lazy("评估组须有的专业"), choices=Field.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    fact_check_days = forms.IntegerField(
        label=gettext_lazy("机构核对事实"), min_value=1, max_value=30
    )
    notice_days = forms.IntegerField(label=gettext_lazy("结果公示"))
    objection_days = forms.IntegerField(label=gettext_lazy("异议答复"), min_value=1, max_value=30)

    def __init__(self, *args: Any, least_notice: int, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field: Any = self.fields["indicator_set"]
        field.queryset = indicators.published()
        for name in ("grade_a", "grade_b", "grade_c"):
            between(self.fields[name], 1, self.base.full)
        between(self.fields["notice_days"], least_notice, MOST_DAYS)

    def clean_self_due(self) -> dt.date:
        """Not in another age, nor over before the round begins."""
        day = near(self.cleaned_data["self_due"], self.today)
        if day <= self.today:
            raise ValidationError(_("自评截止须晚于今天：启动以后机构才能自评"))
        return day

    def clean_scoring_due(self) -> dt.date:
        """Not in another age."""
        return near(self.cleaned_data["scoring_due"], self.initial["self_due"])

    def clean(self) -> dict[str, Any]:
        """Say what makes the terms unfit, at the box that can change it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["scoring_due"] <= cleaned["self_due"]:
            self.add_error("scoring_due", _("评分截止应在自评截止之后"))
        words = {
            "grade_order": ("grade_a", _("各等级的最低分应从 A 到 C 依次降低")),
            "panel_size": ("panel_size", _("评估组人数须是单数，且不少于最少评分人数")),
            "required_fields": ("required_fields", _("须有的专业比评估组人数还多")),
        }
        for code in self.terms.problems:
            if code in words:
                self.add_error(*words[code])
        return cleaned

    @property
    def base(self) -> Terms:
        """The terms that were there, which the boxes change in part."""
        return Terms.from_json(self.initial["terms"])

    @property
    def terms(self) -> Terms:
        """The terms as typed."""
        given = self.cleaned_data
        names = ("grade_a", "grade_b", "grade_c", "veto_grade", "cap_grade", "cap_percent",
                 "spread_percent", "panel_size", "notice_days", "objection_days",
                 "fact_check_days")  # fmt: skip
        changes = {name: given[name] for name in names if name in given}
        fields = tuple(given.get("required_fields", ()))
        return self.base.changed(required_fields=fields, **changes)

    @property
    def columns(self) -> dict[str, Any]:
        """What the act changes."""
        names = ("title", "indicator_set", "self_due", "scoring_due")
        return {name: self.cleaned_data[name] for name in names} | {"terms": self.terms}


class DrawForm(PlainTexts):
    """A seed drawn in public, or none; it is published with the result."""

    scanned = ("seed",)
    submit_label = gettext_lazy("抽取评估组")
    half_width = ("seed",)
    seed = forms.CharField(
        label=gettext_lazy("随机种子"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("可以填现场公开产生的数字；不填由系统随机产生。种子会随结果公布"),
    )


class ReplaceForm(ReasonForm):
    """Why a member gives up the seat; `leaver` makes the form sent twice replace once."""

    submit_label = gettext_lazy("由候补委员替换")
    leaver = forms.UUIDField(widget=forms.HiddenInput)


class BringUpForm(PortalForm):
    """Which item the panel is to talk about."""

    submit_label = gettext_lazy("请评估组合议")
    mark_optional = False
    indicator = forms.ChoiceField(
        label=gettext_lazy("条号"), choices=(),
        error_messages={"required": gettext_lazy("请选择一条指标")},
    )  # fmt: skip

    def __init__(self, *args: Any, items: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        rows = [(code, f"{code} {item.text[:30]}") for code, item in items.items()]
        field.choices = [("", _("请选择")), *rows]


class EvaluatorForm(PortalForm):
    """Take a person into the pool."""

    submit_label = gettext_lazy("加入评估委员库")
    user = forms.ModelChoiceField(
        label=gettext_lazy("账号"), queryset=User.objects.none(), to_field_name="username",
        empty_label=gettext_lazy("请选择"),
        help_text=gettext_lazy("只列出有“评估委员”角色、还不在库里的账号"),
    )  # fmt: skip
    field = forms.ChoiceField(label=gettext_lazy("专业"), choices=Field.choices)
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=60)
    community = forms.ModelChoiceField(
        label=gettext_lazy("所在社区（村）"), queryset=Community.objects.none(), required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("不属于任何社区"),
        help_text=gettext_lazy("所在社区的机构会自动回避"),
    )  # fmt: skip
    term_from = forms.DateField(label=gettext_lazy("任期起"))
    term_to = forms.DateField(label=gettext_lazy("任期止"), required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: Any = self.fields["user"]
        user.queryset = people
        community: Any = self.fields["community"]
        community.queryset = Community.objects.all()

    def clean(self) -> dict[str, Any]:
        """A term ends after it begins."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("term_from"), cleaned.get("term_to")
        if first and last and last < first:
            self.add_error("term_to", _("任期止不能早于任期起"))
        return cleaned


class TieForm(PortalForm):
    """A relation of a member to a facility."""

    submit_label = gettext_lazy("记下回避关系")
    mark_optional = False
    facility = forms.CharField(label=gettext_lazy("机构登记号"), max_length=20)
    ground = forms.ChoiceField(label=gettext_lazy("关系"), choices=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ground"]
        field.choices = [(str(each), Ground(each).label) for each in DECLARED]

    def clean_facility(self) -> Facility:
        """A facility of the register."""
        code = self.cleaned_data["facility"].strip().upper()
        found = Facility.objects.filter(code=code).first()
        if found is None:
            raise ValidationError(_("登记簿里没有这个登记号，请核对"))
        return found


class MeetingForm(PortalForm):
    """Call a meeting."""

    submit_label = gettext_lazy("通知开会")
    mark_optional = False
    kind = forms.ChoiceField(label=gettext_lazy("会议种类"), choices=MeetingKind.choices)
    planned_on = forms.DateField(label=gettext_lazy("日期"))
    planned_at = forms.TimeField(label=gettext_lazy("时间"), help_text=gettext_lazy("例如 14:30"))
    place = forms.CharField(label=gettext_lazy("地点"), max_length=80)

    def clean_planned_on(self) -> dt.date:
        """A meeting of these days."""
        return near(self.cleaned_data["planned_on"], self.initial["planned_on"])

    @property
    def when(self) -> dt.datetime:
        """The moment, in the time of this place."""
        given = self.cleaned_data
        return timezone.make_aware(dt.datetime.combine(given["planned_on"], given["planned_at"]))


class PresenceForm(PortalForm):
    """Who is there."""

    submit_label = gettext_lazy("确认到会，开始会议")
    mark_optional = False
    present = forms.MultipleChoiceField(
        label=gettext_lazy("到会委员"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请勾选到会的委员")},
    )  # fmt: skip

    def __init__(self, *args: Any, seats: Iterable[PanelMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["present"]
        field.choices = [(str(seat.pk), _seat_words(seat)) for seat in seats]


def _seat_words(seat: PanelMember) -> str:
    lead = _("，组长") if seat.is_leader else ""
    return f"{seat.evaluator.user}（{seat.evaluator.unit}{lead}）"


class VotesForm(PortalForm):
    """How those present voted on one facility."""

    submit_label = gettext_lazy("记下表决")
    mark_optional = False

    def __init__(self, *args: Any, seats: Iterable[PanelMember], given: Mapping[Any, str],
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        for seat in seats:
            self.fields[f"vote-{seat.pk}"] = forms.ChoiceField(
                label=_seat_words(seat), choices=Choice.choices, widget=forms.RadioSelect,
                initial=given.get(seat.pk), error_messages={"required": _("请选择表决意见")},
            )  # fmt: skip
            self._dress(f"vote-{seat.pk}", self.fields[f"vote-{seat.pk}"])

    @property
    def votes(self) -> dict[str, str]:
        """By seat."""
        return {name.removeprefix("vote-"): value for name, value in self.cleaned_data.items()}


class MinutesForm(PortalForm):
    """What was said and decided."""

    submit_label = gettext_lazy("会议记录定稿")
    mark_optional = False
    counters = ("minutes",)
    minutes = text_area(gettext_lazy("会议记录"), most=5000)


class AnswerForm(PortalForm):
    """The office's answer to a remark on facts."""

    submit_label = gettext_lazy("答复机构")
    mark_optional = False
    answer = text_area(gettext_lazy("答复"), most=1000)


class AmendmentForm(PortalForm):
    """A later change of a published result."""

    submit_label = gettext_lazy("提请变更，由另一人审定")
    counters = ("reason",)
    kind = forms.ChoiceField(
        label=gettext_lazy("变更种类"), choices=AmendmentKind.choices, widget=forms.RadioSelect
    )
    grade = forms.ChoiceField(label=gettext_lazy("变更后的等级"), choices=Grade.choices)
    total = forms.DecimalField(
        label=gettext_lazy("变更后的总分"), required=False, max_digits=6, decimal_places=2,
        help_text=gettext_lazy("总分不变的不用填"),
    )  # fmt: skip
    reason = text_area(
        gettext_lazy("变更原因"), most=REASON_MAX, hint=gettext_lazy("会随新版结果公布，写事实")
    )

    def __init__(self, *args: Any, full: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["total"]
        field.validators += [MinValueValidator(0), MaxValueValidator(full)]


class ImportForm(PortalForm):
    """A tree of indicators in a workbook."""

    submit_label = gettext_lazy("导入为新的草稿")
    mark_optional = False
    title = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    standard = forms.CharField(label=gettext_lazy("依据"), max_length=120)
    workbook = forms.FileField(
        label=gettext_lazy("指标表（Excel）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=gettext_lazy("一行一个三级指标；一级指标的分值由各行相加，须与标准相符"),
        error_messages={"required": gettext_lazy("请选择 Excel 文件")},
    )
    # Unless somebody answers for it, a table is a draft, and everything public says so.
    is_annex = forms.BooleanField(
        label=gettext_lazy("二、三级指标、分值和基础标准照标准附录A录入，已经核对"),
        required=False,
        help_text=gettext_lazy("不勾选的，页面、公示和文书都注明是街道草案"),
    )


def not_in_pool(day: dt.date, people: Any) -> Any:
    """Those of these accounts who have no term that runs or is to begin."""
    return people.exclude(pk__in=Evaluator.objects.not_over(day).values("user"))
