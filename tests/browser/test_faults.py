"""What goes wrong in life: the session is over, two presses, two tabs, the wrong file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from facilities.models import Filing
from portal.core.models import Attachment, User
from tests import makers
from tests.browser.browsing import (
    PHONE,
    Portal,
    Wall,
    address,
    answer,
    button,
    client_of,
    fill_sign_in,
    heading,
    link,
    says,
)

HTMX = "Response Status Error Code"  # htmx writes each refused autosave into the console
PILL = "[data-save-state] [data-words]"


@pytest.fixture
def person(portal: Portal) -> User:
    """An operator with a password."""
    return makers.operator(password=makers.PASSWORD)


@pytest.fixture
def page(portal: Portal, person: User) -> Page:
    """The operator's telephone."""
    return portal.open(PHONE, user=person)


def saved(page: Page) -> None:
    """The page says that it has kept what was typed."""
    expect(page.locator(PILL)).to_have_text(re.compile(r"^已保存 \d\d:\d\d$"))


@pytest.mark.proves("ux:12", "prod:B3")
def test_a_session_lost_while_typing_costs_one_line_at_most(
    portal: Portal, wall: Wall, page: Page, person: User
) -> None:
    """What was kept before is there after signing in again; the page says what was not kept."""
    filing = makers.filing(person)
    page.goto(address("my:registration", filing.number))
    answer(page, {"facility_name": "向日葵托育园（示例）", "manager": "示例负责人"})
    saved(page)
    portal.watch_of(page).quiet = HTMX
    page.context.clear_cookies(name="session")
    answer(page, {"short_name": "向日葵"})
    notice = page.locator("[data-signed-out]")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("刚才改的内容没有保存")
    expect(page.locator("[name='short_name']")).to_have_value("向日葵")
    with page.expect_popup() as opened:
        notice.get_by_role("link", name="打开新页面登录").click()
    fill_sign_in(opened.value, person.username)
    heading(opened.value, "登记信息")
    expect(opened.value.locator("[name='facility_name']")).to_have_value("向日葵托育园（示例）")
    expect(opened.value.locator("[name='manager']")).to_have_value("示例负责人")


def test_a_save_after_the_session_ended_comes_back_to_the_page(
    portal: Portal, wall: Wall, page: Page, person: User
) -> None:
    """Away for two hours, then the button: sign in, and the kept text stands there."""
    filing = makers.filing(person)
    page.goto(address("my:registration", filing.number))
    answer(page, {"facility_name": "向日葵托育园（示例）"})
    saved(page)
    wall.forward(hours=2)
    button(page, "保存并继续").click()
    heading(page, "登录")
    says(page, "为了安全，您已退出登录。刚才填写的内容还在，登录后可以接着提交")
    fill_sign_in(page, person.username)
    heading(page, "刚才填写的内容还在")
    button(page, "接着提交").click()
    heading(page, "登记信息")
    expect(page.locator("[name='facility_name']")).to_have_value("向日葵托育园（示例）")


def test_two_presses_are_one_filing_and_one_sending(
    portal: Portal, page: Page, person: User
) -> None:
    page.goto(address("my:filing_start"))
    button(page, "开始填写").dblclick()
    heading(page, "登记报送")
    assert Filing.objects.filter(created_by=person).count() == 1
    filing = makers.complete_filing(person)
    page.goto(address("my:declaration", filing.number))
    answer(page, {"agreed": True, "declared_name": "示例负责人"})
    button(page, "提交登记报送").dblclick()
    heading(page, "登记报送已提交")
    assert filing.submissions.count() == 1


def test_two_presses_without_scripts(portal: Portal, person: User) -> None:
    """Without our scripts the second press is a second request; the server takes it for one."""
    page = portal.open(PHONE, script=False, user=person)
    filing = makers.complete_filing(person)
    page.goto(address("my:declaration", filing.number))
    answer(page, {"agreed": True, "declared_name": "示例负责人"})
    button(page, "提交登记报送").dblclick()
    heading(page, "登记报送已提交")
    assert filing.submissions.count() == 1


@pytest.mark.proves("ux:45")
def test_a_second_tab_shows_both_texts(portal: Portal, page: Page, person: User) -> None:
    filing = makers.filing(person)
    url = address("my:registration", filing.number)
    watch = portal.watch_of(page)
    watch.expected, watch.quiet = {409}, HTMX
    page.goto(url)
    other = page.context.new_page()
    other.goto(url)
    answer(other, {"facility_name": "向日葵托育园（示例）"})
    saved(other)
    answer(page, {"facility_name": "葵花托育园（示例）"})
    expect(page.locator(PILL)).to_have_text("没有自动保存")
    says(page, "这一页刚在别处改过，所以没有自动保存。您填的内容还在")
    button(page, "保存并继续").click()
    says(page, "两处内容不一样")
    says(page, "于 09:00 修改，请核对后再保存")
    expect(page.locator("[name='facility_name']")).to_have_value("葵花托育园（示例）")
    expect(page.locator("section[aria-labelledby='others']")).to_contain_text(
        "向日葵托育园（示例）"
    )
    button(page, "保存，稍后再填").click()
    heading(page, "登记报送")
    assert filing.sections.get(key="registration").draft["facility_name"] == "葵花托育园（示例）"


@pytest.mark.proves("ux:45")
def test_a_stale_tab_after_sending(portal: Portal, page: Page, person: User) -> None:
    """The filing was sent in another tab: the old form changes nothing and says where it stands."""
    filing = makers.complete_filing(person)
    portal.watch_of(page).quiet = HTMX
    page.goto(address("my:registration", filing.number))
    client_of(person).post(
        address("my:declaration", filing.number), {"agreed": "on", "declared_name": "示例"}
    )
    answer(page, {"manager": "别的负责人"})
    button(page, "保存并继续").click()
    says(page, "这条记录现在是")
    says(page, "不用再办理这一步")


@pytest.mark.proves("ux:12", "prod:C5")
@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_a_page_called_jpg_is_refused_and_the_rest_is_kept(
    portal: Portal, person: User, script: bool
) -> None:
    filing = makers.complete_filing(person)
    page = portal.open(PHONE, script=script, user=person)
    page.goto(address("my:certificate", filing.number, "business_licence"))
    html = b"<!doctype html><script>alert(1)</script>"
    page.locator("[name='picture']").set_input_files(
        {"name": "licence.jpg", "mimeType": "image/jpeg", "buffer": html}
    )
    page.locator("[name='pdf']").set_input_files(
        {"name": "copy.pdf", "mimeType": "application/pdf", "buffer": makers.pdf().read()}
    )
    answer(page, {"number": "示例-新号", "issuer": "示例机关"})
    button(page, "保存并继续").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("有 1 处需要修改")
    expect(page.locator("#id_picture_error")).to_contain_text("文件须为 JPG")
    expect(page.locator("[name='number']")).to_have_value("示例-新号")
    expect(page.locator("[name='issuer']")).to_have_value("示例机关")
    expect(page.locator(".file-list")).to_contain_text("copy.pdf")
    assert not Attachment.objects.filter(display_name="licence.jpg").exists()


@pytest.mark.proves("ux:12")
def test_a_file_too_large_is_refused_with_its_size(
    portal: Portal, page: Page, person: User, settings: object
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    filing = makers.complete_filing(person)
    page.goto(address("my:certificate", filing.number, "business_licence"))
    large = b"%PDF-1.7\n" + b"0" * (3 * 1024 * 1024)
    page.locator("[name='pdf']").set_input_files(
        {"name": "large.pdf", "mimeType": "application/pdf", "buffer": large}
    )
    answer(page, {"number": "示例-新号"})
    button(page, "保存并继续").click()
    expect(page.locator("#id_pdf_error")).to_contain_text("文件 3 MB，超过 1 MB")
    expect(page.locator("[name='number']")).to_have_value("示例-新号")
    link(page, "返回材料清单").click()
    heading(page, "证照材料")


@pytest.mark.proves("ux:12")
def test_leaving_with_unsaved_words_asks_once(portal: Portal, page: Page, person: User) -> None:
    """While nothing is kept yet the browser asks; once it is kept, it does not."""
    filing = makers.filing(person)
    page.goto(address("my:registration", filing.number))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("[name='facility_name']").press_sequentially("向")
    with page.expect_event("dialog"):
        page.evaluate("setTimeout(() => location.reload())")
    saved(page)
    link(page, "返回任务清单").click()
    heading(page, "登记报送")
    assert asked == ["beforeunload"]
