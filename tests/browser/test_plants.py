"""The look at a page reports each fault that is planted in it, and nothing in a sound page.

The page is one of nobody's: it is handed to the browser under an address that no server has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.browsing import PHONE, SMALL, Portal
from tests.browser.test_every_page import faults_of, small_targets, too_wide

OURS, FOREIGN = "http://portal.test", "http://elsewhere.test"
SOUND = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>示例 - 平台</title>
<style>button { min-height: 48px; min-width: 48px; color: #000; background: #fff }</style></head>
<body><main><h1>示例</h1><p>一段话（说明）</p>
<button class="btn-primary">提交</button></main></body>
</html>"""
Shows = Callable[[str], Page]


@pytest.fixture
def portal(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Portal]:
    """Browsers that look at nobody's server."""
    made = Portal(browser, browser_context_args, OURS)
    yield made
    made.close()


@pytest.fixture
def shows(portal: Portal) -> Shows:
    """A browser that is given this text as the page; whatever else it asks for is not there."""

    def answer(route: Route, html: str) -> None:
        if route.request.url == f"{OURS}/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404 if route.request.url.startswith(OURS) else 200)

    def open_page(html: str) -> Page:
        page = portal.open(PHONE)
        page.route("**/*", lambda route: answer(route, html))
        page.goto("/")
        return page

    return open_page


def test_a_sound_page_is_left_alone(portal: Portal, shows: Shows) -> None:
    page = shows(SOUND)
    assert faults_of(page, portal.watch_of(page)) == []
    assert small_targets(page) == []


IN_MAIN = "</main>"
PLANTED = {
    "axe": (IN_MAIN, "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></main>", "image-alt:"),
    "contrast": ("<p>", "<p style='color: #ddd; background: #fff'>", "color-contrast:"),
    "sideways": (IN_MAIN, "<div style='width: 350px'>宽</div></main>", "px too wide at 320"),
    "another origin": (
        IN_MAIN,
        f"<img alt='' src='{FOREIGN}/dot.png'></main>",
        f"another origin: {FOREIGN}/dot.png",
    ),
    "not there": (IN_MAIN, "<img alt='' src='/gone.png'></main>", f"404: GET {OURS}/gone.png"),
    "console": (IN_MAIN, "<script>console.error('planted')</script></main>", "console: planted"),
    "script": (IN_MAIN, "<script>nowhere()</script></main>", "script: nowhere is not defined"),
    "language": ('lang="zh-CN"', 'lang="en"', "lang is en"),
    "two headings": (IN_MAIN, "<h1>又一个</h1></main>", "2 h1"),
    "no heading": ("<h1>示例</h1>", "<h2>示例</h2>", "0 h1"),
    "no title": ("<title>示例 - 平台</title>", "<title></title>", "no title"),
    "title of the portal alone": (
        "<title>示例 - 平台</title>",
        "<title> - 平台</title>",
        "no title",
    ),
    "two buttons": (
        IN_MAIN,
        "<button class='btn-primary'>保存</button></main>",
        "2 primary buttons",
    ),
    "words": ("一段话", "操作成功", "says 操作成功"),
    "bracket": ("（说明）", "(说明)", "half-width bracket: 话("),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_reported(portal: Portal, shows: Shows, name: str) -> None:
    old, new, told = PLANTED[name]
    assert SOUND.count(old) == 1
    page = shows(SOUND.replace(old, new))
    found = faults_of(page, portal.watch_of(page))
    assert any(told in line for line in found), found


def test_a_planted_width_is_reported_where_it_is_too_much(shows: Shows) -> None:
    page = shows(SOUND.replace(IN_MAIN, "<div style='width: 350px'>宽</div></main>"))
    (found,) = too_wide(page, SMALL, PHONE)
    assert found.endswith("px too wide at 320")


@pytest.mark.parametrize(
    "control",
    [
        "<button style='min-height: 0; height: 20px'>小</button>",
        "<a class='btn' href='#'>小</a>",
        "<label class='form-check'><input type='checkbox'> 小</label>",
    ],
)
def test_a_planted_small_target_is_reported(shows: Shows, control: str) -> None:
    page = shows(SOUND.replace(IN_MAIN, f"{control}</main>"))
    (found,) = small_targets(page)
    assert found.startswith("target ")
