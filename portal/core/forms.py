"""The ground of every form: our words, forgiving input, one button named by its act."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .identifiers import EAST, NORTH, SOUTH, WEST
from .scanning import scan
from .sheets import SheetRefused, Table
from .wording import reword, words

MEGABYTE = 1024 * 1024

DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%Y.%m.%d")
TIME_FORMATS = ("%H:%M", "%H:%M:%S", "%H点%M分", "%H时%M分")
MOMENT_FORMATS = tuple(f"{day} {time}" for day in DATE_FORMATS for time in TIME_FORMATS)

# Full-width forms of the printable ASCII characters, and the ideographic space.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Signs nobody sees: soft hyphens, zero-width and filling ones, marks that turn the direction. They
# come along when text is pasted, and a name of them alone would read as no name.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufeff\uffa0]"
)
_POINT = re.compile(r"([0-9]{1,2}\.[0-9]{1,9})[,，\s]+([0-9]{1,3}\.[0-9]{1,9})")
_FINE = Decimal("0.00001")  # about a metre; more digits are not known
Point = tuple[Decimal, Decimal]
_NUMBERS = (forms.IntegerField,)  # FloatField and DecimalField are kinds of it
_DATES = (forms.DateField, forms.DateTimeField, forms.TimeField, forms.SplitDateTimeField)
_CODES = (forms.EmailField, forms.URLField, forms.SlugField, forms.UUIDField)


def half_width(text: str) -> str:
    """１２３ＡＢ → 123AB; Chinese characters stay."""
    return text.translate(_HALF_WIDTH)


class PortalFormMixin:
    """Mix in before `forms.Form` or `forms.ModelForm`; configure by class attributes.

    `submit_label` / `cancel_label` / `cancel_url`: the one primary button and the way out.
    `half_width`: names of text fields (codes, phones) whose digits and letters become half-width;
    numbers, dates, e-mail and addresses always do. `autocomplete`, `inputmode`: tokens by field.
    `units`: word after the box. `widths`: css class by field (w-short, w-code, w-medium).
    `counters`: text fields with a running count. `versioned`: carry the version that was read.
    """

    use_required_attribute = False
    submit_label: Any = gettext_lazy("保存并继续")
    submit_name: ClassVar[str] = ""
    submit_css: ClassVar[str] = "btn-primary"
    cancel_label: Any = gettext_lazy("返回，不保存")
    cancel_url = ""
    form_action = ""
    form_id = ""
    form_tag = True
    hide_summary = False
    mark_optional = True
    guard = True
    versioned: ClassVar[bool] = False
    half_width: ClassVar[tuple[str, ...]] = ()
    autocomplete: ClassVar[Mapping[str, str]] = {}
    inputmode: ClassVar[Mapping[str, str]] = {}
    units: ClassVar[Mapping[str, Any]] = {}
    widths: ClassVar[Mapping[str, str]] = {}
    counters: ClassVar[tuple[str, ...]] = ()

    # What forms.BaseForm brings.
    fields: dict[str, forms.Field]
    data: Any
    is_bound: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.versioned:
            self._add_version()
        for name, field in self.fields.items():
            self._dress(name, field)
        if self.is_bound:
            self.data = self._forgive(self.data)

    # --- look ---------------------------------------------------------------------------------

    @property
    def helper(self) -> FormHelper:
        """The crispy helper: no browser bubbles, our summary, our one button."""
        helper = FormHelper(self)
        helper.form_action = str(self.form_action)
        helper.form_id = self.form_id
        helper.form_tag = self.form_tag
        helper.form_class = "portal-form"
        helper.attrs = {"novalidate": True}
        if self.guard:
            helper.attrs["data-guard"] = _("离开后，还没有保存的内容会丢失")
        return helper

    def _dress(self, name: str, field: forms.Field) -> None:
        """Widget attributes: keyboards, tokens, no silent cutting of pasted text."""
        attrs = field.widget.attrs
        limit = attrs.pop("maxlength", None) or getattr(field, "max_length", None)
        attrs.pop("minlength", None)
        if isinstance(field.widget, forms.Textarea):
            attrs.pop("cols", None)
            attrs["rows"] = "5" if attrs.get("rows") == "10" else attrs.get("rows", "5")
        if name in self.counters and limit:
            attrs["data-counter"] = str(limit)
        if isinstance(field, _NUMBERS):
            self._dress_number(field)
        elif isinstance(field, _DATES):
            _dress_date(field)
        if token := self.autocomplete.get(name):
            attrs["autocomplete"] = token
        if mode := self.inputmode.get(name):
            attrs["inputmode"] = mode
        field.unit = self.units.get(name, "")  # type: ignore[attr-defined]
        field.width = self.widths.get(name, "")  # type: ignore[attr-defined]

    @staticmethod
    def _dress_number(field: forms.Field) -> None:
        """A text box with a number keypad: type=number swallows full-width digits unseen."""
        whole = not isinstance(field, (forms.FloatField, forms.DecimalField))
        if isinstance(field.widget, forms.NumberInput):
            field.widget.input_type = "text"
            for bound in ("min", "max", "step"):
                field.widget.attrs.pop(bound, None)
            field.widget.attrs.setdefault("inputmode", "numeric" if whole else "decimal")

    # --- forgiving input ----------------------------------------------------------------------

    def _forgive(self, data: Any) -> Any:
        """A copy of the data without unseen signs, and with half-width digits where they matter."""
        changed = data.copy()
        for name, field in self.fields.items():
            html_name = self.add_prefix(name)  # type: ignore[attr-defined]
            if isinstance(field, _NUMBERS + _DATES + _CODES) or name in self.half_width:
                for key in [k for k in changed if k == html_name or k.startswith(f"{html_name}_")]:
                    _replace(changed, key, partial(_forgiven, field=field))
            if html_name in changed and _is_text(field):
                _replace(changed, html_name, _seen)
        return changed

    # --- words --------------------------------------------------------------------------------

    def add_error(self, field: str | None, error: Any) -> None:
        """Every error passes here; those still in Django's words are said in ours."""
        super().add_error(field, reword(self, field, error))  # type: ignore[misc, arg-type]

    # --- two people, one record ---------------------------------------------------------------

    def _add_version(self) -> None:
        start = getattr(getattr(self, "instance", None), "version", None)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=start
        )

    def is_stale(self, current: int) -> bool:
        """Whether somebody saved in between (call it on a valid form)."""
        return bool(self.cleaned_data.get("version") != current)  # type: ignore[attr-defined]

    def mark_stale(self, *, who: Any, at: dt.datetime, current: int) -> None:
        """Say who was faster; the next save goes through, the reader having seen it."""
        local = timezone.localtime(at) if timezone.is_aware(at) else at
        facts = {"who": who, "time": f"{local:%H:%M}"}
        self.add_error(None, _("这条记录刚被 %(who)s 于 %(time)s 修改，请核对后再保存") % facts)
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(current)  # type: ignore[attr-defined]


def _dress_date(field: forms.Field) -> None:
    """One text box that takes the usual ways to write a day; shown again as 2026-11-03."""
    if isinstance(field, forms.SplitDateTimeField):
        for part, widget, word in zip(
            field.fields, field.widget.widgets, (_("日期"), _("时间")), strict=True
        ):
            part.widget = widget
            widget.attrs["aria-label"] = f"{field.label or ''}{word}"
            _dress_date(part)
        return
    widget = field.widget
    if isinstance(field, forms.DateTimeField):
        field.input_formats = MOMENT_FORMATS
        shape = "%Y-%m-%d %H:%M"
    elif isinstance(field, forms.DateField):
        field.input_formats = DATE_FORMATS
        shape = "%Y-%m-%d"
    else:
        field.input_formats = TIME_FORMATS  # type: ignore[attr-defined]
        shape = "%H:%M"
    if isinstance(widget, forms.DateTimeInput | forms.DateInput | forms.TimeInput):
        widget.format = shape
        widget.input_type = "text"
        widget.attrs.setdefault("autocomplete", "off")


def _is_text(field: forms.Field) -> bool:
    """Text that is read by people; a password is taken as it is."""
    return isinstance(field, forms.CharField) and not isinstance(field.widget, forms.PasswordInput)


def _seen(value: str) -> str:
    return _UNSEEN.sub("", value)


def _replace(data: Any, key: str, mend: Callable[[str], str]) -> None:
    values = data.getlist(key) if hasattr(data, "getlist") else [data[key]]
    if not all(isinstance(value, str) for value in values):
        return
    fixed = [mend(value) for value in values]
    if hasattr(data, "setlist"):
        data.setlist(key, fixed)
    else:
        data[key] = fixed[0]


def _forgiven(value: str, field: forms.Field) -> str:
    text = half_width(value).strip()
    if isinstance(field, _NUMBERS):
        return re.sub(r"(?<=\d)[,\s](?=\d{3}(\D|$))", "", text)
    if isinstance(field, _DATES):
        return re.sub(r"\s+", " ", text).replace("：", ":")
    return re.sub(r"\s+", "", text)


class PointField(forms.CharField):
    """Latitude and longitude, degrees of WGS-84 within China: typed, or by the phone's button."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs |= {"data-point": "1", "autocomplete": "off"}

    def clean(self, value: Any) -> Point | None:
        """The two numbers, or nothing."""
        typed = half_width(super().clean(value)).strip()
        if not typed:
            return None
        found = _POINT.fullmatch(typed)
        if found is None:
            text = _("坐标请先写纬度后写经度，例如 33.27512, 113.51640")
            raise forms.ValidationError(text, code="point")
        latitude, longitude = (Decimal(each).quantize(_FINE) for each in found.groups())
        if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
            raise forms.ValidationError(
                _("这个坐标不在国内，请核对纬度和经度有没有写反"), code="abroad"
            )
        return latitude, longitude


class PortalForm(PortalFormMixin, forms.Form):
    """A plain form in our words."""


class PlainTexts(PortalForm):
    """Texts in which no number of a person may stand; `scanned` names their boxes."""

    scanned: ClassVar[tuple[str, ...]] = ()

    def clean(self) -> dict[str, Any]:
        """Say in which box the number of a person stands."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        texts = {name: cleaned.get(name) or "" for name in self.scanned}
        for finding in scan(texts):
            if finding.certain and finding.place not in self.errors:
                self.add_error(finding.place, _("这里不要写个人的证件号码、电话、银行卡号或车牌号"))
        return cleaned


class ChosenForm(PortalForm):
    """An act on many: exactly those that stood on the page, whatever a filter finds by now."""

    chosen = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )


def picked(request: HttpRequest) -> list[str] | None:
    """The keys of those that stood on the page or were ticked, up to the limit of a bulk act.

    None is all that the filter finds: only before the page of confirmation was shown.
    """
    if "all" in request.GET and "chosen" not in request.POST:
        return None
    shown = [key for key in request.POST.get("chosen", "").split(",") if key]
    return (shown or request.GET.getlist("pick"))[: settings.BULK_LIMIT]


class PortalModelForm(PortalFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A model form in our words. Saving stays with actions (design §3)."""


class FilterFormMixin(PortalFormMixin):
    """The form of a django-filter FilterSet: GET, nothing required, no （选填）, no guard."""

    mark_optional = False
    guard = False
    submit_label = gettext_lazy("查询")


class PortalFormSet(BaseFormSet):  # type: ignore[type-arg]
    """Rows as cards: `row_word` is said with the number, in legends and in the summary."""

    row_word: Any = gettext_lazy("第 %(n)s 项")
    add_label: Any = gettext_lazy("再加一项")
    empty_text: Any = gettext_lazy("还没有添加")
    default_error_messages: ClassVar[dict[str, Any]] = {
        "missing_management_form": gettext_lazy("页面内容不完整，请返回上一页重新打开"),
        "too_many_forms": gettext_lazy("最多 %(num)d 项，请先删除再添加"),
        "too_few_forms": gettext_lazy("至少填写 %(num)d 项"),
    }

    def title(self, number: int) -> str:
        """第 3 项."""
        return str(self.row_word) % {"n": number}

    def row_name(self, number: int) -> str:
        """The prefix of a row's errors in the summary."""
        return f"{self.title(number)}："

    def rows(self) -> list[tuple[str, forms.BaseForm]]:
        """Title and form of each row, for components/formset.html."""
        return [(self.title(number), form) for number, form in enumerate(self.forms, start=1)]

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.hide_summary = True  # type: ignore[attr-defined]
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = _("删除这一项")


__all__ = [
    "DATE_FORMATS",
    "FilterFormMixin",
    "PointField",
    "PortalForm",
    "PortalFormMixin",
    "PortalFormSet",
    "PortalModelForm",
    "half_width",
    "words",
]


class SheetForm(PortalForm):
    """One .xlsx file; read when the form is checked, so that no lock waits for it."""

    submit_label = gettext_lazy("上传并检查")
    guard = False
    most_rows = 0  # as many as the list's own act takes; the portal's limit where nothing is said

    file = forms.FileField(
        label=gettext_lazy("Excel 文件"),
        error_messages={"required": gettext_lazy("请上传 Excel 文件")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx"
        rows = self.most_rows or settings.IMPORT_MAX_ROWS
        facts = {"rows": rows, "mb": settings.UPLOAD_MAX_BYTES // MEGABYTE}
        help_text = _("一次最多 %(rows)s 行，不超过 %(mb)s MB；不能带公式、宏和密码") % facts
        self.fields["file"].help_text = help_text
        self.content = b""
        self.table: Table | None = None

    def read(self, content: bytes) -> Table:
        """The table of the list; SheetRefused where it is none."""
        raise NotImplementedError

    def clean_file(self) -> Any:
        """Keep the content and the table; a refusal is said in its own words."""
        upload = self.cleaned_data["file"]
        self.content = upload.read(settings.UPLOAD_MAX_BYTES + 1)
        try:
            self.table = self.read(self.content)
        except SheetRefused as refused:
            raise ValidationError(refused.message) from refused
        return upload
