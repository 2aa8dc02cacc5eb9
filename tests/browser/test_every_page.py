"""Every page as the role that may open it: axe, width, one heading, our words, our own origin.

The list follows the permission table (tests/house/matrix.py): a new route is crawled by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, TransactionTestCase
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from facilities import actions
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Community, OfficialPaper
from tests import makers as make
from tests.browser import places
from tests.browser.browsing import (
    DESK,
    FOREIGN_WORDS,
    HALF_WIDTH_BRACKET,
    PHONE,
    SMALL,
    TABLET,
    Portal,
    overflow,
    violations,
)
from tests.browser.templates import ACCOUNTS, ELSEWHERE, NEVER, drawn, whole_pages
from tests.complaints.cases import STEPS, held
from tests.house.matrix import MATRIX, STAFF
from tests.house.test_matrix import OWN, World
from tests.journeys import waiting
from tests.journeys.test_query_counts import NO_PAGE as NOT_COUNTED

LISTED = 15
# GET routes that answer with a file, a line for machines, or the way to another page.
NO_PAGE = NOT_COUNTED | {
    "my:join_answer", "desk:join_answer", "desk:complaint_file", "desk:complaint_pdf",
    "healthz", "readyz", "core:landing", "core:attachment", "core:attachment_thumbnail",
    "core:paper_pdf", "core:paper_png", "public:facility_short", "public:robots",
    "public:sitemap_xml", "my:autosave",
    "my:staff_template", "my:staff_person_autosave",
    "my:certificate_autosave", "desk:correction_remove", "desk:filing_take",
    "desk:import_template", "desk:import_errors", "desk:job_confirm", "desk:compare_take",
    "desk:compare_leads",
    "desk:job_cancel", "desk:job_retry",
    "desk:merge_withdraw", "desk:verdict", "desk:filings_bulk",
    "desk:complaints_bulk", "desk:complaint_view_new",
    "desk:statutory_remind", "desk:statutory_told",
    # They need a complaint begun or opened in the same browser: a test of their own, below.
    *STEPS,
}  # fmt: skip
PREFERRED = ("anonymous", "operator", "clerk", "approver", "evaluator")
ROUTES = sorted(
    name for name, row in MATRIX.items() if "GET" in row.methods and name not in NO_PAGE
)
STATE_OF = {"desk:decline": "declining"}  # the table is content with a filing to be registered
STATES = (
    "draft", "submitted", "in_review", "correction", "proposed", "registered", "declined",
    "withdrawn",
)  # fmt: skip
TABS = ("registration", "services", "staff", "certificates", "papers", "history", "changes")
GONE = {"core:verify_code": {404}, "public:publication gone": {410}}
# (address, role): states and views of pages that the table names once.
EXTRA = [
    *((f"my:filing {state}", "operator") for state in STATES if state != "draft"),
    *((f"desk:filing {state}", "clerk") for state in STATES if state not in {"draft", "submitted"}),
    ("desk:filing proposed", "approver"),
    ("my:premises correction", "operator"),
    ("my:certificate correction", "operator"),
    *((f"desk:home {role}", role) for role in STAFF if role != "clerk"),
    *((f"desk:facility registered ?tab={tab}", "clerk") for tab in TABS),
    ("core:messages other", "clerk"),
    ("core:verify_code real", "anonymous"),
    ("public:facilities ?q=没有这样的", "anonymous"),
    ("public:facilities ?q=托育&has=vacancy&statutory=filed&page=2", "anonymous"),
    ("public:facilities ?community=nowhere", "anonymous"),
    ("public:disclosure_filings ?q=没有这样的", "anonymous"),
    ("desk:filings ?q=没有这样的", "clerk"),
    ("desk:verdict ?target=premises", "clerk"),
    ("desk:filings_bulk ?act=assign&all=1", "clerk"),
    ("desk:filings_bulk ?act=remind&all=1&state=submitted", "leader"),
    ("desk:complaint_view_new ?category=C8", "handler"),
    ("desk:complaints_bulk ?act=assign&all=1", "approver"),
    ("desk:complaints_bulk ?act=remind&all=1", "handler"),
    ("desk:facilities ?q=没有这样的", "clerk"),
    ("desk:filings ?tab=all&page=1", "clerk"),
    ("core:preferences ?mode=elder", "anonymous"),
]  # fmt: skip
PAGES = [
    *((route, "") for route in ROUTES),
    *EXTRA,
    *((name, role) for name, role, _made, _query in places.STANDING),
]
ERRORS = {
    "400.html": {}, "403.html": {}, "403_csrf.html": {}, "404.html": {}, "410.html": {},
    "413.html": {}, "429.html": {"minutes": 10}, "500.html": {}, "503.html": {},
}  # fmt: skip


class Ground(World):
    """The world of the permission table, with more in it and with messages delivered."""

    def __init__(self) -> None:
        super().__init__()
        for state in STATES:
            self.filing(state, OWN)
        for community in Community.objects.exclude(slug="longquan")[:LISTED]:
            make.submitted_filing(premises={"community": community.slug})
        for state in ("done", "failed"):
            self.job(f"desk:job_{'file' if state == 'done' else 'retry'}", OWN)
        self.made: dict[str, tuple[str, str]] = {}
        waiting.grow(self, 1)  # so that nobody who works finds an empty inbox
        outbox.drain(make.AT)

    def _make(self, state: str, whose: str) -> Any:
        """The states in which the table needs no page of its own."""
        clerk, at = Actor.person(self.clerk), make.AT
        if state == "declining":
            return make.proposed_filing(self.clerk, "decline")
        if state == "correction":
            found = super()._make("in_review", whose)
            asked = ("certificates", "business_licence", "照片看不清，请重新上传")
            actions.add_correction(found, *asked, by=clerk, at=at)
            return actions.request_correction(found, by=clerk, at=at)
        if state == "withdrawn":
            found = super()._make("submitted", whose)
            return actions.withdraw_filing(found, by=Actor.person(found.created_by), at=at)
        if state == "declined":
            found = make.submitted_filing(self.people["operator"])
            found = actions.take_filing(found, by=clerk, at=at)
            found = actions.propose_decision(found, "decline", "场所不在本街道", by=clerk, at=at)
            decider = Actor.person(make.approver())
            return actions.decline_filing(found, "场所不在本街道", by=decider, at=at)
        return super()._make(state, whose)

    def page_of(self, name: str) -> tuple[str, str]:
        """The address of a line of PAGES, and the role it is looked at with."""
        if any(name == line[0] for line in places.STANDING):
            if name not in self.made:
                self.made[name] = places.address_of(self, name)
            return self.made[name]
        route, _, more = name.partition(" ")
        state, query = STATE_OF.get(route) or MATRIX[route].state or "registered", ""
        for word in more.split(" ") if more else ():
            if word.startswith("?"):
                query = word
            elif word in STATES:
                state = word
        if "real" in more:
            return reverse(route, args=[OfficialPaper.objects.first().verify_code]), "anonymous"
        role = next(r for r in (*PREFERRED, *MATRIX[route].ok) if r in MATRIX[route].ok)
        return self.url(route, state, OWN) + query, role


@dataclass
class Crawl:
    """One world, one server, one browser a role for all pages of this file."""

    ground: Ground
    portal: Portal
    pages: dict[Any, Page]

    def open(self, name: str, role: str = "", size: tuple[int, int] = PHONE) -> Page:
        """The page, as the role that may."""
        url, usual = self.ground.page_of(name)
        page = self.of(role or usual)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        watch = self.portal.watch_of(page)
        watch.faults.clear()
        watch.expected = GONE.get(name, set())
        page.goto(url)
        assert page.url == f"{self.portal.url}{quote(url, safe='/?=&:')}", "led elsewhere"
        return page

    def of(self, role: str) -> Page:
        """The browser of a role."""
        if role not in self.pages:
            session = None if role == "anonymous" else self.ground.clients[role]
            self.pages[role] = self.portal.open(session=session)
        return self.pages[role]


@pytest.fixture(scope="module")
def crawl(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[Crawl]:
    """The world is made once; at the end the database gets its first contents back."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: make.AT)
        patch.setattr(settings, "ALLOWED_HOSTS", ["localhost", "testserver"])
        server = LiveServer("localhost")
        patch.setattr(settings, "PUBLIC_ORIGIN", server.url)
        portal = Portal(browser, browser_context_args, server.url)
        try:
            yield Crawl(Ground(), portal, {})
        finally:
            portal.close()
            server.stop()
            TransactionTestCase._fixture_teardown(None)  # type: ignore[arg-type]


def faults_of(page: Page, watch: Any, *, narrow: bool = True) -> list[str]:
    """Everything that is wrong with the page that stands open, a line each."""
    found = [*watch.faults, *violations(page)]
    html = page.locator("html").get_attribute("lang")
    if html != "zh-CN":
        found.append(f"lang is {html}")
    if (count := page.locator("h1").count()) != 1:
        found.append(f"{count} h1")
    # A browser strips a title, so that one without words of its own begins with the dash.
    if not page.title() or page.title().startswith("- "):
        found.append("no title")
    if (count := page.locator("main .btn-primary >> visible=true").count()) > 1:
        found.append(f"{count} primary buttons")
    text = page.locator("body").inner_text()
    found += [f"says {word}" for word in FOREIGN_WORDS if word in text]
    found += [f"half-width bracket: {m.group()}" for m in HALF_WIDTH_BRACKET.finditer(text)]
    return [*found, *(too_wide(page, SMALL, PHONE) if narrow else ())]


def too_wide(page: Page, *sizes: tuple[int, int]) -> list[str]:
    """The widths at which the page that stands open scrolls sideways; it keeps the last one."""
    found = []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        if (more := overflow(page)) > 0:
            found.append(f"{more} px too wide at {width}")
    return found


# The row of a tick or radio counts, not its box (ux.md §7, 23).
SMALL_TARGETS = """
() => [...document.querySelectorAll(
    "a.btn, button, summary, select, textarea, input:not([type=hidden]), .bottom-bar a")]
  .filter(one => one.checkVisibility() && !one.closest(".visually-hidden, .skip-link"))
  .map(one => (one.matches("[type=checkbox], [type=radio]") && one.closest(".form-check")) || one)
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => `target ${Math.round(box.width)}x${Math.round(box.height)}: `
    + one.outerHTML.slice(0, 120))
"""


def small_targets(page: Page) -> list[str]:
    """Controls a thumb would miss."""
    return page.evaluate(SMALL_TARGETS)


PARAMETERS = pytest.mark.parametrize(
    ("name", "role"), PAGES, ids=[f"{name} {role}".strip() for name, role in PAGES]
)


@pytest.mark.proves(
    "ux:1", "ux:2", "ux:3", "ux:4", "ux:6", "ux:7", "ux:11", "ux:23", "ux:60", "prod:U2"
)
@PARAMETERS
def test_every_page_on_a_phone(
    crawl: Crawl, name: str, role: str, pytestconfig: pytest.Config
) -> None:
    """Looked at on a phone; in the long run, once more on a desk, since tables stand there."""
    page = crawl.open(name, role)
    found = faults_of(page, crawl.portal.watch_of(page))
    if name.startswith(("public:", "my:", "core:preferences", "core:verify", "account_")):
        found += small_targets(page)
    if pytestconfig.getoption("--full"):
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        found += [f"at the desk: {fault}" for fault in violations(page)]
        found += too_wide(page, DESK, TABLET)
    assert found == []


# Pages with rows of links, tables, cards and buttons, as those have that read Chinese badly.
ENGLISH = [
    "public:home", "public:facilities", "public:facility", "public:disclosure_filings",
    "account_signup", "core:preferences", "core:messages", "my:home", "my:filing", "my:premises",
    "desk:home", "desk:filings", "desk:filing", "desk:facilities", "desk:leads", "desk:inspections",
    "desk:findings", "desk:complaints", "desk:evaluations", "desk:holidays", "panel:home",
]  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("name", ENGLISH)
def test_the_longer_english_words_fit_too(crawl: Crawl, name: str) -> None:
    url, role = crawl.ground.page_of(name)
    page = crawl.of(role)
    page.goto(f"/en{url}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert too_wide(page, SMALL, PHONE, TABLET, DESK) == []


@pytest.mark.proves("ux:1", "ux:2", "ux:3", "ux:6", "ux:7", "prod:U2")
def test_every_step_of_a_complaint_on_a_phone(crawl: Crawl) -> None:
    """Each with what a browser holds by then: answers, what was just sent, a case it opened."""
    page, found = crawl.portal.open(), {}
    watch = crawl.portal.watch_of(page)
    for route in (*STEPS, "complaints:track", "complaints:urgent"):
        if route == "complaints:receipt":
            continue  # a picture
        cookies = held("complaints:check" if route == "complaints:urgent" else route)
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {"name": name, "value": each.value, "url": crawl.portal.url}
                for name, each in cookies.items()
            ]
        )
        page.goto(reverse(route))
        assert page.url == f"{crawl.portal.url}{reverse(route)}", "led elsewhere"
        found[route] = faults_of(page, watch)
        watch.faults.clear()
    assert {route: faults for route, faults in found.items() if faults} == {}


@pytest.fixture(scope="module")
def answers(crawl: Crawl) -> tuple[dict[str, set[str]], set[str]]:
    """Each page asked for once: the addresses of each title, and the templates that were drawn."""
    titles: dict[str, set[str]] = {}
    standing = {line[0] for line in places.STANDING}
    with drawn() as names:
        for name, role in PAGES:
            if name in standing:
                continue  # the makers give many objects one name; their routes are in the list
            url, usual = crawl.ground.page_of(name)
            html = crawl.ground.clients[role or usual].get(url).content.decode()
            title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
            assert title, url
            titles.setdefault(title[1].strip(), set()).add(url.partition("?")[0])
    return titles, names


def test_every_page_has_a_title_of_its_own(answers: tuple[dict[str, set[str]], set[str]]) -> None:
    """Pages of different routes, and pages about different things, are told apart by the title."""
    titles, _names = answers
    assert {title: urls for title, urls in titles.items() if len(urls) > 1} == {}


def test_every_whole_page_is_looked_at(
    crawl: Crawl, answers: tuple[dict[str, set[str]], set[str]]
) -> None:
    """Each template that fills a window is drawn by a page of the list, or named with its test."""
    named = {*ERRORS, *ACCOUNTS, *ELSEWHERE, *NEVER}
    assert named - whole_pages() == set()
    with drawn() as names:
        for route in (*STEPS, "complaints:track"):
            visitor = Client()
            visitor.cookies.update(held(route))
            visitor.get(reverse(route))
        for name, role, _made, _query in places.STANDING:
            if name.startswith("public:"):  # the others repeat what the routes draw
                crawl.ground.clients[role].get(crawl.ground.page_of(name)[0])
    assert whole_pages() - named - names - answers[1] == set()


# --- the three ways to look at a page -----------------------------------------------------------


MODE_PAGES = [
    ("public:home", "anonymous"), ("public:facilities", "anonymous"),
    ("public:facility", "anonymous"), ("account_signup", "anonymous"), ("my:home", "operator"),
    ("my:filing", "operator"), ("my:premises", "operator"), ("my:check", "operator"),
    ("core:messages", "operator"), ("core:preferences", "operator"),
]  # fmt: skip


@pytest.mark.proves("ux:24")
def test_the_way_to_read_is_kept(crawl: Crawl) -> None:
    """Chosen on the page, it holds on the next one, and there is a way back."""
    page = crawl.portal.open()
    page.goto(reverse("public:home"))
    page.get_by_role("link", name="长者版").click()
    page.locator("main form button.btn-primary").click()
    expect(page.locator("html")).to_have_class("elder")
    page.goto(reverse("public:facilities"))
    page.reload()
    expect(page.locator("html")).to_have_class("elder")
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 24
    page.get_by_role("button", name="返回标准版").click()
    expect(page.locator("html")).not_to_have_class("elder")


@pytest.mark.proves("ux:24")
@pytest.mark.parametrize("mode", [pytest.param("large", marks=pytest.mark.full), "elder"])
@pytest.mark.parametrize(("name", "role"), MODE_PAGES)
def test_larger_letters_lose_nothing(crawl: Crawl, mode: str, name: str, role: str) -> None:
    page = crawl.of(role)
    cookie = {"name": "display", "value": mode, "url": crawl.portal.url}
    page.context.add_cookies([cookie])
    try:
        crawl.open(name, role)
        expect(page.locator("html")).to_have_class(mode)
        found = [*crawl.portal.watch_of(page).faults, *violations(page), *small_targets(page)]
        if (more := overflow(page)) > 0:
            found.append(f"{more} px too wide")
        if mode == "elder":
            main = page.locator("main .btn-primary >> visible=true").all()
            boxes = [box for each in main if (box := each.bounding_box())]
            found += [f"{box['height']} px high" for box in boxes if box["height"] < 59.5]
        assert found == []
    finally:
        page.context.clear_cookies(name="display")


# --- when something is wrong --------------------------------------------------------------------


def look(
    crawl: Crawl, page: Page, url: str = "", *, thumbs: bool = True, status: int = 200
) -> list[str]:
    """The faults of a page that is opened now, or stands open."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    watch = crawl.portal.watch_of(page)
    if url:
        watch.faults.clear()
        watch.expected = {status}
        page.goto(url)
    return [*faults_of(page, watch), *(small_targets(page) if thumbs else ())]


@pytest.mark.proves("ux:33")
@pytest.mark.parametrize("template", ERRORS)
def test_error_pages(crawl: Crawl, template: str) -> None:
    page = crawl.of("anonymous")
    body = render_to_string(template, ERRORS[template])
    page.route(
        "**/looked-at/",
        lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"),
    )
    found = look(crawl, page, "/looked-at/")
    page.unroute("**/looked-at/")
    assert found == []
    assert "0375-0000000" in page.locator("main").inner_text()
    assert "Traceback" not in body


@pytest.mark.proves("ux:33")
def test_refusals_look_like_the_portal(crawl: Crawl) -> None:
    """Not found, not allowed, a form without its token: as they come from the server."""
    page = crawl.of("operator")
    assert look(crawl, page, "/nowhere/", status=404) == []
    expect(page.locator("h1")).to_have_text("没有找到这个页面")
    assert look(crawl, page, reverse("desk:home"), status=403) == []
    expect(page.locator("h1")).to_have_text("这一项不能由您查看或办理")
    page.goto(reverse("my:filing_start"))
    page.locator("main [name=csrfmiddlewaretoken]").evaluate("field => field.remove()")
    page.locator("main form button.btn-primary").click()
    expect(page.locator("h1")).to_have_text("页面停留太久，没有提交成功")
    assert look(crawl, page) == []


EMPTY = """
form => { for (const one of form.elements) {
  if (["text", "password", "tel", "textarea"].includes(one.type)) one.value = "";
  if (["radio", "checkbox"].includes(one.type)) one.checked = false;
  if (one.tagName === "SELECT") one.value = "";
} }
"""
# Route, state of a filing of its own, role, and how many faults an empty form has at least.
FORMS = [
    ("account_signup", "", "anonymous", 5), ("account_login", "", "anonymous", 2),
    ("my:registration", "draft", "operator", 8),
    ("my:premises", "draft", "operator", 8), ("my:declaration", "draft", "operator", 2),
    ("desk:correction_add", "in_review", "clerk", 2), ("desk:propose", "in_review", "clerk", 1),
    ("desk:hand_back", "proposed", "approver", 1), ("desk:decline", "declining", "approver", 1),
    ("desk:statutory", "registered", "clerk", 1),
]  # fmt: skip


def of_its_own(crawl: Crawl, route: str, state: str) -> str:
    """The address of the route for an object that only this test touches."""
    ground, key = crawl.ground, (state, "own, for forms")
    if not state:
        return reverse(route)
    if key not in ground.states:
        ground.states[key] = ground._make(state, OWN)
    filing = ground.states[key]
    if route == "my:declaration":
        filing = make.complete_filing(ground.people["operator"])
    return reverse(
        route, args=[filing.facility.code if route == "desk:statutory" else filing.number]
    )


@pytest.mark.proves("ux:10", "ux:11")
@pytest.mark.parametrize(("route", "state", "role", "least"), FORMS, ids=[f[0] for f in FORMS])
def test_an_empty_form_says_what_is_missing(
    crawl: Crawl, route: str, state: str, role: str, least: int
) -> None:
    page, thumbs = crawl.of(role), not route.startswith("desk:")
    assert look(crawl, page, of_its_own(crawl, route, state), thumbs=thumbs) == []
    page.locator("main form:has(.form-actions)").last.evaluate(EMPTY)
    page.locator("main .form-actions button").first.click()
    assert the_summary_leads(page) >= least
    assert look(crawl, page, thumbs=thumbs) == []


@pytest.mark.proves("ux:10", "ux:11")
@pytest.mark.parametrize(
    ("made", "role", "least"), places.EMPTY_FORMS, ids=[f[0].route for f in places.EMPTY_FORMS]
)
def test_the_other_empty_forms_say_so_too(crawl: Crawl, made: Any, role: str, least: int) -> None:
    page, url = crawl.of(role), made(crawl.ground)
    thumbs = not url.startswith("/desk/")
    assert look(crawl, page, url, thumbs=thumbs) == []
    page.locator("main form:has(.form-actions)").last.evaluate(EMPTY)
    page.locator("main .form-actions button").first.click()
    assert the_summary_leads(page) >= least
    assert look(crawl, page, thumbs=thumbs) == []


def the_summary_leads(page: Page) -> int:
    """有 N 处需要修改, focused; N lines; each link leads to a control that says the same."""
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile(r"^错误："))
    lines = summary.locator("li")
    count = lines.count()
    expect(summary.get_by_role("heading")).to_have_text(f"有 {count} 处需要修改")
    for number in range(count):
        way = lines.nth(number).get_by_role("link")
        if way.count():
            words = way.inner_text()
            way.click()
            control = page.locator(":focus")
            box = control.locator("xpath=ancestor::div[contains(@class, 'field')][1]")
            said = box.locator(".field-error").inner_text()
            assert words.rpartition("：")[2] in said, (words, said)
    return count
