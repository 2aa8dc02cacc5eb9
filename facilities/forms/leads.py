"""What officials type about a place that is not in the register."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Department, Lead
from facilities.models.leads import CloseReason, LeadOutcome, LeadSource
from facilities.queries import leads as lead_queries
from facilities.queries.departments import answering
from portal.core.files import IMAGES, Accepted
from portal.core.forms import PlainTexts, PortalForm, half_width
from portal.core.identifiers import normalise_uscc, uscc_problem
from portal.core.models import Community

from .certificates import UploadField

NOTE_MAX = 500
BY_HAND = (LeadSource.PHONE, LeadSource.COUNTER, LeadSource.PATROL)
_POINT = re.compile(r"(-?[0-9]{1,2}\.[0-9]{1,6})[,，\s]+(-?[0-9]{1,3}\.[0-9]{1,6})")


def _note(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, required=required, max_length=NOTE_MAX, widget=widget, help_text=help_text
    )


def _photo() -> UploadField:
    return UploadField(
        label=gettext_lazy("拍照或选图片"),
        accept=frozenset(IMAGES),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("拍门头和环境，不要拍到孩子和来往的人。照片里的位置信息会自动去掉"),
    )


class LeadForm(PlainTexts):
    """A hint, on one screen of a phone."""

    submit_label = gettext_lazy("记下线索")
    half_width = ("uscc", "point")
    counters = ("description",)
    scanned = ("name", "address", "description")
    widths: ClassVar[dict[str, str]] = {"uscc": "w-code"}

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    source = forms.ChoiceField(
        label=gettext_lazy("从哪里得知"),
        choices=[(str(each), each.label) for each in BY_HAND],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择从哪里得知")},
    )
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=100,
        help_text=gettext_lazy("招牌上或别人说的名称；没有招牌的，写“某处的托育场所”"),
    )
    community = forms.ModelChoiceField(
        label=gettext_lazy("社区（村）"),
        queryset=Community.objects.none(),
        to_field_name="slug",
        empty_label=gettext_lazy("请选择"),
    )
    address = forms.CharField(label=gettext_lazy("地址或位置"), max_length=200)
    description = _note(
        gettext_lazy("看到或听到的情况"),
        help_text=gettext_lazy("写场所的情况，不写孩子、家长和反映人的姓名、电话"),
    )
    photo = _photo()
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), required=False, max_length=30)
    point = forms.CharField(
        label=gettext_lazy("坐标"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("先纬度后经度，例如 33.27512, 113.51640"),
    )

    def __init__(self, *args: Any, communities: Sequence[Community], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        field: Any = self.fields["community"]
        field.queryset = Community.objects.filter(pk__in=[each.pk for each in communities])
        if len(communities) == 1:
            self.initial.setdefault("community", communities[0].slug)

    def clean_uscc(self) -> str:
        """Right where it is given."""
        return _sound_code(self.cleaned_data["uscc"])

    def clean_point(self) -> tuple[str, str] | None:
        """Latitude and longitude, or nothing."""
        typed = half_width(self.cleaned_data["point"]).strip()
        if not typed:
            return None
        found = _POINT.fullmatch(typed)
        if found is None:
            raise ValidationError(_("坐标请先写纬度后写经度，例如 33.27512, 113.51640"))
        return found.group(1), found.group(2)

    @property
    def values(self) -> dict[str, Any]:
        """What the act takes; only after is_valid()."""
        names = ("source", "name", "community", "address", "description", "uscc")
        latitude, longitude = self.cleaned_data["point"] or ("", "")
        return {name: self.cleaned_data[name] for name in names} | {
            "latitude": latitude,
            "longitude": longitude,
        }

    @property
    def photos(self) -> list[Accepted]:
        """The photo, if there is one."""
        return [self.cleaned_data["photo"]] if self.cleaned_data.get("photo") else []


def _sound_code(typed: str) -> str:
    code = normalise_uscc(typed)
    if code and uscc_problem(code) is not None:
        raise ValidationError(_("统一社会信用代码不对，请照营业执照核对；不清楚的可以不填"))
    return code


class VerifyForm(PlainTexts):
    """What was seen on site."""

    submit_label = gettext_lazy("记下核实结果")
    half_width = ("uscc",)
    counters = ("note",)
    scanned = ("note",)

    outcome = forms.ChoiceField(
        label=gettext_lazy("现场看到的"),
        choices=LeadOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择现场看到的情况")},
    )
    note = _note(
        gettext_lazy("说明"), help_text=gettext_lazy("例如：几个班、有没有营业执照。不写姓名和电话")
    )
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), required=False, max_length=30)
    photo = _photo()

    def clean_uscc(self) -> str:
        """Right where it is given."""
        return _sound_code(self.cleaned_data["uscc"])

    @property
    def photos(self) -> list[Accepted]:
        """The photo, if there is one."""
        return [self.cleaned_data["photo"]] if self.cleaned_data.get("photo") else []


class GuideForm(PlainTexts):
    """The place was told how to report itself."""

    submit_label = gettext_lazy("记为已指导报送")
    counters = ("note",)
    scanned = ("note",)
    note = _note(gettext_lazy("怎么指导的"), help_text=gettext_lazy("例如：当面交给办事指南"))


class TransferForm(PlainTexts):
    """To whom the matter is handed over, and what is known."""

    submit_label = gettext_lazy("发出移送函")
    cancel_label = gettext_lazy("返回，暂不发出")
    counters = ("facts",)
    scanned = ("facts",)
    mark_optional = False

    department = forms.ModelChoiceField(
        label=gettext_lazy("移送给"),
        queryset=Department.objects.none(),
        to_field_name="slug",
        empty_label=gettext_lazy("请选择"),
    )
    facts = _note(
        gettext_lazy("移送的情况"),
        required=True,
        help_text=gettext_lazy("写看到的事实，会印在移送函上。不下结论，不写姓名和电话"),
    )

    def __init__(self, *args: Any, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["department"]
        field.queryset = answering(day)
        field.label_from_instance = lambda each: f"{each.name}（{each.matter_on(day)}）"


class LinkForm(PortalForm):
    """Where the place is known by now."""

    submit_label = gettext_lazy("记为已报送")
    mark_optional = False
    half_width = ("code",)
    widths: ClassVar[dict[str, str]] = {"code": "w-code"}
    code = forms.CharField(
        label=gettext_lazy("统一社会信用代码或街道登记号"),
        max_length=30,
        error_messages={"required": gettext_lazy("请填写统一社会信用代码或街道登记号")},
    )

    def clean_code(self) -> str:
        """A code that a facility or a filing bears."""
        code: str = self.cleaned_data["code"]
        self.facility, self.filing = lead_queries.known_by_code(code)
        if self.facility is None and self.filing is None:
            raise ValidationError(_("机构档案和登记报送里都没有这个代码，请核对"))
        return code


class CloseForm(PlainTexts):
    """Why nothing more is needed."""

    submit_label = gettext_lazy("了结线索")
    counters = ("note",)
    scanned = ("note",)
    reason = forms.ChoiceField(
        label=gettext_lazy("原因"),
        choices=CloseReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择原因")},
    )
    note = _note(gettext_lazy("说明"))


class ReopenForm(PlainTexts):
    """Why it is looked at again."""

    submit_label = gettext_lazy("重新办理")
    mark_optional = False
    scanned = ("reason",)
    reason = _note(gettext_lazy("重新办理的原因"), required=True)


class NameForm(PortalForm):
    """Ask that the place be named to the public."""

    submit_label = gettext_lazy("提请公示")
    guard = False


class ReceiptForm(PlainTexts):
    """The day of the other authority's receipt."""

    submit_label = gettext_lazy("记下回执")
    mark_optional = False
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


class AnswerForm(ReceiptForm):
    """What the other authority answered, and when."""

    submit_label = gettext_lazy("记下反馈")
    counters = ("result",)
    scanned = ("result",)
    result = _note(gettext_lazy("反馈的结果"), required=True)


def letter_draft(lead: Lead) -> str:
    """The facts of a letter, to begin with: what the visit brought."""
    seen = lead.steps.filter(act="verify").first()
    said = [lead.description, seen.note if seen else ""]
    return "".join(f"{each.rstrip('。')}。" for each in said if each)[:NOTE_MAX]
