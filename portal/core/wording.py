"""Our words for every fault Django can find in a field (ux.md §4.3); never Django's own.

`reword` replaces an error whose text is still a default of Django, recognised by the identity of
the message object. Messages that a form or validator of ours brings along stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models.constraints import BaseConstraint
from django.utils.ipv6 import clean_ipv6_address
from django.utils.translation import gettext as _

# Codes whose text Django builds on the spot, so that no object identity tells it apart.
_BUILT_ON_THE_SPOT = frozenset(
    {
        "unique_together",
        "unique_for_date",
        "password_too_short",
        "password_too_common",
        "password_too_similar",
        "password_entirely_numeric",
        "missing_management_form",
        "too_many_forms",
        "too_few_forms",
    }
)


def _subclasses(base: Any) -> Iterator[Any]:
    yield base
    for child in base.__subclasses__():
        yield from _subclasses(child)


@cache
def _default_messages() -> tuple[frozenset[int], tuple[Any, ...]]:
    """The ids of Django's default message objects (and the objects, so that ids stay taken)."""
    objects: list[Any] = []
    for base in (forms.Field, models.Field):
        for kind in _subclasses(base):
            if kind.__module__.startswith("django."):
                objects += vars(kind).get("default_error_messages", {}).values()
    for value in vars(validators).values():
        objects.append(getattr(value, "message", None))
        if isinstance(found := getattr(value, "messages", None), Mapping):
            objects += found.values()
    objects += [
        kind.__dict__.get("default_violation_error_message") for kind in _subclasses(BaseConstraint)
    ]
    objects.append(BaseConstraint.default_violation_error_message)
    objects += clean_ipv6_address.__defaults__ or ()
    kept = tuple(found for found in objects if found is not None)
    return frozenset(map(id, kept)), kept


def is_default(error: ValidationError) -> bool:
    """Whether the text is Django's and not ours."""
    if error.code in _BUILT_ON_THE_SPOT or "protocol" in (error.params or {}):
        return True
    return id(error.message) in _default_messages()[0]


def label_of(form: forms.BaseForm, name: str | None) -> str:
    """The field's name as the reader sees it."""
    if name is None or name not in form.fields:
        return ""
    return str(form[name].label)


def reword(form: forms.BaseForm, name: str | None, error: Any) -> ValidationError:
    """The same error in our words; keeps the shape (one, list or per field)."""
    if not isinstance(error, ValidationError):
        error = ValidationError(error)
    if hasattr(error, "error_dict"):
        fixed = {
            key: [_one(form, None if key == NON_FIELD_ERRORS else key, e) for e in found]
            for key, found in error.error_dict.items()
        }
        return ValidationError(fixed)
    return ValidationError([_one(form, name, e) for e in error.error_list])


def _one(form: forms.BaseForm, name: str | None, error: ValidationError) -> ValidationError:
    if not is_default(error):
        return error
    field = form.fields.get(name) if name else None
    text = words(field, label_of(form, name), error.code or "invalid", error.params or {})
    return ValidationError(text, code=error.code)


def words(field: forms.Field | None, label: str, code: str, params: Mapping[str, Any]) -> str:
    """The sentence for one fault: the field's name inside, what to do, nothing else."""
    say = _SAY.get(code)
    if say is not None:
        return say(field, label, params)
    return _("%(label)s的内容有误，请核对后重新填写") % {"label": label or _("填写")}


def number(value: Any) -> str:
    """A bound as people write it: no trailing zeros, no exponent."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


# --- one small function per fault -------------------------------------------------------------


def _required(field: Any, label: str, _params: Any) -> str:
    if isinstance(field, forms.FileField):
        return _("请上传%(label)s") % {"label": label}
    if isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField):
        return _("请阅读并勾选“%(label)s”") % {"label": label}
    if isinstance(field, (forms.ChoiceField, forms.NullBooleanField, forms.ModelChoiceField)):
        return _("请选择%(label)s") % {"label": label}
    return _("请填写%(label)s") % {"label": label}


_FORMATS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.IntegerField, "number"),
    (forms.SplitDateTimeField, "datetime"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.TimeField, "time"),
    (forms.DurationField, "duration"),
    (forms.EmailField, "email"),
    (forms.URLField, "url"),
    (forms.SlugField, "slug"),
    (forms.GenericIPAddressField, "ip"),
    (forms.FileField, "file"),
    (forms.ModelChoiceField, "choice"),
    (forms.ChoiceField, "choice"),
)


def _invalid(field: Any, label: str, _params: Any) -> str:
    kind = next((word for base, word in _FORMATS if isinstance(field, base)), "")
    if kind == "number" and not isinstance(field, (forms.FloatField, forms.DecimalField)):
        kind = "whole"
    texts = {
        "whole": _("%(label)s请填整数，例如 60"),
        "number": _("%(label)s请填数字，例如 60"),
        "date": _("%(label)s请按“2026-11-03”填写"),
        "datetime": _("%(label)s请按“2026-11-03 14:30”填写"),
        "time": _("%(label)s请按“14:30”填写"),
        "duration": _("%(label)s请按“时:分:秒”填写，例如 01:30:00"),
        "email": _("%(label)s少了“@”或后面的部分，例如 name@example.com"),
        "url": _("%(label)s请填完整的网址，例如 https://example.com"),
        "slug": _("%(label)s只能用字母、数字、下划线和连字符"),
        "ip": _("%(label)s请填网络地址，例如 192.0.2.1"),
        "file": _("没有收到%(label)s，请重新选择文件"),
        "choice": _("请重新选择%(label)s"),
    }
    return texts.get(kind, _("%(label)s有误，请核对后重新填写")) % {"label": label}


def _choice(field: Any, label: str, _params: Any) -> str:
    return _("请重新选择%(label)s，原来的选项现在不能用") % {"label": label}


def _bounds(field: Any) -> tuple[Any, Any]:
    return getattr(field, "min_value", None), getattr(field, "max_value", None)


def _lengths(field: Any) -> tuple[Any, Any]:
    return getattr(field, "min_length", None), getattr(field, "max_length", None)


def _too_short(field: Any, label: str, params: Any) -> str:
    low, high = _lengths(field)
    facts = {"label": label, "limit": params.get("limit_value"), "n": params.get("show_value")}
    if low is not None and low == high:
        return _("%(label)s应为 %(limit)s 位，现在是 %(n)s 位") % facts
    return _("%(label)s至少 %(limit)s 个字，现在是 %(n)s 个字") % facts


def _too_long(field: Any, label: str, params: Any) -> str:
    low, high = _lengths(field)
    limit = params.get("limit_value", params.get("max", 0))
    length = params.get("show_value", params.get("length", limit))
    facts = {"label": label, "limit": limit, "n": length, "over": int(length) - int(limit)}
    if isinstance(field, forms.FileField):
        return _("%(label)s的文件名最多 %(limit)s 个字，请改短后再上传") % facts
    if low is not None and low == high:
        return _("%(label)s应为 %(limit)s 位，现在是 %(n)s 位") % facts
    return _("%(label)s最多 %(limit)s 个字，现在多了 %(over)s 个字") % facts


def _out_of_range(side: str) -> Callable[[Any, str, Any], str]:
    def say(field: Any, label: str, params: Any) -> str:
        low, high = _bounds(field)
        limit = params.get("limit_value")
        facts = {"label": label, "limit": number(limit), "low": number(low), "high": number(high)}
        if low is not None and high is not None:
            return _("%(label)s应在 %(low)s 至 %(high)s 之间") % facts
        if isinstance(limit, dt.date):
            early, late = _("%(label)s不能早于 %(limit)s"), _("%(label)s不能晚于 %(limit)s")
            return (early if side == "low" else late) % facts
        small, big = _("%(label)s不能小于 %(limit)s"), _("%(label)s不能大于 %(limit)s")
        return (small if side == "low" else big) % facts

    return say


def _extension(field: Any, label: str, params: Any) -> str:
    allowed = [
        part.strip().upper() for part in str(params.get("allowed_extensions", "")).split(",")
    ]
    chosen = str(params.get("extension", "")).upper() or _("没有扩展名的文件")
    last = allowed.pop() if allowed else ""
    listed = (
        _("%(first)s 或 %(last)s") % {"first": "、".join(allowed), "last": last}
        if allowed
        else last
    )
    facts = {"label": label, "allowed": listed, "ext": chosen}
    return _("%(label)s须为 %(allowed)s，您选的是 %(ext)s") % facts


def _same(text: Callable[[], str]) -> Callable[[Any, str, Any], str]:
    """A sentence that needs nothing but the label and Django's own parameters."""

    def say(_field: Any, label: str, params: Any) -> str:
        return text() % {**params, "label": label}

    return say


_SAY: dict[str, Callable[[Any, str, Any], str]] = {
    "required": _required,
    "null": _required,
    "blank": _required,
    "invalid": _invalid,
    "invalid_datetime": _invalid,
    "invalid_choice": _choice,
    "invalid_list": _choice,
    "list": _choice,
    "invalid_pk_value": _choice,
    "min_length": _too_short,
    "max_length": _too_long,
    "min_value": _out_of_range("low"),
    "max_value": _out_of_range("high"),
    "invalid_extension": _extension,
    "invalid_date": _same(lambda: _("%(label)s的日期请按“2026-11-03”填写")),
    "invalid_time": _same(lambda: _("%(label)s的时间请按“14:30”填写")),
    "step_size": _same(lambda: _("%(label)s应是 %(limit_value)s 的倍数")),
    "max_digits": _same(lambda: _("%(label)s最多 %(max)s 位数字")),
    "max_decimal_places": _same(lambda: _("%(label)s最多保留 %(max)s 位小数")),
    "max_whole_digits": _same(lambda: _("%(label)s的整数部分最多 %(max)s 位")),
    "overflow": _same(lambda: _("%(label)s太长，请核对后重新填写")),
    "incomplete": _same(lambda: _("请把%(label)s填写完整")),
    "missing": _same(lambda: _("没有收到%(label)s，请重新选择文件")),
    "empty": _same(lambda: _("%(label)s打不开，请重新选择文件")),
    "invalid_image": _same(lambda: _("%(label)s打不开，请选择 JPG 或 PNG 图片")),
    "contradiction": _same(lambda: _("%(label)s：上传新文件时请不要同时勾选删除")),
    "null_characters_not_allowed": _same(lambda: _("%(label)s里有认不出的字符，请重新填写")),
    "unique": _same(lambda: _("这个%(label)s已有记录，请核对是否重复填写")),
    "unique_for_date": _same(lambda: _("%(label)s在这一天已有记录，请核对是否重复填写")),
    "unique_together": _same(lambda: _("已有相同的记录，请核对是否重复填写")),
    "violated": _same(lambda: _("填写的内容前后不一致，请核对")),
    "password_mismatch": _same(lambda: _("两次填写的密码不一样，请重新填写")),
    "password_too_short": _same(lambda: _("密码至少 %(min_length)s 位")),
    "password_too_common": _same(lambda: _("这个密码太常见，请换一个")),
    "password_too_similar": _same(lambda: _("密码和账号信息太接近，请换一个")),
    "password_entirely_numeric": _same(lambda: _("密码不能全是数字，请加上字母")),
}
