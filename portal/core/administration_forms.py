"""What the administrator types: the office's words, days of the calendar, texts of the law."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .administration import figures, law
from .calendar import SHANGHAI
from .forms import FilterFormMixin, PortalForm
from .models import AuditEvent
from .regulation.loader import PackData, PackError
from .regulation.types import Citation, Mark
from .roles import STAFF_ROLES, Role

LARGEST_FIGURE = 1_000_000  # what fits every column a figure may be copied to
_PHONE = re.compile(r"[0-9+()\- 转,，、]{5,40}")
LAW_REFUSALS = {
    "same": gettext_lazy("内容和现行版本一样，没有改动"),
    "stale": gettext_lazy("这期间已经发布了新的版本，请在新版本上再改"),
    "proposed": gettext_lazy("这个规则包已经有一份修改在等审定"),
    "own": gettext_lazy("第一个核实的人不能再做第二个，请由另一人核实"),
    "checked": gettext_lazy("这一条已经由两人核实"),
    "known": gettext_lazy("这一天或以后已经有一个值，请写更晚的日期"),
}


class OfficeForm(PortalForm):
    """The office's own words; empty takes them away from the pages."""

    submit_label = gettext_lazy("保存设置")
    half_width: ClassVar[tuple[str, ...]] = ("phone", "icp")
    widths: ClassVar = {"phone": "w-medium", "icp": "w-medium", "site_id": "w-medium"}

    name = forms.CharField(label=gettext_lazy("平台名称"), max_length=40)
    desk_name = forms.CharField(label=gettext_lazy("工作台名称"), max_length=40)
    host_office = forms.CharField(label=gettext_lazy("主办单位"), max_length=60)
    office = forms.CharField(
        label=gettext_lazy("落款单位"), max_length=40, help_text=gettext_lazy("写在文书的落款里")
    )
    letterhead = forms.CharField(
        label=gettext_lazy("文书版头"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("文书最上面的红色单位名称；不填就用落款单位。只影响以后的文书"),
    )
    unit = forms.CharField(label=gettext_lazy("承办科室"), max_length=40)
    phone = forms.CharField(label=gettext_lazy("咨询电话"), max_length=40)
    hours = forms.CharField(label=gettext_lazy("办公时间"), max_length=60)
    uplink_label = forms.CharField(
        label=gettext_lazy("上级平台链接的名称"), max_length=40, required=False
    )
    uplink_url = forms.CharField(
        label=gettext_lazy("上级平台链接的地址"), max_length=200, required=False
    )
    icp = forms.CharField(label=gettext_lazy("ICP 备案号"), max_length=60, required=False)
    police_record = forms.CharField(label=gettext_lazy("公安备案号"), max_length=60, required=False)
    site_id = forms.CharField(label=gettext_lazy("政府网站标识码"), max_length=40, required=False)
    mfa_roles = forms.MultipleChoiceField(
        label=gettext_lazy("哪些角色登录必须用两步验证"),
        choices=[(role.value, role.label) for role in Role if role in STAFF_ROLES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("选中以后，有这些角色的人下次打开页面就要先开启两步验证"),
    )

    def clean_phone(self) -> str:
        """A telephone number as people write it."""
        typed: str = self.cleaned_data["phone"]
        if not _PHONE.fullmatch(typed):
            raise ValidationError(_("电话只能有数字、空格和横线，例如 0375-0000000"))
        return typed

    def clean_uplink_url(self) -> str:
        """An address of the web and nothing that would run."""
        typed: str = self.cleaned_data["uplink_url"]
        if typed:
            try:
                URLValidator(schemes=["https", "http"])(typed)
            except ValidationError:
                raise ValidationError(_("地址要以 https:// 或 http:// 开头")) from None
        return typed

    @property
    def words(self) -> dict[str, str]:
        """What was typed, as it is stored; only after is_valid()."""
        data = dict(self.cleaned_data)
        return data | {"mfa_roles": ",".join(data["mfa_roles"])}


class DayForm(PortalForm):
    """A day that differs from its weekday."""

    submit_label = gettext_lazy("保存这一天")

    date = forms.DateField(label=gettext_lazy("日期"))
    is_workday = forms.TypedChoiceField(
        label=gettext_lazy("这一天"),
        choices=[("no", gettext_lazy("放假")), ("yes", gettext_lazy("上班（调休）"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("例如：国庆节、调休上班")
    )
    source = forms.CharField(
        label=gettext_lazy("依据"), max_length=60, help_text=gettext_lazy("通知的文号或日期")
    )

    def clean_date(self) -> dt.date:
        """A year that has anything to do with this portal."""
        typed: dt.date = self.cleaned_data["date"]
        if not 2000 <= typed.year <= 2100:
            raise ValidationError(_("年份要在 2000 到 2100 之间"))
        return typed


class ProposalForm(PortalForm):
    """Another version of a pack, with the reason for it."""

    submit_label = gettext_lazy("提出，由审定人发布")
    cancel_label = gettext_lazy("返回，不做改动")

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=250,
        help_text=gettext_lazy("例如：新文件的名称、文号和施行日期"),
    )

    pack: PackData | None = None

    def refused(self, code: str) -> None:
        """Say why it cannot be."""
        self.add_error(None, LAW_REFUSALS[code])


class PackForm(ProposalForm):
    """The whole text of a pack, typed or brought as a file."""

    text = forms.CharField(
        label=gettext_lazy("规则包全文（YAML）"),
        required=False,
        strip=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": "24", "spellcheck": "false"}),
        help_text=gettext_lazy("保留原有的值，新的值写在后面，写明生效日期和依据"),
    )
    file = forms.FileField(
        label=gettext_lazy("或者上传 YAML 文件"),
        required=False,
        help_text=gettext_lazy("有文件时以文件为准"),
    )
    field_order = ("text", "file", "reason")

    def __init__(self, *args: Any, base: PackData, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base

    def clean(self) -> dict[str, Any]:
        """The text has to be a pack of the same name with everything that was in force."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        text = self._from_file(data.get("file")) or data.get("text") or ""
        if "file" in self.errors or not text.strip():
            if not text.strip() and "file" not in self.errors:
                self.add_error("text", _("请填写全文，或上传文件"))
            return data
        try:
            self.pack = law.read(text, self.base.key, self.base)
        except PackError as fault:
            self.add_error("text", _("不是可用的规则包：%(why)s") % {"why": str(fault)[:200]})
        return data

    def _from_file(self, upload: Any) -> str:
        if upload is None:
            return ""
        if upload.size > 400_000:
            self.add_error("file", _("文件太大，规则包不会超过 400 KB"))
            return ""
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("文件要用 UTF-8 编码的文本"))
            return ""


class FigureForm(ProposalForm):
    """Another number of one figure from a day on; `figure_form` adds a box for each number."""

    since = forms.DateField(
        label=gettext_lazy("从哪一天起"),
        help_text=gettext_lazy("审定人要在这一天以前发布；以前的决定不变"),
    )
    act = forms.CharField(label=gettext_lazy("依据的文件"), max_length=120)
    number = forms.CharField(label=gettext_lazy("文号"), max_length=60, required=False)
    article = forms.CharField(label=gettext_lazy("条款"), max_length=60, required=False)
    own = forms.BooleanField(label=gettext_lazy("本单位自定，没有法规规定"), required=False)
    widths: ClassVar = {"number": "w-medium", "article": "w-medium"}

    base: ClassVar[PackData]
    name: ClassVar[str]
    boxes: ClassVar[Mapping[str, str]]
    said: ClassVar[Mapping[str, Any]]

    def __init__(self, *args: Any, earliest: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.said, **kwargs)
        self.earliest = earliest

    def clean_since(self) -> dt.date:
        """Decisions of days that are over have read the number that held then."""
        since: dt.date = self.cleaned_data["since"]
        if since <= self.earliest:
            raise ValidationError(_("要从明天或更晚的一天起"))
        return since

    def clean(self) -> dict[str, Any]:
        """The pack with the new numbers; nothing changed is no proposal."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        typed = {item: data[box] for box, item in self.boxes.items()}
        value: Any = typed.get("", typed)
        mark = Mark.PROPOSAL if data["own"] else self._mark(data)
        cite = Citation(data["act"], data["number"], data["article"], mark)
        try:
            self.pack = law.with_value(self.base, self.name, value, data["since"], cite)
        except law.Refused as why:
            self.refused(why.code)
        return data

    def _mark(self, data: dict[str, Any]) -> Mark:
        """The same article keeps its mark; one that was typed anew is read by two persons first."""
        was = self.base.entries[self.name].values[-1].citation
        same = (was.act, was.number, was.article) == (data["act"], data["number"], data["article"])
        return was.mark if same and was.mark != Mark.PROPOSAL else Mark.KNOWN


def figure_form(base: PackData, name: str) -> type[FigureForm]:
    """The form of one figure: a box for each of its numbers, with its name and unit."""
    entry = base.entries[name]
    now = figures.numbers(entry) or {}
    boxes = {f"value_{place}": item for place, item in enumerate(now)}
    fields = {
        box: forms.IntegerField(
            label=figures.name_of(f"{base.key}.{name}", item) if item else entry.title,
            min_value=0, max_value=LARGEST_FIGURE, initial=now[item],
        )
        for box, item in boxes.items()
    }  # fmt: skip
    cite = entry.values[-1].citation
    said = {
        "act": cite.act,
        "number": cite.number,
        "article": cite.article,
        "own": cite.mark == Mark.PROPOSAL,
    }
    about = {
        "base": base,
        "name": name,
        "boxes": boxes,
        "said": said,
        "units": dict.fromkeys(boxes, figures.unit_of(entry.unit)),
        "widths": {**FigureForm.widths, **dict.fromkeys(boxes, "w-short")},
        "field_order": (*boxes, "since", "act", "number", "article", "own", "reason"),
    }
    return type("FigureForm", (FigureForm,), {**fields, **about})


class DeclineForm(PortalForm):
    """Why the second person does not agree."""

    submit_label = gettext_lazy("不同意")
    cancel_label = gettext_lazy("返回，不做改动")
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=250)


class TrailFilter(FilterFormMixin, forms.Form):
    """Which lines of the trail."""

    since = forms.DateField(label=gettext_lazy("从哪一天"), required=False)
    until = forms.DateField(label=gettext_lazy("到哪一天"), required=False)
    act = forms.CharField(label=gettext_lazy("事项"), required=False, max_length=60)
    who = forms.CharField(label=gettext_lazy("经办（日志代号）"), required=False, max_length=60)
    noun = forms.CharField(label=gettext_lazy("对象种类"), required=False, max_length=60)
    key = forms.CharField(label=gettext_lazy("对象编号"), required=False, max_length=60)
    refused = forms.BooleanField(label=gettext_lazy("只看被拒绝的"), required=False)

    def narrow(self, lines: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The lines that fit; a condition that means nothing leaves the list whole."""
        self.is_valid()
        chosen: dict[str, Any] = getattr(self, "cleaned_data", {})
        if day := chosen.get("since"):
            lines = lines.filter(at__gte=_midnight(day))
        if day := chosen.get("until"):
            lines = lines.filter(at__lt=_midnight(day + dt.timedelta(days=1)))
        columns = {"act": "act__startswith", "who": "actor_label", "key": "object_id",
                   "noun": "object_type__iexact"}  # fmt: skip
        for name, column in columns.items():
            if text := (chosen.get(name) or "").strip().replace("\0", ""):
                lines = lines.filter(**{column: text})
        return lines.filter(act__endswith=".refused") if chosen.get("refused") else lines


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)
