"""Without a mouse: past the menus, signing in, approving a filing; the ring is always seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from facilities.models import Facility, Filing
from tests import makers
from tests.browser.browsing import DESK, PHONE, Portal, address, heading, says

# What has the focus: its words, whether a ring shows it, whether some of it lies in the window and
# under nothing else (a bar that stays in place).
FOCUS = """
() => { const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const across = [box.left + 2, (box.left + box.right) / 2, box.right - 2];
  const down = [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2];
  const free = across.some((x) => down.some((y) => {
    const top = document.elementFromPoint(x, y);
    return top && (one.contains(top) || top.contains(one) || [...(one.labels || [])].includes(top));
  }));
  return { tag: one.tagName, id: one.id, name: one.name || "",
    words: (one.labels?.[0]?.innerText || one.innerText || one.value || "").trim(),
    ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
      || style.boxShadow !== "none",
    seen: free } }
"""
MOST_STOPS = 80


def tab_to(page: Page, words: str, *, tag: str = "") -> None:
    """Press Tab until the focus is on the control with these words; every stop can be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["tag"] in {"BODY", "MAIN"}:
            continue
        assert stop["ring"], f"no focus ring: {stop}"
        assert stop["seen"], f"focus out of sight: {stop}"
        if stop["words"].startswith(words) and tag in {"", stop["tag"]}:
            return
    pytest.fail(f"Tab never came to {words}")


def sign_in_by_keyboard(page: Page, username: str) -> None:
    page.goto(address("account_login"))
    tab_to(page, "账号", tag="INPUT")
    page.keyboard.type(username)
    tab_to(page, "密码", tag="INPUT")
    page.keyboard.type(makers.PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.proves("ux:22", "ux:39")
def test_a_filing_is_approved_without_a_mouse(portal: Portal) -> None:
    filing = makers.proposed_filing(makers.clerk())
    approver = makers.approver(password=makers.PASSWORD)
    page = portal.open(DESK)
    sign_in_by_keyboard(page, approver.username)
    heading(page, "我的待办")
    tab_to(page, "办理", tag="A")
    page.keyboard.press("Enter")
    heading(page, filing.facility_name)
    tab_to(page, "准予登记", tag="A")
    page.keyboard.press("Enter")
    heading(page, "准予登记")
    tab_to(page, "准予登记", tag="BUTTON")
    page.keyboard.press("Enter")
    heading(page, "已准予登记")
    assert Facility.objects.count() == 1


@pytest.mark.proves("ux:22", "ux:39")
def test_an_operator_fills_and_saves_without_a_mouse(portal: Portal) -> None:
    """Radios by arrows, the main button by Enter, the summary's links back to the fields."""
    operator = makers.operator()
    page = portal.open(PHONE, user=operator)
    page.goto(address("my:filing_start"))
    tab_to(page, "还没有登记", tag="SUMMARY")
    page.keyboard.press("Enter")
    says(page, "请先到登记机关办理登记")
    tab_to(page, "开始填写", tag="BUTTON")
    page.keyboard.press("Enter")
    heading(page, "登记报送")
    page.goto(address("my:safety", Filing.objects.get(created_by=operator).number))
    tab_to(page, "保存并继续", tag="BUTTON")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    tab_to(page, "请选择有没有指定消防安全管理人", tag="A")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name='fire_manager'][value='part_time']")).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[name='fire_manager'][value='full_time']")).to_be_checked()


@pytest.mark.proves("ux:22", "prod:U3")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["375", "1366"])
@pytest.mark.parametrize("name", ["public:home", "my:home", "desk:home"])
def test_the_first_stop_leads_past_the_menus(
    portal: Portal, name: str, size: tuple[int, int]
) -> None:
    person = {"my:home": makers.operator, "desk:home": makers.clerk}.get(name)
    page = portal.open(size, user=person() if person else None)
    page.goto(address(name))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到主要内容")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main, footer')")


@pytest.mark.proves("ux:22")
def test_menus_open_and_close_by_keys(portal: Portal) -> None:
    clerk = makers.clerk()
    page = portal.open(DESK, user=clerk)
    page.goto(address("desk:home"))
    tab_to(page, clerk.display_name, tag="SUMMARY")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="修改密码")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="修改密码")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.hasAttribute('data-slash')")


@pytest.mark.full
@pytest.mark.proves("ux:22", "prod:U3")
@pytest.mark.parametrize(
    "name", ["public:home", "public:facilities", "my:registration", "desk:filings"]
)
def test_nothing_holds_the_focus(portal: Portal, name: str) -> None:
    """Tab goes through the whole page and out of it, in the order of the page."""
    makers.registered_filing()
    operator = makers.operator()
    filing = makers.filing(operator)
    person = {"my": operator, "desk": makers.clerk()}.get(name.partition(":")[0])
    page = portal.open(DESK, user=person)
    page.goto(address(name, *([filing.number] if name == "my:registration" else [])))
    seen: list[int] = []
    for _ in range(3 * MOST_STOPS):
        page.keyboard.press("Tab")
        place = page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        if page.evaluate("document.activeElement === document.body") or place in seen:
            break
        seen.append(place)
    else:
        pytest.fail("the focus never came around")
    assert len(seen) > 8
    assert seen == sorted(seen)
