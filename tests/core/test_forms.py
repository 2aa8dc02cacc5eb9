"""No reader ever meets a default message of Django, whatever the field and the fault."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.contrib.postgres import forms as pg_forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation

from portal.core import wording
from portal.core.errors import error_entries
from portal.core.forms import PortalForm, PortalFormSet, half_width
from portal.core.models import Community

LABEL = "材料名"
FORBIDDEN = ("无效", "非法", "不合法", "必填", "确保", "操作失败", "系统异常", "有效的", "！", "*")
ARGUMENTS: dict[type, dict[str, Any]] = {
    forms.ComboField: {"fields": [forms.CharField()]},
    forms.MultiValueField: {"fields": [forms.CharField()]},
    forms.URLField: {"assume_scheme": "https"},
    forms.RegexField: {"regex": r"\d"},
    forms.FilePathField: {"path": "."},
    forms.ModelChoiceField: {"queryset": Community.objects.none()},
    forms.ModelMultipleChoiceField: {"queryset": Community.objects.none()},
    pg_forms.SimpleArrayField: {"base_field": forms.CharField()},
    pg_forms.SplitArrayField: {"base_field": forms.CharField(), "size": 2},
}
PARAMS = {
    "value": "x",
    "limit_value": 5,
    "show_value": 9,
    "max": 5,
    "length": 9,
    "nth": 1,
    "num": 1,
    "allowed_extensions": "jpg, png, pdf",
    "extension": "exe",
    "min_days": 1,
    "max_days": 9,
    "min_length": 10,
    "pk": "x",
}


ANSWERED_BY_NOTHING = {
    forms.NullBooleanField,
    forms.ModelMultipleChoiceField,
    pg_forms.SplitArrayField,
}


def field_classes() -> list[type[forms.Field]]:
    """Every form field class that Django itself offers."""
    found = [*vars(forms).values(), *vars(pg_forms).values()]
    kinds = {kind for kind in found if isinstance(kind, type) and issubclass(kind, forms.Field)}
    abstract = {pg_forms.BaseRangeField, forms.Field}
    return sorted(kinds - abstract, key=lambda kind: kind.__name__)


def make_field(kind: type[forms.Field]) -> forms.Field:
    return kind(label=LABEL, **ARGUMENTS.get(kind, {}))


def form_with(field: forms.Field, data: Any = None, files: Any = None) -> forms.Form:
    kind = type("OneField", (PortalForm,), {"it": field})
    return kind(data, files)


def default_codes(kind: type[forms.Field]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        found |= getattr(base, "default_error_messages", {})
    return found


def assert_ours(text: str, *, label: str = LABEL) -> None:
    assert label in text
    assert not any(word in text for word in FORBIDDEN), text
    assert "%(" not in text
    assert len(text) <= 60


@pytest.mark.proves("ux:11")
@pytest.mark.parametrize("kind", field_classes(), ids=lambda kind: kind.__name__)
def test_every_default_message_of_every_field_is_replaced(kind: type[forms.Field]) -> None:
    form = form_with(make_field(kind), {})
    form.full_clean()
    for code, message in default_codes(kind).items():
        form.errors.clear()
        form.add_error("it", ValidationError(message, code=code, params=PARAMS))
        [text] = form.errors["it"]
        assert text != str(message)
        if code not in wording._BUILT_ON_THE_SPOT | {"violated"}:
            assert_ours(text)


@pytest.mark.parametrize("kind", field_classes(), ids=lambda kind: kind.__name__)
def test_an_empty_field_is_asked_for_by_name(kind: type[forms.Field]) -> None:
    form = form_with(make_field(kind), {})
    if kind in ANSWERED_BY_NOTHING or issubclass(kind, pg_forms.BaseRangeField):
        pytest.skip("empty is an answer, or asks the database")
    assert not form.is_valid()
    for text in form.errors["it"]:
        assert_ours(text)


CASES: list[tuple[forms.Field, Any, str]] = [
    (forms.CharField(), "", "请填写材料名"),
    (forms.ChoiceField(choices=[("a", "A")]), "", "请选择材料名"),
    (forms.ChoiceField(choices=[("a", "A")]), "z", "请重新选择材料名，原来的选项现在不能用"),
    (
        forms.MultipleChoiceField(choices=[("a", "A")]),
        ["z"],
        "请重新选择材料名，原来的选项现在不能用",
    ),
    (forms.BooleanField(), "", "请阅读并勾选“材料名”"),
    (forms.CharField(min_length=18, max_length=18), "1234", "材料名应为 18 位，现在是 4 位"),
    (forms.CharField(min_length=10), "太短", "材料名至少 10 个字，现在是 2 个字"),
    (forms.CharField(max_length=3), "一二三四五", "材料名最多 3 个字，现在多了 2 个字"),
    (forms.IntegerField(min_value=1, max_value=300), "301", "材料名应在 1 至 300 之间"),
    (forms.IntegerField(min_value=1), "0", "材料名不能小于 1"),
    (forms.DecimalField(max_value=Decimal("9.50")), "10", "材料名不能大于 9.5"),
    (forms.IntegerField(), "一百", "材料名请填整数，例如 60"),
    (forms.IntegerField(step_size=5), "3", "材料名应是 5 的倍数"),
    (forms.DecimalField(), "一百", "材料名请填数字，例如 60"),
    (forms.DecimalField(decimal_places=2, max_digits=6), "1.234", "材料名最多保留 2 位小数"),
    (forms.DateField(), "上周", "材料名请按“2026-11-03”填写"),
    (forms.DateTimeField(), "上周", "材料名请按“2026-11-03 14:30”填写"),
    (forms.TimeField(), "中午", "材料名请按“14:30”填写"),
    (forms.DurationField(), "很久", "材料名请按“时:分:秒”填写，例如 01:30:00"),
    (forms.EmailField(), "name", "材料名少了“@”或后面的部分，例如 name@example.com"),
    (
        forms.URLField(assume_scheme="https"),
        "nowhere",
        "材料名请填完整的网址，例如 https://example.com",
    ),
    (forms.SlugField(), "甲 乙", "材料名只能用字母、数字、下划线和连字符"),
    (forms.GenericIPAddressField(), "x", "材料名请填网络地址，例如 192.0.2.1"),
    (forms.UUIDField(), "x", "材料名有误，请核对后重新填写"),
    (forms.JSONField(), "{", "材料名有误，请核对后重新填写"),
    (forms.RegexField(r"^\d+$"), "x", "材料名有误，请核对后重新填写"),
    (forms.CharField(), "a\x00b", "材料名里有认不出的字符，请重新填写"),
    (
        forms.DateField(validators=[validators.MinValueValidator(dt.date(2026, 11, 3))]),
        "2026-11-01",
        "材料名不能早于 2026-11-03",
    ),
]


@pytest.mark.parametrize(("field", "value", "expected"), CASES)
def test_the_words_of_the_specification(field: forms.Field, value: Any, expected: str) -> None:
    field.label = LABEL
    form = form_with(field, {"it": value})
    assert form.errors["it"] == [expected]
    assert [entry.message for entry in error_entries(form)] == [expected]


FILES: list[tuple[forms.Field, Any, str]] = [
    (forms.FileField(), None, "请上传材料名"),
    (forms.FileField(), SimpleUploadedFile("a.pdf", b""), "材料名打不开，请重新选择文件"),
    (
        forms.FileField(max_length=4),
        SimpleUploadedFile("abcdef.pdf", b"x"),
        "材料名的文件名最多 4 个字，请改短后再上传",
    ),
    (
        forms.ImageField(),
        SimpleUploadedFile("a.jpg", b"no image"),
        "材料名打不开，请选择 JPG 或 PNG 图片",
    ),
    (
        forms.FileField(validators=[validators.FileExtensionValidator(["jpg", "png", "pdf"])]),
        SimpleUploadedFile("a.exe", b"x"),
        "材料名须为 JPG、PNG 或 PDF，您选的是 EXE",
    ),
]


@pytest.mark.parametrize(("field", "file", "expected"), FILES)
def test_the_words_about_files(field: forms.Field, file: Any, expected: str) -> None:
    field.label = LABEL
    form = form_with(field, {}, {"it": file} if file else {})
    assert form.errors["it"] == [expected]


def test_a_message_of_ours_stays() -> None:
    own = validators.RegexValidator(r"^1\d{10}$", "手机号应为 11 位数字")
    form = form_with(forms.CharField(label=LABEL, validators=[own]), {"it": "12"})
    assert form.errors["it"] == ["手机号应为 11 位数字"]


def test_a_model_form_speaks_our_words_about_the_model_too() -> None:
    form = form_with(forms.CharField(label=LABEL), {"it": "x"})
    assert form.is_valid()
    form.add_error(None, ValidationError({"it": ValidationError("已存在", code="unique_together")}))
    assert form.errors["it"] == ["已有相同的记录，请核对是否重复填写"]


def test_english_has_the_field_name_inside() -> None:
    with translation.override("en"):
        form = form_with(forms.CharField(label="Name"), {"it": ""})
        assert "Name" in form.errors["it"][0]


# --- forgiving input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2026-11-03", "2026/11/3", "2026年11月3日", "20261103", "２０２６－１１－０３"]
)
def test_days_are_taken_as_people_write_them(text: str) -> None:
    form = form_with(forms.DateField(label=LABEL), {"it": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["it"] == dt.date(2026, 11, 3)


@pytest.mark.parametrize(
    ("text", "number"), [("１２３", 123), ("1,240", 1240), (" 60 ", 60), ("1，240", 1240)]
)
def test_numbers_are_taken_in_full_width_and_with_separators(text: str, number: int) -> None:
    form = form_with(forms.IntegerField(label=LABEL), {"it": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["it"] == number


def test_codes_are_made_half_width_where_the_form_says_so() -> None:
    class Codes(PortalForm):
        half_width = ("code",)
        code = forms.CharField()
        name = forms.CharField()

    form = Codes(_query(code="９１４１ ０４８Ａ", name="Ａ园"))
    assert form.is_valid()
    assert form.cleaned_data == {"code": "9141048A", "name": "Ａ园"}
    assert half_width("（１）") == "(1)"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u3164", "\u202e\u2066", "\u00ad"])
def test_signs_nobody_sees_are_no_name_and_no_part_of_one(unseen: str) -> None:
    class Names(PortalForm):
        name = forms.CharField(label=LABEL)
        word = forms.CharField(widget=forms.PasswordInput, strip=False)

    assert "name" in Names(_query(name=f" {unseen} ", word="x")).errors
    form = Names(_query(name=f"小{unseen}太阳", word=f"x{unseen}"))
    assert form.is_valid()
    assert form.cleaned_data == {"name": "小太阳", "word": f"x{unseen}"}


def _query(**values: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(values)
    return query


# --- what the reader sees ------------------------------------------------------------------------


class Sample(PortalForm):
    submit_label = "保存并继续"
    cancel_url = "/back/"
    counters = ("about",)
    units = {"area": "平方米"}
    name = forms.CharField(label="机构名称", max_length=30, help_text="与营业执照一致")
    kind = forms.ChoiceField(
        label="性质", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect
    )
    services = forms.MultipleChoiceField(
        label="服务", choices=[("a", "甲")], widget=forms.CheckboxSelectMultiple
    )
    area = forms.DecimalField(label="面积", required=False)
    licence = forms.FileField(label="营业执照")
    when = forms.SplitDateTimeField(label="时间", required=False)
    about = forms.CharField(label="说明", widget=forms.Textarea, max_length=200, required=False)
    agree = forms.BooleanField(label="我已阅读并同意")


def show(form: forms.Form) -> str:
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def test_a_form_marks_what_is_optional_and_nothing_else() -> None:
    html = show(Sample())
    assert html.count("（选填）") == 3
    assert "asterisk" not in html
    assert "required" not in html
    assert "maxlength" not in html
    assert "novalidate" in html
    assert html.count("btn-primary") == 1
    assert 'data-counter="200"' in html
    assert "style=" not in html


def test_hint_and_error_stand_before_the_control() -> None:
    html = show(Sample({"name": ""}))
    field = html[html.index('id="div_id_name"') :]
    hint, error, control = (field.index(p) for p in ("id_name_helptext", "id_name_error", "<input"))
    assert hint < error < control
    assert '<span class="visually-hidden">错误：</span>请填写机构名称' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert "<legend" in html


@pytest.mark.proves("ux:10")
def test_the_summary_leads_to_every_control() -> None:
    html = show(Sample({}))
    assert "有 5 处需要修改" in html
    for target in ("id_name", "id_kind_0", "id_services_0", "id_licence", "id_agree"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in html
    assert html.count('class="error-summary"') == 1


def test_a_summary_above_the_heading_replaces_crispys() -> None:
    form = Sample({})
    page = Template(
        "{% load portal crispy_forms_tags %}{% error_summary form %}<h1>x</h1>{% crispy form %}"
    )
    html = page.render(Context({"form": form}))
    assert html.count('class="error-summary"') == 1
    assert html.index("error-summary") < html.index("<h1>")


def test_rows_are_named_in_the_summary() -> None:
    class Row(PortalForm):
        name = forms.CharField(label="姓名")

    rows = forms.formset_factory(Row, formset=PortalFormSet, min_num=1, validate_min=True)
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""}
    formset = rows(data)
    assert [e.message for e in error_entries(formset)] == ["至少填写 1 项", "第 1 项：请填写姓名"]
    lost = forms.formset_factory(Row, formset=PortalFormSet)({})
    assert [e.message for e in error_entries(lost)] == ["页面内容不完整，请返回上一页重新打开"]


def test_a_stale_form_says_who_was_faster_and_saves_next_time() -> None:
    class Versioned(PortalForm):
        versioned = True
        name = forms.CharField(label="名称")

    form = Versioned(_query(name="x", version="3"))
    assert form.is_valid()
    assert form.is_stale(4)
    assert not form.is_stale(3)
    form.mark_stale(who="王某", at=dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC), current=4)
    assert form.non_field_errors() == ["这条记录刚被 王某 于 10:42 修改，请核对后再保存"]
    again = Versioned(form.data)
    assert again.is_valid()
    assert not again.is_stale(4)


def test_hidden_and_compound_controls_in_the_summary() -> None:
    class Odd(PortalForm):
        secret = forms.CharField(label="编号", widget=forms.HiddenInput)
        when = forms.SplitDateTimeField(label="时间")

    targets = {entry.message: entry.target for entry in error_entries(Odd({}))}
    assert targets == {"请填写编号": "", "请填写时间": "id_when_0"}
    assert error_entries(Odd()) == []
    assert error_entries(None) == []


def test_tokens_and_keyboards_follow_the_class() -> None:
    class Contact(PortalForm):
        autocomplete = {"phone": "tel"}
        inputmode = {"phone": "tel"}
        phone = forms.CharField(label="手机号")
        age = forms.IntegerField(label="年龄", min_value=0)

    html = str(Contact()["phone"]) + str(Contact()["age"])
    assert 'autocomplete="tel"' in html
    assert 'inputmode="numeric"' in html
    assert 'type="number"' not in html


def test_rows_are_cards_with_titles() -> None:
    class Row(PortalForm):
        name = forms.CharField(label="姓名")

    formset = forms.formset_factory(Row, formset=PortalFormSet, extra=2, can_delete=True)()
    assert [title for title, _form in formset.rows()] == ["第 1 项", "第 2 项"]
    html = Template('{% include "components/formset.html" %}').render(Context({"formset": formset}))
    assert html.count("<fieldset") == 2
    assert "删除这一项" in html
