"""A security key in a real browser: added, asked for at the next sign-in, and taken."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from portal.core.models import User
from tests import makers
from tests.browser.browsing import DESK, Portal, address


@pytest.mark.proves("prod:V1")
def test_a_key_is_added_and_opens_the_next_sign_in(portal: Portal) -> None:
    person: User = makers.clerk(password=makers.PASSWORD)
    page = portal.open(DESK)
    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": False,
        "hasUserVerification": True, "isUserVerified": True,
    }  # fmt: skip
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def sign_in() -> None:
        page.goto(address("account_login"))
        page.get_by_label("账号", exact=True).fill(person.username)
        page.get_by_label("密码", exact=True).fill(makers.PASSWORD)
        page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()

    sign_in()
    expect(page).to_have_url(f"{portal.url}{address('desk:home')}")
    page.goto(address("mfa_add_webauthn"))
    page.get_by_label("密码", exact=True).fill(makers.PASSWORD)  # once more before this act
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_label("给它起个名字").fill("蓝色密钥")
    page.get_by_role("button", name="添加安全密钥").click()
    expect(page.get_by_text("安全密钥已添加")).to_be_visible()
    assert person.authenticator_set.get(type="webauthn").wrap().name == "蓝色密钥"

    page.context.clear_cookies()
    sign_in()
    expect(page.get_by_role("heading", name="填写动态码")).to_be_visible()
    page.get_by_role("button", name="用安全密钥登录").click()
    expect(page).to_have_url(f"{portal.url}{address('desk:home')}")
