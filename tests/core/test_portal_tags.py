"""Icons, badges, days, deadlines, masks and menus: the small words of every page."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from portal.core import badges, context
from portal.core.calendar import WorkingCalendar
from portal.core.forms import FilterFormMixin
from portal.core.roles import Role
from portal.core.templatetags import portal as tags

MONDAY = dt.date(2026, 11, 23)
PLAIN = WorkingCalendar(days={}, years_known=frozenset({2026}))


class Noun:
    """A noun as the badge sees it."""

    _meta = SimpleNamespace(model_name="noun")

    def __init__(self, state: str, word: str = "待审核") -> None:
        self.state, self.operating, self.word = state, state, word

    def get_state_display(self) -> str:
        return self.word

    get_operating_display = get_state_display


class Person:
    """A signed-in person with roles, without a database."""

    is_authenticated = True

    def __init__(self, *roles: Role) -> None:
        self.roles = set(roles)

    def has_role(self, *roles: str) -> bool:
        return bool(self.roles & set(roles))


def render(text: str, **values: Any) -> str:
    request = values.pop("request", None) or RequestFactory().get("/")
    return Template("{% load portal %}" + text).render(Context({"request": request, **values}))


def at_noon(day: dt.date) -> Any:
    request = RequestFactory().get("/")
    request.at = dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)
    return request


def test_an_icon_is_silent_and_has_no_foreign_parts() -> None:
    html = tags.icon("check-circle-fill")
    assert 'aria-hidden="true"' in html
    assert "<path" in html
    assert "{{" not in html
    with pytest.raises(TemplateSyntaxError):
        tags.icon("../secret")


def test_a_badge_has_icon_word_and_family() -> None:
    html = render('{% badge "ok" "check-circle-fill" word %}', word="<已登记>")
    assert 'class="st st-ok"' in html
    assert "<svg" in html
    assert "&lt;已登记&gt;" in html


@pytest.mark.proves("ux:20")
def test_a_state_wears_the_look_of_the_specification() -> None:
    assert badges.of(Noun("submitted")) == badges.Badge("info", "send", "待审核")
    assert badges.of(Noun("never heard of")).family == "neutral"
    assert "st-info" in render("{% status noun %}", noun=Noun("submitted"))


def test_an_app_may_register_its_own_look_and_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "_OWN", {})
    monkeypatch.setattr(badges, "_PLAIN", {})
    badges.register("noun", {"open": ("warn", "flag-fill")}, plain={"open": "需要您整改"})
    badges.register("noun.operating", {"open": ("ok", "check-circle-fill")})
    assert badges.of(Noun("open")).family == "warn"
    assert badges.of(Noun("open"), plain=True).word == "需要您整改"
    assert badges.of(Noun("open"), "operating").family == "ok"
    with pytest.raises(ValueError, match="no such badge family"):
        badges.register("noun", {"open": ("pink", "flag-fill")})


def test_every_look_has_an_icon_and_a_family() -> None:
    for family, icon in badges._LOOKS.values():
        assert family in badges.FAMILIES
        assert tags.icon(icon)


def test_a_right_is_asked_of_the_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tags.permissions, "can", lambda user, name, noun: (user, name, noun) == (1, "submit", 2)
    )
    request = SimpleNamespace(user=1)
    assert render('{% can "submit" noun as ok %}{{ ok }}', request=request, noun=2) == "True"


# --- days -------------------------------------------------------------------------------------


def test_days_are_written_the_chinese_way() -> None:
    moment = dt.datetime(2026, 11, 26, 16, 30, tzinfo=dt.UTC)
    assert tags.cn_date(MONDAY) == "2026年11月23日"
    assert tags.cn_day(moment) == "11月27日（周五）"
    assert tags.cn_moment(moment) == "2026年11月27日 00:30"
    assert tags.cn_moment(MONDAY) == "2026年11月23日"
    assert tags.cn_date(dt.datetime(2026, 11, 3, 9, 0)) == "2026年11月3日"  # ruff: ignore[call-datetime-without-tzinfo]
    assert not tags.cn_date(None) + tags.cn_day(None)


def test_days_in_english() -> None:
    with translation.override("en"):
        assert tags.cn_date(MONDAY) == "23 November 2026"
        assert tags.cn_day(MONDAY) == "Monday 23 November"


def test_a_day_does_not_break() -> None:
    assert tags.day(MONDAY) == '<time class="nobr" datetime="2026-11-23">2026年11月23日</time>'
    assert "2026-11-23</time>" in tags.day(MONDAY, "iso")
    assert "无" in tags.day(None)


DEADLINES = [
    (dt.date(2026, 11, 30), "剩 5 个工作日", "neutral"),
    (dt.date(2026, 11, 25), "剩 2 个工作日", "warn"),
    (MONDAY, "今天到期", "warn"),
    (dt.date(2026, 11, 20), "已超期 3 天", "danger"),
]


@pytest.mark.parametrize(("due", "words", "family"), DEADLINES)
def test_deadlines_are_said_in_working_days(due: dt.date, words: str, family: str) -> None:
    html = render("{% deadline due calendar %}", due=due, calendar=PLAIN, request=at_noon(MONDAY))
    assert words in html
    assert f"st-{family}" in html


def test_deadlines_without_a_calendar_count_days_and_stopped_clocks_say_why() -> None:
    request = at_noon(MONDAY)
    assert "剩 7 天" in render("{% deadline due %}", due=dt.date(2026, 11, 30), request=request)
    assert "已过期 3 天" in render("{% deadline due %}", due=dt.date(2026, 11, 20), request=request)
    assert "计时暂停：等待补正" in render(
        '{% deadline due None "等待补正" %}', due=None, request=request
    )
    assert "无" in render("{% deadline due %}", due=None)


# --- values ------------------------------------------------------------------------------------


def test_masks_show_enough_to_compare_and_no_more() -> None:
    assert tags.mask_phone("13800000001") == "138****0001"
    assert tags.mask_phone("") == "****"
    assert tags.mask_name("王小明") == "王某"
    assert tags.mask_name("欧阳小明") == "欧阳某"
    assert not tags.mask_name("")
    assert tags.mask_id("410481199001010017") == "4104**********0017"
    assert tags.mask_id("123") == "****"


def test_phones_and_empty_values() -> None:
    assert tags.phone_groups("13800000001") == "138 0000 0001"
    assert tags.phone_groups("0375-0000000") == "0375-0000000"
    assert tags.tel("0375-0000000") == "03750000000"
    assert tags.tel("+86 375") == "+86375"
    assert tags.filled("") == "未填写"
    assert tags.filled(0) == 0


# --- lists --------------------------------------------------------------------------------------


class Filter(FilterFormMixin, forms.Form):
    q = forms.CharField(label="名称", required=False)
    community = forms.MultipleChoiceField(
        label="社区", choices=[("a", "龙泉社区"), ("b", "湖滨社区")], required=False
    )


def test_chips_name_each_filter_and_lead_to_the_list_without_it() -> None:
    request = RequestFactory().get("/?q=&community=a&community=b&page=3")
    found = tags.chips(Context({"request": request}), Filter(request.GET))
    assert [chip["label"] for chip in found] == ["社区：龙泉社区", "社区：湖滨社区"]
    assert found[0]["url"] == "?q=&community=b"
    assert tags.chosen_count(list(Filter(request.GET))) == 1


def test_pages_are_elided_and_keep_the_filters() -> None:
    page = Paginator(range(100), 5).page(10)
    assert tags.page_numbers(page) == [1, None, 9, 10, 11, None, 20]
    request = RequestFactory().get("/?q=x&page=1")
    assert tags.page_link(Context({"request": request}), 2) == "?q=x&page=2"


def test_a_table_has_a_caption_and_can_be_scrolled_by_keyboard() -> None:
    html = render('{% table_region "列表" %}<tbody></tbody>{% endtable_region %}')
    assert '<caption class="visually-hidden">列表</caption>' in html
    assert 'tabindex="0"' in html
    assert "<tbody></tbody>" in html


# --- menus ---------------------------------------------------------------------------------------


def request_of(user: Any, path: str = "/desk/filings/", **cookies: str) -> Any:
    request = RequestFactory().get(path)
    request.user = user
    request.COOKIES.update(cookies)
    return request


def test_the_side_bar_shows_what_exists_and_may_be_opened() -> None:
    groups = context.desk_menu(request_of(Person(Role.CLERK)))
    names = [item["name"] for group in groups for item in group["items"]]
    assert "desk:filings" in names
    assert all(item["url"] for group in groups for item in group["items"])
    [current] = [i["name"] for g in groups for i in g["items"] if i.get("current")]
    assert current == "desk:filings"


def test_an_evaluator_sees_neither_desk_nor_register() -> None:
    groups = context.desk_menu(request_of(Person(Role.EVALUATOR)))
    names = {item["name"] for group in groups for item in group["items"]}
    assert names == {"panel:home"}
    assert [p["name"] for p in context.places(request_of(Person(Role.EVALUATOR)))] == ["panel:home"]


def test_a_visitor_has_no_places_and_no_desk() -> None:
    visitor = SimpleNamespace(is_authenticated=False)
    assert context.places(request_of(visitor)) == []
    assert context.desk_menu(request_of(visitor)) == []
    assert context.public_menu(request_of(visitor, "/"))


def test_the_bottom_bar_has_at_most_four_places() -> None:
    bar = context.desk_bar(request_of(Person(Role.CLERK, Role.EVALUATOR)))
    assert len(bar) <= 4
    assert bar[-1]["name"] == "core:messages"


def test_a_page_that_is_not_built_is_not_linked() -> None:
    missing = context._item("desk:nowhere", "x", "x")
    assert context._shown(request_of(Person()), (missing,)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "mode"), [("elder", "elder"), ("large", "large"), ("'><x", "standard")]
)
def test_the_display_mode_comes_from_the_cookie(cookie: str, mode: str) -> None:
    request = request_of(Person(), display=cookie)
    assert context.site(request)["display_mode"] == mode


@pytest.mark.django_db
def test_every_page_knows_the_office_and_its_language() -> None:
    known = context.site(request_of(Person()))
    assert known["site"]["phone"]
    assert known["site"]["hotline"] == "12345"
    assert known["html_lang"] == "zh-CN"
    assert known["ribbon"] == "演示环境，数据为虚构"
    with translation.override("en"):
        assert context.site(request_of(Person()))["html_lang"] == "en"
