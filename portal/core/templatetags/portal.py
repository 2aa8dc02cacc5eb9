"""The words and small marks that every page shares: icons, badges, dates, deadlines, rights."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms.utils import flatatt
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.urls import translate_url
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.core import badges, clock, permissions
from portal.core.context import site_facts
from portal.core.errors import error_entries

register = template.Library()

_ICONS = files("bs_icon_templates") / "templates" / "bs_icon"
_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


# --- icons and badges -----------------------------------------------------------------------


@cache
def _shapes(name: str) -> SafeString:
    """The paths of one icon of the wheel; read once per process."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"not an icon name: {name!r}")
    text = (_ICONS / f"{name}.svg").read_text(encoding="utf-8")
    shapes = text.partition(">")[2].rpartition("</svg>")[0]
    # A file of the pinned wheel, not user input.
    return mark_safe(re.sub(r"\s*\n\s*", "", shapes).replace(" />", "/>"))  # ruff: ignore[suspicious-mark-safe-usage]


@register.simple_tag
def icon(name: str, css: str = "ico") -> SafeString:
    """Inline SVG beside a word; it says nothing by itself, so it is hidden from readers.

    Inline and not a sprite: no file to build or commit, nothing to fetch, works in fragments and
    on error pages, and repeated icons cost about 15 bytes each after compression.
    """
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        css,
        _shapes(name),
    )


@register.simple_tag
def badge(family: str, icon_name: str, text: Any) -> SafeString:
    """Icon + word + tint: `{% badge "ok" "check-circle-fill" word %}`."""
    return format_html('<span class="st st-{}">{}{}</span>', family, icon(icon_name, ""), text)


@register.simple_tag
def status(noun: Any, field: str = "state", *, plain: bool = False) -> SafeString:
    """The badge of a noun's state; `plain=True` gives the sentence outsiders read."""
    shown = badges.of(noun, field, plain=plain)
    return badge(shown.family, shown.icon, shown.word)


# --- rights ---------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def can(context: RequestContext, transition: str, noun: Any) -> bool:
    """`{% can "submit" filing as ok %}`: true exactly when the act would succeed."""
    return permissions.can(context["request"].user, transition, noun)


# --- days and deadlines -----------------------------------------------------------------------


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _as_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value if isinstance(value, dt.date) else None


@register.filter
def cn_date(value: Any) -> str:
    """2026年11月3日 (English: 3 November 2026)."""
    day = _as_date(value)
    if day is None:
        return ""
    if _english():
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


@register.filter
def cn_day(value: Any) -> str:
    """11月27日（周五） (English: Friday 27 November): for dates near today."""
    day = _as_date(value)
    if day is None:
        return ""
    if _english():
        return f"{day:%A} {day.day} {day:%B}"
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


@register.filter
def cn_moment(value: Any) -> str:
    """2026年11月3日 10:42, in the office's time zone."""
    if not isinstance(value, dt.datetime):
        return cn_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(value)} {local:%H:%M}"


@register.simple_tag
def day(value: Any, style: str = "date") -> SafeString:
    """`{% day filing.submitted_at %}`: a <time> that never breaks; styles date, day, moment."""
    as_date = _as_date(value)
    if as_date is None:
        return nothing()
    words: dict[str, Callable[[Any], str]] = {"date": cn_date, "day": cn_day, "moment": cn_moment}
    shown = as_date.isoformat() if style == "iso" else words[style](value)
    return format_html('<time class="nobr" datetime="{}">{}</time>', as_date.isoformat(), shown)


def deadline_badge(
    due: dt.date, today: dt.date, left: int | None, paused: Any = ""
) -> badges.Badge:
    """The words of ux.md §2.2. `left` are the working days that remain; None counts plain days.

    An act is late (已超期) on the calendar of the office, a paper has run out (已过期) on any.
    """
    if paused:
        return badges.Badge("closed", "pause-circle", _("计时暂停：%(why)s") % {"why": paused})
    days = (due - today).days
    if days < 0:
        if left is None:
            return badges.Badge("danger", "x-octagon-fill", _("已过期 %(n)s 天") % {"n": -days})
        word = ngettext("已超期 %(n)d 天", "已超期 %(n)d 天", -days) % {"n": -days}
        return badges.Badge("danger", "x-octagon-fill", word)
    if days == 0:
        return badges.Badge("warn", "clock-history", _("今天到期"))
    if left is None:
        word = ngettext("剩 %(n)d 天", "剩 %(n)d 天", days) % {"n": days}
    else:
        word = ngettext("剩 %(n)d 个工作日", "剩 %(n)d 个工作日", left) % {"n": left}
    near = (days if left is None else left) <= 2
    return badges.Badge("warn" if near else "neutral", "clock-history", word)


@register.simple_tag(takes_context=True)
def deadline(
    context: RequestContext, due: Any, calendar: Any = None, paused: Any = ""
) -> SafeString:
    """`{% deadline filing.due_on calendar %}` → 剩 2 个工作日 · 今天到期 · 已超期 3 天.

    `calendar` is a WorkingCalendar; without one, plain days are counted.
    """
    on = _as_date(due)
    if on is None and not paused:
        return nothing()
    today = _today(context)
    left = calendar.working_days_between(today, on) if calendar and on else None
    shown = deadline_badge(on or today, today, left, paused)
    return badge(shown.family, shown.icon, shown.word)


def _today(context: RequestContext) -> dt.date:
    """The day of the request, or of the clock where no page decorator has fixed it."""
    at = getattr(context.get("request"), "at", None)
    return clock.day_of(at) if at else clock.today()


# --- values -----------------------------------------------------------------------------------


@register.simple_tag
def nothing() -> SafeString:
    """An empty cell: a dash for the eye, a word for the ear."""
    return format_html(
        '<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>', _("无")
    )


@register.filter
def filled(value: Any) -> Any:
    """The value, or 未填写 when there is none."""
    return _("未填写") if value in {None, ""} else value


@register.filter
def mask_phone(value: Any) -> str:
    """138****0001."""
    text = str(value or "")
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "****"


@register.filter
def mask_name(value: Any) -> str:
    """王某: the family name only (two characters for the double family names)."""
    text = str(value or "").strip()
    double = ("欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫", "东方", "令狐", "尉迟", "公孙")
    keep = 2 if text.startswith(double) and len(text) > 2 else 1
    return f"{text[:keep]}某" if text else ""


@register.filter
def mask_id(value: Any) -> str:
    """4104**********0017: enough to compare with a document in the hand."""
    text = str(value or "")
    return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}" if len(text) > 8 else "****"


@register.filter
def phone_groups(value: Any) -> str:
    """138 0000 0001; a landline stays as it is."""
    text = re.sub(r"\s+", "", str(value or ""))
    return f"{text[:3]} {text[3:7]} {text[7:]}" if re.fullmatch(r"1\d{10}", text) else text


@register.filter
def tel(value: Any) -> str:
    """The part of a `tel:` link: digits and a leading plus only."""
    return re.sub(r"(?!^\+)[^\d]", "", str(value or ""))


# --- forms and lists --------------------------------------------------------------------------


@register.simple_tag
def error_summary(*forms: Any) -> SafeString:
    """The summary above the h1: `{% error_summary form rows %}`; crispy then leaves out its own."""
    entries = [entry for form in forms for entry in error_entries(form)]
    for form in forms:
        if form:
            form.hide_summary = True
    if not entries:
        return SafeString("")
    return render_to_string("components/error_summary.html", {"entries": entries})


@register.filter
def errors_of(form: Any) -> list[Any]:
    """The entries of a form's error summary (see portal.core.errors)."""
    return error_entries(form)


@register.filter
def is_group(field: Any) -> bool:
    """Whether the control is several inputs under one legend."""
    return bool(field.use_fieldset)


@register.simple_tag(takes_context=True)
def chips(context: RequestContext, form: Any) -> list[dict[str, str]]:
    """The chosen filters of a GET form: words and the address without each of them."""
    query = context["request"].GET
    found = []
    for bound in form:
        values = query.getlist(bound.html_name)
        for value in values:
            if not value:
                continue
            rest = query.copy()
            rest.setlist(bound.html_name, [other for other in values if other != value])
            rest.pop("page", None)
            label = f"{bound.label}：{_choice_label(bound, value)}"
            found.append({"label": label, "url": f"?{rest.urlencode()}"})
    return found


@register.filter
def chosen_count(fields: Any) -> int:
    """How many of these filters are in use."""
    return sum(1 for bound in fields if bound.value())


def _choice_label(bound: Any, value: str) -> str:
    for key, label in getattr(bound.field, "choices", ()) or ():
        if str(key) == value:
            return str(label)
    return value


@register.filter
def page_numbers(page: Any) -> list[int | None]:
    """First, last and the neighbours of this page; None stands for a gap."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in shown]


@register.simple_tag(takes_context=True)
def page_link(context: RequestContext, number: int) -> str:
    """The same list on another page, every filter kept."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


# --- the frame of a page ----------------------------------------------------------------------


@register.simple_tag
def site_info() -> dict[str, Any]:
    """The office's names and phone, for pages that are rendered without a request (500)."""
    return site_facts()


@register.simple_tag(takes_context=True)
def language_url(context: RequestContext, language: str) -> str:
    """The page in another language, or nothing where it has no translation of its own."""
    request = context.get("request")
    if request is None or getattr(request, "resolver_match", None) is None:
        return ""
    here = request.get_full_path()
    there = translate_url(here, language)
    return "" if there == here else there


@register.simple_tag(takes_context=True)
def next_param(context: RequestContext) -> str:
    """`?next=…` that leads back to this page."""
    request = context.get("request")
    return f"?{urlencode({'next': request.get_full_path()})}" if request else ""


@register.simple_block_tag
def table_region(content: str, caption: str, css: str = "") -> SafeString:
    """`{% table_region "登记审核列表" %}<thead>…{% endtable_region %}`: a table that becomes cards.

    Give each cell a `data-label`; below 768 px it is printed before the value.
    """
    region = flatatt(
        {"class": "table-region", "role": "region", "aria-label": caption, "tabindex": "0"}
    )
    return format_html(
        '<div{}><table class="table align-middle mb-0 stack {}">'
        '<caption class="visually-hidden">{}</caption>{}</table></div>',
        region,
        css,
        caption,
        content,
    )
