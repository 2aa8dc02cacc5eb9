"""Pages that the list of `test_every_page` does not lead to, looked at as those are.

The pages of accounts ask for a password told just now, a second factor or a key; other pages stand
nowhere but in the answer to a form. That nothing is left out is asked of the templates there: each
that is a whole page is drawn by an address of the list, or named in tests/browser/templates.py.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from portal.core import clock, jobs, publishing
from portal.core.actors import Actor
from portal.core.models import RoleAssignment
from portal.core.papers import content
from portal.core.roles import Role
from tests import exporting, register
from tests import makers as make
from tests.browser.browsing import (
    DESK,
    PHONE,
    TABLET,
    Portal,
    address,
    answer,
    button,
    fill_sign_in,
    heading,
    link,
    sign_in,
    violations,
)
from tests.browser.templates import ACCOUNTS, ELSEWHERE, drawn
from tests.browser.test_every_page import (
    faults_of,
    small_targets,
    the_summary_leads,
    too_wide,
)
from tests.complaints import makers as cases
from tests.inspections import makers as supervision


def look(portal: Portal, page: Page, *, thumbs: bool = False) -> list[str]:
    """The faults of the page that stands open, on phones and tablets and at the desk."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found = [*faults_of(page, portal.watch_of(page)), *(small_targets(page) if thumbs else ())]
    found += too_wide(page, TABLET, DESK)
    return [*found, *(f"at the desk: {fault}" for fault in violations(page))]


# --- accounts -----------------------------------------------------------------------------------


class Walk:
    """One person's way through the pages of accounts; what was wrong on each is kept."""

    def __init__(self, portal: Portal) -> None:
        self.portal, self.page = portal, portal.open()
        self.found: dict[str, list[str]] = {}

    def open(self, name: str, *args: Any) -> None:
        """By its address; nothing else may answer."""
        self.page.goto(address(name, *args))
        self.stands(name, *args)

    def stands(self, name: str, *args: Any) -> None:
        """The page has come by itself, and is looked at."""
        path = f"{self.portal.url}{address(name, *args)}"
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(path)}(\?|$)"))
        self.look(name)

    def look(self, name: str) -> None:
        """What is wrong with the page that stands open."""
        if faults := look(self.portal, self.page, thumbs=True):
            self.found[name] = faults

    def press(self, name: str) -> None:
        """A button of the page's own part."""
        button(self.page, name).click()


def with_a_key(page: Page) -> None:
    """Let the browser hold a security key that is touched whenever it is asked for."""
    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": False,
        "hasUserVerification": True, "isUserVerified": True,
    }  # fmt: skip
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.lasting(1)
@pytest.mark.proves(
    "ux:1",
    "ux:2",
    "ux:3",
    "ux:4",
    "ux:6",
    "ux:7",
    "ux:11",
    "ux:60",
    "prod:U2",
    "prod:V1",
    "ux:10",
    "ux:23",
)
def test_pages_of_accounts(portal: Portal) -> None:
    """A password, the authenticator, recovery codes and a key, until the key goes again."""
    person = make.clerk(password=make.PASSWORD)
    walk = Walk(portal)
    page = walk.page
    with_a_key(page)
    with drawn() as names:
        walk.open("account_login")
        fill_sign_in(page, person.username)
        expect(page).to_have_url(f"{portal.url}{address('desk:home')}")
        for name in ("account_change_password", "account_logout", "account_inactive",
                     "account_sessions", "mfa_index", "mfa_list_webauthn"):  # fmt: skip
            walk.open(name)
        page.goto(address("mfa_activate_totp"))
        walk.stands("account_reauthenticate")  # the password once more before this act
        answer(page, {"password": make.PASSWORD})
        page.locator("main form button.btn-primary").click()
        walk.stands("mfa_activate_totp")
        secret = page.locator("main code").inner_text()
        answer(page, {"code": make.shown_code(secret)})
        walk.press("开启验证器")
        walk.stands("mfa_view_recovery_codes")
        the_key_comes_and_goes(walk)
        for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_reauthenticate"):
            walk.open(name)
        comes_in_by_the_code(walk, person.username, secret)
    assert walk.found == {}
    assert ACCOUNTS - names == set()


def the_key_comes_and_goes(walk: Walk) -> None:
    """Added, listed, asked for, removed."""
    page = walk.page
    walk.open("mfa_add_webauthn")
    answer(page, {"name": "蓝色密钥"})
    walk.press("添加安全密钥")
    walk.stands("mfa_index")
    link(page, "管理安全密钥").click()
    walk.stands("mfa_list_webauthn")
    walk.open("mfa_reauthenticate_webauthn")
    walk.press("用安全密钥确认")
    expect(page).to_have_url(f"{walk.portal.url}{address('desk:home')}")
    page.goto(address("mfa_list_webauthn"))
    page.get_by_role("main").locator("li", has_text="蓝色密钥").get_by_role("link").click()
    heading(page, "移除安全密钥")
    walk.look("mfa_remove_webauthn")
    walk.press("移除安全密钥")
    walk.stands("mfa_list_webauthn")
    expect(page.get_by_role("main")).not_to_contain_text("蓝色密钥")


def comes_in_by_the_code(walk: Walk, username: str, secret: str) -> None:
    """Signed in anew: a wrong code is told, a right one opens the desk."""
    page = walk.page
    page.context.clear_cookies()
    sign_in(page, username)
    walk.stands("mfa_authenticate")
    answer(page, {"code": "000000"})
    walk.press("登录")
    the_summary_leads(page)
    walk.look("mfa_authenticate, a wrong code")
    answer(page, {"code": make.shown_code(secret, steps=1)})  # each code is taken once
    walk.press("登录")
    expect(page).to_have_url(f"{walk.portal.url}{address('desk:home')}")


# --- what only answers a form -------------------------------------------------------------------


def code_for_a_colleague(portal: Portal) -> Page:
    """Somebody is invited: the code he comes in by."""
    page = portal.open(DESK, user=make.user("sysadmin"))
    page.goto(address("desk:user_invite"))
    typed = {"display_name": "新经办人", "post": "卫健办经办人", "username": "xin.jingban"}
    answer(page, typed)
    button(page, "建立账号").click()
    heading(page, "一次性代码")
    return page


def many_filings(portal: Portal) -> Page:
    """Two ticked in the list: one is given to a clerk, one is decided already."""
    clerk, waiting, over = make.clerk(), make.submitted_filing(), make.registered_filing()
    page = portal.open(DESK, user=make.approver())
    page.goto(f"{address('desk:filings')}?tab=all")
    for filing in (waiting, over):
        page.locator(f"[name=pick][value='{filing.number}']").check()
    page.locator("button[name=act][value=assign]").click()
    answer(page, {"handler": clerk.pk})
    button(page, "确认分派").click()
    heading(page, "分派结果")
    return page


def many_complaints(portal: Portal) -> Page:
    """Two ticked in the list: one is given to a caseworker, one he has already."""
    handler = cases.handler()
    waiting, his = cases.complaint(), cases.accepted(handler)
    page = portal.open(DESK, user=make.approver())
    page.goto(address("desk:complaints"))
    for case in (waiting, his):
        page.locator(f"[name=pick][value='{case.pk}']").check()
    page.locator("button[name=act][value=assign]").click()
    answer(page, {"handler": handler.pk})
    button(page, "确认分派").click()
    heading(page, "分派结果")
    return page


def slip_of_a_call(portal: Portal) -> Page:
    """A call typed in: number and code for who called."""
    place = make.facility()
    page = portal.open(DESK, user=make.clerk())
    page.goto(address("desk:complaint_new"))
    answer(page, {"channel": "phone", "category": "C7", "code": place.code,
                  "happened": "孩子说中午的饭是凉的，问老师说厨房的炉子坏了。"})  # fmt: skip
    button(page, "登记并打印回单").click()
    heading(page, "投诉举报回单")
    return page


def typed_while_signed_out(portal: Portal) -> Page:
    """The session ended before the form was sent; after signing in it is offered again."""
    person = make.clerk(password=make.PASSWORD)
    page = portal.open(DESK, user=person)
    page.goto(address("desk:operator_code"))
    answer(page, {"username": "zhangsan"})
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("main form button.btn-primary").click()
    fill_sign_in(page, person.username)
    heading(page, "刚才填写的内容还在")
    return page


def refused_on_the_spot(portal: Portal) -> Page:
    """Too much was written on a visit and the script did not send it: the server says so."""
    inspector = make.user("inspector")
    visit = supervision.on_site(inspector, place=register.facility())
    page = portal.open(DESK, user=inspector)
    page.goto(address("desk:field_check", visit.number))
    form = page.locator("form[data-queued=remarks]")
    form.locator("textarea").evaluate("(area, text) => { area.value = text; }", "长" * 5_000)
    with page.expect_navigation():
        form.evaluate("form => form.submit()")  # past the script, as without it
    heading(page, "没有保存")
    return page


# --- other pages of which the table names another state ------------------------------------------


def notice_whose_time_is_over(portal: Portal) -> Page:
    """It stood for ten days, a month ago; the address still says so."""
    then, place = make.AT - dt.timedelta(days=30), make.facility()
    made = publishing.propose_publication(
        "sample", place, title="示例公示", body=[content.paragraph("示例")], party=place.party,
        display_days=10, by=Actor.person(make.clerk()), at=then,
    )  # fmt: skip
    made = publishing.publish(made, by=Actor.person(make.approver()), at=then)
    page = portal.open(DESK)
    portal.watch_of(page).expected = {410}
    page.goto(address("public:publication", made.pk))
    heading(page, "这项公示的期限已过")
    return page


def nothing_to_close(portal: Portal) -> Page:
    """Somebody whose facility is not registered yet wants to report that it closes."""
    page = portal.open(DESK, user=make.operator())
    page.goto(address("my:closure_new"))
    expect(page.get_by_role("main")).to_contain_text("您还没有已登记的机构")
    return page


def file_of_a_post_that_ended(portal: Portal) -> Page:
    """A list was exported for two posts; one of them has ended before the file was fetched."""
    person = make.user(Role.HANDLER, Role.RED_LANE)
    now = clock.now()  # the file is kept for some days only
    exporting.queued(person, "complaints", "state=every", at=now)
    jobs.work(now)
    RoleAssignment.objects.filter(user=person, role=Role.RED_LANE).delete()
    page = portal.open(DESK, user=person)
    portal.watch_of(page).expected = {403}
    page.goto(address("desk:jobs"))
    page.get_by_role("button", name="下载").click()
    heading(page, "不能下载")
    expect(link(page, "到列表重新导出")).to_be_visible()
    return page


WAYS = {
    "users/code.html": code_for_a_colleague,
    "desk/bulk_report.html": many_filings,
    "complaints/desk/bulk_report.html": many_complaints,
    "complaints/desk/slip.html": slip_of_a_call,
    "core/typed.html": typed_while_signed_out,
    "inspections/field/fault.html": refused_on_the_spot,
    "public/publication_over.html": notice_whose_time_is_over,
    "my/life_none.html": nothing_to_close,
    "desk/export_withheld.html": file_of_a_post_that_ended,
}


@pytest.mark.proves("ux:1", "ux:2", "ux:3", "ux:4", "ux:6", "ux:7", "ux:11", "ux:60", "prod:U2")
@pytest.mark.parametrize("template", sorted(ELSEWHERE))
def test_what_no_address_of_the_list_leads_to(portal: Portal, template: str) -> None:
    with drawn() as names:
        page = WAYS[template](portal)
        assert look(portal, page) == []
    assert template in names
