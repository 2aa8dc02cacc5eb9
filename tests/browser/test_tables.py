"""Lists in and out in the browser: import, comparison, export, on a phone and on a desk."""

from __future__ import annotations

import os
from typing import Any

import pytest

from facilities import actions
from facilities.models import Facility
from portal.core import jobs
from portal.core.actors import Actor
from tests import makers as make
from tests.browser.browsing import DESK, PHONE, Portal, address, button, client_of, says
from tests.browser.test_every_page import faults_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path


def upload(page: Any, content: bytes) -> None:
    file = {"name": "名单.xlsx", "mimeType": XLSX, "buffer": content}
    page.locator("input[type=file]").set_input_files(file)


def look(portal: Portal, page: Any, name: str) -> None:
    """Nothing is wrong with the page at any width."""
    assert faults_of(page, portal.watch_of(page)) == [], name
    if folder := os.environ.get("SHOTS"):
        for size in (PHONE, DESK):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.screenshot(path=f"{folder}/{name}-{size[0]}.png", full_page=True)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})


@pytest.fixture
def page(portal: Portal) -> Any:
    """A clerk's phone."""
    return portal.open(session=client_of(make.clerk()))


@pytest.mark.proves("prod:O3", "prod:O4", "ux:43")
@pytest.mark.django_db(transaction=True)
def test_a_list_comes_in_and_goes_out(portal: Portal, wall: Any, page: Any) -> None:
    page.goto(address("desk:import"))
    look(portal, page, "import")
    rows = make.national_rows(5)
    rows[1]["community"], rows[2]["filed_on"], rows[3]["places"] = "别处社区", "2025-02-30", -5
    upload(page, make.national_list(rows))
    button(page, "上传并检查").click()
    look(portal, page, "import-checked")
    assert not Facility.objects.exists()
    button(page, "确认导入 2 家").click()
    look(portal, page, "import-queued")
    jobs.work(wall.at)
    page.reload()
    says(page, "已导入 2 家")
    look(portal, page, "import-done")
    page.goto(address("desk:facilities"))
    look(portal, page, "facilities")
    with page.expect_download() as download:
        button(page, "导出 Excel").click()
    assert download.value.suggested_filename == "机构档案 2026-11-23.xlsx"
    page.goto(address("desk:import"))
    page.get_by_role("link", name="导入机构名录").first.click()
    page.get_by_role("link", name="撤回这次导入").click()
    look(portal, page, "import-undo")
    button(page, "撤回，删去 2 家").click()
    says(page, "导入已撤回")
    assert not Facility.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_list_is_compared(portal: Portal, wall: Any, page: Any) -> None:
    rows = make.national_rows(2)
    clerk = Actor.person(make.clerk())
    brought = actions.start_import(make.national_list(rows), "a.xlsx", by=clerk, at=wall.at)
    jobs.confirm(brought, by=clerk, at=wall.at)
    jobs.work(wall.at)
    theirs = [{**rows[0], "number": "备字9号"}, *make.national_rows(1)]
    page.goto(address("desk:compare"))
    look(portal, page, "compare")
    upload(page, make.national_list(theirs))
    button(page, "上传并比对").click()
    jobs.work(wall.at)
    page.reload()
    look(portal, page, "compare-missing")
    page.get_by_role("link", name="不一致").click()
    says(page, "备字9号")
    look(portal, page, "compare-different")
    page.get_by_role("button", name="照名单更新备案").click()
    says(page, "已照名单更新")
    page.goto(address("desk:jobs"))
    look(portal, page, "jobs")
