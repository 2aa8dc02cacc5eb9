"""The ten tests of Mozilla's HTTP Observatory, on live answers of the web server of production.

Each test of the Observatory is a judge: a pure function that tells in a word what is wrong with an
answer, or nothing. The answers come from `./run`'s own gunicorn behind a proxy that ends TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import reverse

from tests.house.in_earnest import HOST, OVER_TLS, Answer, InEarnest

Judge = Callable[[Answer], str]
HALF_A_YEAR = 180 * 86400
FETCHES = ("script-src", "style-src", "object-src", "img-src", "connect-src")
TOO_WIDE = {"*", "http:", "https:", "ws:", "wss:"}
STRICT_REFERRERS = {
    "no-referrer",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
}


# --- the judges -----------------------------------------------------------------------------------


def policy_of(answer: Answer) -> dict[str, list[str]]:
    """The directives of the policy with their sources."""
    parts = [part.split() for part in answer.one("Content-Security-Policy").split(";")]
    return {part[0].lower(): part[1:] for part in parts if part}


def content_security_policy(answer: Answer) -> str:
    """1: nothing is fetched but what is named, and nothing inline runs."""
    policy = policy_of(answer)
    if "default-src" not in policy:
        return "no default-src"
    for name in ("default-src", *FETCHES):
        sources = {each.lower() for each in policy.get(name, policy["default-src"])}
        if unsafe := [each for each in sources if each.startswith("'unsafe-")]:
            return f"{name}: {unsafe}"
        if wide := sources & (TOO_WIDE | ({"data:"} if name in FETCHES[:3] else set())):
            return f"{name}: {wide}"
    return ""


def cookies(answer: Answer) -> str:
    """2: over TLS only, out of reach of scripts, of this host alone, not sent along by others."""
    for cookie in answer.all("Set-Cookie"):
        name, *marks = [part.strip() for part in cookie.split(";")]
        said = {mark.lower() for mark in marks}
        if not name.startswith("__Host-"):
            return f"no __Host-: {name}"
        if missing := {"secure", "httponly", "path=/"} - said:
            return f"{name}: without {missing}"
        if not said & {"samesite=lax", "samesite=strict"}:
            return f"{name}: without SameSite"
        if any(mark.startswith("domain=") for mark in said):
            return f"{name}: with a domain"
    return ""


def cross_origin_resource_sharing(answer: Answer) -> str:
    """3: no other site may read; but for files of the site, which say nothing of anybody."""
    allowed = answer.one("Access-Control-Allow-Origin")
    if allowed not in {"", "*"}:
        return f"lets in {allowed}"
    if answer.one("Access-Control-Allow-Credentials"):
        return "lets in with cookies"
    if allowed and (answer.all("Set-Cookie") or "html" in answer.one("Content-Type")):
        return "a page is open to all"
    return ""


def redirection(answer: Answer) -> str:
    """4: whoever comes by http is sent to https, on the same host, at once."""
    where = urlsplit(answer.one("Location"))
    if answer.status not in {301, 308}:
        return f"answers {answer.status} by http"
    return "" if (where.scheme, where.netloc) == ("https", HOST) else f"leads to {where.geturl()}"


def referrer_policy(answer: Answer) -> str:
    """5: other sites learn at most the name of this one."""
    said = answer.one("Referrer-Policy").lower()
    return "" if said in STRICT_REFERRERS else f"says {said or 'nothing'}"


def strict_transport_security(answer: Answer) -> str:
    """6: browsers keep to https for half a year and more."""
    found = re.search(r"max-age=(\d+)", answer.one("Strict-Transport-Security"))
    if found is None:
        return "missing"
    return "" if int(found[1]) >= HALF_A_YEAR else f"only {found[1]} s"


class _Scripts(HTMLParser):
    """What a page runs and how it dresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        where = given.get("src") if tag == "script" else None
        if tag == "link" and "stylesheet" in given.get("rel", "").split():
            where = given.get("href")
        if where is not None:
            self.found.append((where, bool(given.get("integrity"))))


def scripts_of(answer: Answer) -> list[tuple[str, bool]]:
    """The addresses of scripts and styles of a page, and whether each is pinned."""
    reader = _Scripts()
    if "html" in answer.one("Content-Type"):
        reader.feed(answer.text)
    return reader.found


def subresource_integrity(answer: Answer) -> str:
    """7: scripts are this site's own, or pinned by their hash."""
    for where, is_pinned in scripts_of(answer):
        full = urlsplit(urljoin(f"https://{HOST}/", where))
        if full.scheme != "https" or (full.netloc != HOST and not is_pinned):
            return f"takes {where}"
    return ""


def x_content_type_options(answer: Answer) -> str:
    """8: types are not guessed."""
    return "" if answer.one("X-Content-Type-Options").lower() == "nosniff" else "types are guessed"


def x_frame_options(answer: Answer) -> str:
    """9: no other site frames it, by the policy or by the older header."""
    ancestors = policy_of(answer).get("frame-ancestors")
    if ancestors is not None:
        return "" if ancestors in (["'self'"], ["'none'"]) else f"framed by {ancestors}"
    said = answer.one("X-Frame-Options").upper()
    return "" if said in {"DENY", "SAMEORIGIN"} else f"says {said or 'nothing'}"


def cross_origin_resource_policy(answer: Answer) -> str:
    """10: no other site builds it in."""
    said = answer.one("Cross-Origin-Resource-Policy")
    return "" if said in {"same-origin", "same-site"} else f"says {said or 'nothing'}"


# --- each judge finds what is planted, and nothing in a sound answer ------------------------------

SOUND = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; frame-ancestors 'self'",
    "Set-Cookie": "__Host-csrf=x; HttpOnly; Path=/; SameSite=Lax; Secure",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGE = '<link rel="stylesheet" href="/static/a.css"><script src="/static/a.js"></script>'


def planted(text: str = PAGE, status: int = 200, **changed: str | None) -> Answer:
    """The sound answer with other headers (None: without it); names are written with a _."""
    headers = SOUND | {name.replace("_", "-"): value for name, value in changed.items()}
    return Answer(status, [(k, v) for k, v in headers.items() if v is not None], text)


def policy(text: str) -> Answer:
    return planted(Content_Security_Policy=text)


def cookie(text: str) -> Answer:
    return planted(Set_Cookie=text)


MOVED = planted(status=301, Location=f"https://{HOST}/")
BAD: list[tuple[Judge, Answer]] = [
    (content_security_policy, planted(Content_Security_Policy=None)),
    (content_security_policy, policy("script-src 'self'")),
    (content_security_policy, policy("default-src 'self' 'unsafe-inline'")),
    (content_security_policy, policy("default-src 'self'; script-src 'self' 'unsafe-eval'")),
    (content_security_policy, policy("default-src 'self'; style-src 'unsafe-inline'")),
    (content_security_policy, policy("default-src *")),
    (content_security_policy, policy("default-src 'self'; script-src https:")),
    (content_security_policy, policy("default-src 'self'; script-src data:")),
    (cookies, cookie("session=x; HttpOnly; Path=/; SameSite=Lax; Secure")),
    (cookies, cookie("__Host-session=x; HttpOnly; Path=/; SameSite=Lax")),
    (cookies, cookie("__Host-session=x; Path=/; SameSite=Lax; Secure")),
    (cookies, cookie("__Host-session=x; HttpOnly; Path=/; Secure")),
    (cookies, cookie("__Host-session=x; HttpOnly; Path=/; SameSite=None; Secure")),
    (cookies, cookie("__Host-session=x; HttpOnly; Path=/a; SameSite=Lax; Secure")),
    (cookies, cookie("__Host-a=x; HttpOnly; Path=/; SameSite=Lax; Secure; Domain=example")),
    (cross_origin_resource_sharing, planted(Access_Control_Allow_Origin="https://evil.example")),
    (cross_origin_resource_sharing, planted(Access_Control_Allow_Origin="null")),
    (cross_origin_resource_sharing, planted(Access_Control_Allow_Origin="*")),
    (cross_origin_resource_sharing, planted(Access_Control_Allow_Credentials="true")),
    (redirection, planted()),
    (redirection, planted(status=302, Location=f"https://{HOST}/")),
    (redirection, planted(status=301, Location=f"http://{HOST}/")),
    (redirection, planted(status=301, Location="https://evil.example/")),
    (redirection, planted(status=301, Location="/")),
    (referrer_policy, planted(Referrer_Policy=None)),
    (referrer_policy, planted(Referrer_Policy="unsafe-url")),
    (referrer_policy, planted(Referrer_Policy="no-referrer-when-downgrade")),
    (strict_transport_security, planted(Strict_Transport_Security=None)),
    (strict_transport_security, planted(Strict_Transport_Security="max-age=86400")),
    (subresource_integrity, planted('<script src="https://cdn.example/a.js"></script>')),
    (subresource_integrity, planted('<script src="//cdn.example/a.js"></script>')),
    (subresource_integrity, planted(f'<script src="http://{HOST}/a.js"></script>')),
    (subresource_integrity, planted('<link rel="stylesheet" href="https://cdn.example/a.css">')),
    (x_content_type_options, planted(X_Content_Type_Options=None)),
    (x_content_type_options, planted(X_Content_Type_Options="sniff")),
    (x_frame_options, policy("default-src 'self'; frame-ancestors *")),
    (x_frame_options, planted(Content_Security_Policy="default-src 'self'", X_Frame_Options=None)),
    (x_frame_options, planted(Content_Security_Policy=None, X_Frame_Options="ALLOW-FROM a")),
    (cross_origin_resource_policy, planted(Cross_Origin_Resource_Policy=None)),
    (cross_origin_resource_policy, planted(Cross_Origin_Resource_Policy="cross-origin")),
]  # fmt: skip
JUDGES: tuple[Judge, ...] = tuple(dict.fromkeys(judge for judge, _answer in BAD))


@pytest.mark.parametrize(
    ("judge", "answer"), BAD, ids=[f"{judge.__name__}-{n}" for n, (judge, _) in enumerate(BAD)]
)
def test_a_planted_fault_is_found(judge: Judge, answer: Answer) -> None:
    assert judge(answer)


def test_the_ten_find_nothing_in_a_sound_answer() -> None:
    assert len(JUDGES) == 10
    found = [judge(MOVED if judge is redirection else planted()) for judge in JUDGES]
    assert found == [""] * 10
    pinned = '<script src="https://cdn.example/a.js" integrity="sha384-x"></script>'
    assert not subresource_integrity(planted(pinned))
    public = planted(Access_Control_Allow_Origin="*", Content_Type="text/css", Set_Cookie=None)
    assert not cross_origin_resource_sharing(public)


# --- live -----------------------------------------------------------------------------------------

STATUSES = {"home": 200, "sign-in": 200, "not found": 404, "not allowed": 403, "file": 200,
            "health": 200}  # fmt: skip


class Site:
    """The same addresses by https, and by http, as a stranger's page would have them asked for."""

    def __init__(self, portal: InEarnest) -> None:
        self.portal = portal
        self.paths = {
            "home": "/",
            "sign-in": reverse("account_login"),
            "not found": "/nowhere/",
            "not allowed": reverse("desk:users"),
            "health": "/healthz",
        }
        self.paths["file"] = next(
            where for where, _pinned in scripts_of(self.ask("home")) if where.endswith(".css")
        )
        self.answers = {kind: self.ask(kind) for kind in STATUSES}

    def ask(self, kind: str, scheme: str = "https") -> Answer:
        headers = {**OVER_TLS, "X-Forwarded-Proto": scheme, "Origin": "https://evil.example"}
        if kind == "not allowed":
            headers["Cookie"] = f"__Host-session={self.portal.keys[0]}"
        return self.portal.ask(self.paths[kind], headers)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    portal = InEarnest()
    try:
        portal.prepare()
        portal.start("web")
        portal.wait_for_web()
        yield Site(portal)
    finally:
        portal.close()


@pytest.mark.full
def test_the_pages_are_what_they_are_taken_for(site: Site) -> None:
    """Else the judges would look at the wrong ones, or at nothing."""
    assert {kind: answer.status for kind, answer in site.answers.items()} == STATUSES
    assert any(where.endswith(".js") for where, _pinned in scripts_of(site.answers["home"]))
    assert "__Host-csrf" in site.answers["sign-in"].one("Set-Cookie")
    assert "__Host-session" in site.answers["not allowed"].one("Set-Cookie")
    assert re.search(r"\.[0-9a-f]{12}\.css$", site.paths["file"])  # as production names it


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_1_content_security_policy(site: Site, kind: str) -> None:
    assert not content_security_policy(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_2_cookies(site: Site, kind: str) -> None:
    assert not cookies(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_3_cross_origin_resource_sharing(site: Site, kind: str) -> None:
    assert not cross_origin_resource_sharing(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", [kind for kind in STATUSES if kind != "health"])
def test_4_redirection(site: Site, kind: str) -> None:
    moved = site.ask(kind, "http")
    assert not redirection(moved)
    assert urlsplit(moved.one("Location")).path == site.paths[kind]


@pytest.mark.full
@pytest.mark.proves("sec:X11")
def test_4_only_the_health_of_the_process_is_told_by_http(site: Site) -> None:
    """The containers ask for it from within; it says nothing and leaves no cookie."""
    told = site.ask("health", "http")
    assert (told.status, told.all("Set-Cookie")) == (200, [])
    assert len(told.text) < 10


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_5_referrer_policy(site: Site, kind: str) -> None:
    assert not referrer_policy(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_6_strict_transport_security(site: Site, kind: str) -> None:
    assert not strict_transport_security(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_7_subresource_integrity(site: Site, kind: str) -> None:
    assert not subresource_integrity(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_8_x_content_type_options(site: Site, kind: str) -> None:
    assert not x_content_type_options(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_9_x_frame_options(site: Site, kind: str) -> None:
    assert not x_frame_options(site.answers[kind])


@pytest.mark.full
@pytest.mark.proves("sec:X11", "sec:G6")
@pytest.mark.parametrize("kind", STATUSES)
def test_10_cross_origin_resource_policy(site: Site, kind: str) -> None:
    assert not cross_origin_resource_policy(site.answers[kind])
