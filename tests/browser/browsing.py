"""What all browser tests share: people with browsers of their own, and a watch over each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from portal.core.models import User
from tests import makers

# Three browsers and their servers share two cores; what is there at once is not waited for.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

SMALL, PHONE, TABLET, DESK = (320, 640), (375, 812), (768, 1024), (1366, 900)
BACKEND = "portal.core.accounts.SignedIn"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Django's own sentences (ux.md §7, 11), and words the portal does not use (60).
FOREIGN_WORDS = (
    "这个字段是必填项", "确保该变量", "确保该值", "输入一个有效的", "请选择一个有效的选项",
    "操作成功", "操作失败", "系统异常", "！",
)  # fmt: skip
OWN_SCHEMES = {"data", "blob", "about", "chrome", "chrome-extension"}
HALF_WIDTH_BRACKET = re.compile(r"[\u4e00-\u9fff][()]|[()][\u4e00-\u9fff]")


@dataclass
class Wall:
    """The clock on the wall: the portal reads it, a test moves it."""

    at: dt.datetime

    def forward(self, **step: float) -> dt.datetime:
        """Let time pass."""
        self.at += dt.timedelta(**step)
        return self.at


@dataclass
class Watch:
    """Everything a browser should not have met: each is one line."""

    origin: str
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    quiet: str = "\0"

    def over(self, context: BrowserContext) -> None:
        """Look at each request, answer, console line and script error of the context."""
        context.on("request", lambda request: self._address(request.url))
        context.on("response", self._answer)
        context.on("console", lambda line: self._console(line.type, line.text))
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        is_ours = f"{parts.scheme}://{parts.netloc}" == self.origin
        if parts.scheme not in OWN_SCHEMES and not is_ours:
            self.faults.append(f"another origin: {url}")

    def _answer(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")

    def _console(self, kind: str, text: str) -> None:
        # The browser repeats there every answer above 400; those are judged by their number.
        if kind in {"error", "warning"} and "Failed to load" not in text and self.quiet not in text:
            self.faults.append(f"console: {text}")


@dataclass
class Portal:
    """The running portal and the browsers that look at it."""

    browser: Browser
    context_args: dict[str, Any]
    url: str
    watches: list[Watch] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        size: tuple[int, int] = PHONE,
        *,
        script: bool = True,
        user: User | None = None,
        session: Client | None = None,
        **options: Any,
    ) -> Page:
        """A browser of one person's own, with one page; `user` is signed in already."""
        viewport = {"width": size[0], "height": size[1]}
        # Bootstrap scrolls smoothly: pretty for people, slow to wait for.
        still = {"reduced_motion": "reduce", "base_url": self.url, **options}
        given = {**self.context_args, "viewport": viewport, **still}
        context = self.browser.new_context(**given, java_script_enabled=script)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        watch = Watch(self.url)
        watch.over(context)
        self.watches.append(watch)
        if user or session:
            self.sign_in(context, session or client_of(user))
        return context.new_page()

    def sign_in(self, context: BrowserContext, client: Client) -> None:
        """Hand the session of a client to the browser."""
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": self.url, "httpOnly": True}])

    def watch_of(self, page: Page) -> Watch:
        """What was seen in this person's browser."""
        return self.watches[self.contexts.index(page.context)]

    @property
    def faults(self) -> list[str]:
        """What was seen in all browsers."""
        return [fault for watch in self.watches for fault in watch.faults]

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()


def client_of(user: User | None) -> Client:
    """A session without the sign-in page."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def address(name: str, *args: Any) -> str:
    """The path of a page."""
    return reverse(name, args=args)


def sign_in(page: Page, username: str, password: str = makers.PASSWORD) -> None:
    """Sign in on the page, as people do."""
    page.goto(address("account_login"))
    fill_sign_in(page, username, password)


def fill_sign_in(page: Page, username: str, password: str = makers.PASSWORD) -> None:
    """Fill the sign-in page that stands open."""
    page.get_by_label("账号", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def answer(page: Page, values: dict[str, Any]) -> None:
    """Put values into the controls of these names, whatever kind they are."""
    for name, value in values.items():
        control = page.locator(f"[name='{name}']").locator("visible=true")
        kind = control.first.evaluate("element => element.type")
        if kind == "checkbox" and isinstance(value, list):
            for box in control.all():
                box.set_checked(box.get_attribute("value") in value)
        elif kind == "radio":
            page.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "checkbox":
            control.set_checked(bool(value))
        elif kind == "select-one":
            control.select_option(str(value))
        else:
            control.fill(str(value))


def button(page: Page, name: str) -> Any:
    """A button of the page's own part, by the word on it."""
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def link(page: Page, name: str, *, exact: bool = False) -> Any:
    """A link of the page's own part, by its words."""
    return page.get_by_role("main").get_by_role("link", name=name, exact=exact)


def heading(page: Page, words: str) -> None:
    """The one heading says this."""
    expect(page.locator("h1")).to_contain_text(words)


def says(page: Page, words: str) -> None:
    """The page's own part holds these words."""
    expect(page.get_by_role("main")).to_contain_text(words)


def violations(page: Page) -> list[str]:
    """What axe finds, each with the first element."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "options => axe.run(options).then(all => all.violations)",
        {
            "runOnly": {"type": "tag", "values": AXE_TAGS},
            "resultTypes": ["violations"],
            "iframes": False,
        },
    )
    return [
        f"{each['id']}: {each['help']} ({len(each['nodes'])}) {each['nodes'][0]['html'][:160]}"
        for each in found
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
