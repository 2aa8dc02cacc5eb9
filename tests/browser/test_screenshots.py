"""The pictures of the README, taken from the demo on a fixed day.

`UPDATE_SCREENSHOTS=1 ./test tests/browser/test_screenshots.py --full` writes them anew; without it
the pages are looked at, drawn, and found complete, and the files are only measured.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from facilities.models import Filing
from portal.core.models import OfficialPaper, User
from portal.site import demo
from tests.browser.browsing import DESK, PHONE, Portal, Wall, address, overflow

pytestmark = [pytest.mark.full, pytest.mark.lasting(4), pytest.mark.proves("ux:18", "ux:26")]
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
MOST_BYTES = 150_000
DAY = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)  # Monday 9:30 in Shanghai
PAGE_WIDTH = 640
PRINTED = "http://127.0.0.1:8000"  # where ./run serves; papers print it


def test_the_pictures_of_the_readme(portal: Portal, wall: Wall, settings: Any) -> None:
    """One telling of the demo (it takes some seconds), looked at by everybody."""
    wall.at = DAY
    settings.PUBLIC_ORIGIN = PRINTED
    demo.tell(DAY)
    for_residents(portal)
    for_operators(portal)
    for_officials(portal)
    a_receipt(portal)


def person(username: str) -> User:
    """A post of the demo."""
    return User.objects.get(username=username)


def keep(name: str, picture: bytes) -> None:
    """Write the picture when asked to; else see that the committed one is of its kind."""
    path = FOLDER / name
    small = squeezed(picture)
    if os.environ.get("UPDATE_SCREENSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(small)
    assert path.exists(), "run with UPDATE_SCREENSHOTS=1"
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as kept, Image.open(io.BytesIO(small)) as fresh:
        assert kept.width == fresh.width


def squeezed(picture: bytes) -> bytes:
    """The same picture in a palette of its own: letters and plain grounds need no more."""
    for colours in (256, 128, 64, 32):
        with Image.open(io.BytesIO(picture)) as opened:
            plain = opened.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        out = io.BytesIO()
        plain.save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def shot(page: Page, name: str, url: str, *, height: int | None = None, **options: Any) -> None:
    """The page, complete: its heading, its styles, its pictures, no sideways scroll."""
    if height:
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.goto(url, wait_until="networkidle")
    expect(page.locator("h1")).to_be_visible()
    assert overflow(page) <= 0
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth)")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("-apple-system")
    page.evaluate("document.fonts.ready")
    keep(name, page.screenshot(animations="disabled", caret="hide", **options))


def for_residents(told: Portal) -> None:
    page = told.open(PHONE)
    shot(page, "home-375.png", address("public:home"), height=1400)
    page.goto(address("public:facilities") + "?q=托育")
    page.locator(".card-title a, .fac a").first.click()
    expect(page.locator("dl.lines")).to_be_visible()
    shot(page, "facility-375.png", page.url, height=1400)


def for_operators(told: Portal) -> None:
    filing = Filing.objects.filter(state="draft").exclude(facility_name="").first()
    assert filing
    page = told.open(PHONE, user=filing.created_by)
    shot(page, "tasklist-375.png", address("my:filing", filing.number), height=1130)


def for_officials(told: Portal) -> None:
    page = told.open(DESK, user=person("clerk"))
    shot(page, "inbox-1366.png", address("desk:home"))
    filing = Filing.objects.filter(state="in_review").order_by("number").first()
    assert filing
    # The reader of PDF files is not part of every browser: a paper that is a picture is shown.
    photographed = "business_licence"
    shot(page, "review-1366.png", address("desk:filing", filing.number) + f"?show={photographed}")


def a_receipt(told: Portal) -> None:
    paper = OfficialPaper.objects.filter(kind="registration_receipt").order_by("number").first()
    assert paper
    page = told.open(DESK, user=person("clerk"))
    answer = page.request.get(address("core:paper_png", paper.pk))
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.body())) as drawn:
        keep("receipt.png", side_by_side(drawn.convert("RGB")))


def side_by_side(drawn: Image.Image) -> bytes:
    """The pages of a paper, which the portal draws one under the other, next to each other."""
    height = round(drawn.width * 297 / 210)
    count = round(drawn.height / height)
    step = (drawn.height - height) // (count - 1) if count > 1 else 0
    gap, small = 16, (PAGE_WIDTH, round(height * PAGE_WIDTH / drawn.width))
    sheet = Image.new("RGB", (count * (PAGE_WIDTH + gap) - gap, small[1]), (214, 209, 199))
    for number in range(count):
        page = drawn.crop((0, number * step, drawn.width, number * step + height))
        sheet.paste(page.resize(small, Image.Resampling.LANCZOS), (number * (PAGE_WIDTH + gap), 0))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
