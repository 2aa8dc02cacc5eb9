"""A child in danger: one screen to tell it all, counted from the first page to number and code."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from complaints.actions import drafts
from complaints.models import Complaint, ComplaintDraft, DraftFile
from tests import makers, register
from tests.complaints.makers import AT, CONTACT

pytestmark = pytest.mark.django_db
STORY = "昨天下午接孩子时看到老师推搡小朋友，孩子回家后一直哭。"
TOLD = {"category": "C1", "happened": STORY, "choice": "other", "place_name": "路口托育园（示例）",
        "way": "anonymous"}  # fmt: skip


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    caches["budgets"].clear()
    with time_machine.travel(AT, tick=False):
        yield


def page(name: str, *args: Any) -> str:
    return reverse(f"complaints:{name}", args=args)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def files_of(browser: Client) -> list[str]:
    key = browser.cookies["complaint_draft"].value
    return [each["name"] for each in drafts.files_in(key)]


@pytest.mark.proves("prod:J4", "prod:J3", "prod:J2", "ux:13")
def test_an_abuse_report_takes_four_screens_with_the_first_and_the_last() -> None:
    browser, screens = Client(), []
    start = browser.get(page("start"))
    screens.append(start.request["PATH_INFO"])
    assert page("urgent") in text_of(start)
    shown = browser.get(page("urgent"))
    screens.append(shown.request["PATH_INFO"])
    assert text_of(shown).index("tel:110") < text_of(shown).index("什么情况")
    for response in (
        browser.post(page("urgent"), TOLD, follow=True), browser.post(page("check"), follow=True),
    ):  # fmt: skip
        assert response.status_code == 200
        screens.append(response.request["PATH_INFO"])
    assert screens == [page(name) for name in ("start", "urgent", "check", "done")]
    assert len(screens) <= 4
    made = Complaint.objects.get()
    assert (made.category, made.lane, made.is_named) == ("C1", "red", False)
    assert made.told["place"]["name"] == TOLD["place_name"]
    assert re.search(r"TS-\w{4}-\w{4}-\w", text_of(response))


@pytest.mark.proves("prod:J4", "prod:J9")
def test_by_the_list_of_matters_it_is_four_too_and_asks_what_belongs_to_the_matter() -> None:
    browser = Client()
    browser.get(page("topic"))
    danger = browser.post(page("topic"), {"category": "C2"}, follow=True)
    assert danger.request["PATH_INFO"] == page("danger")
    assert page("urgent") in text_of(danger)
    shown = text_of(browser.get(page("urgent")))
    assert re.search(r'value="C2"[^>]*checked', shown)
    assert "几个孩子不舒服，有没有去医院" in shown
    assert "第 1 步，共 2 步" in shown
    told = TOLD | {"category": "C2", "extra": "三个", "when": "昨天中午", "wish": "查清"}
    check = browser.post(page("urgent"), told, follow=True)
    assert check.request["PATH_INFO"] == page("check")
    assert "三个" in text_of(check)
    assert page("urgent") in text_of(check)
    assert page("details") not in text_of(check)
    browser.post(page("check"))
    told_there = Complaint.objects.get().told
    assert told_there["answers"] == {"几个孩子不舒服，有没有去医院": "三个"}
    assert (told_there["when"], told_there["wish"]) == ("昨天中午", "查清")


@pytest.mark.proves("prod:J5", "prod:J6", "prod:J7")
def test_searching_and_adding_files_keep_what_was_typed() -> None:
    place, browser = register.facility(), Client()
    half = {"category": "C1", "happened": STORY, "q": place.name[:2], "search": "1"}
    found = text_of(browser.post(page("urgent"), half))
    assert f'value="{place.code}"' in found
    assert STORY in found
    assert "请选择或填写机构名称" not in found
    lost = text_of(browser.post(page("urgent"), half | {"q": "没有这样的"}))
    assert "没有找到。可以换两个字再找" in lost
    part = {"category": "C1", "happened": STORY, "add": "1"}
    added = text_of(browser.post(page("urgent"), part | {"file": makers.jpeg("墙边.jpg")}))
    assert "墙边.jpg" in added
    assert STORY in added
    assert files_of(browser) == ["墙边.jpg"]
    assert ComplaintDraft.objects.get().body != b""
    kept = DraftFile.objects.get()
    for wrong in ("nonsense", "", str(kept.pk)):
        browser.post(page("urgent"), {"remove": wrong})
    assert files_of(browser) == []
    whole = TOLD | {"choice": place.code, "place_name": "", "file": makers.jpeg("门口.jpg"),
                    "way": "named", "name": CONTACT["name"], "phone": CONTACT["phone"]}  # fmt: skip
    check = text_of(browser.post(page("urgent"), whole, follow=True))
    assert place.name in check
    assert "1 个文件" in check
    again = text_of(browser.get(page("urgent")))
    assert "门口.jpg" in again
    assert CONTACT["phone"] in again
    browser.post(page("check"))
    made = Complaint.objects.get()
    assert (made.facility, made.is_named, made.files.count()) == (place, True, 1)


def test_what_is_missing_is_said_at_once_and_a_file_at_fault_beside_it() -> None:
    browser = Client()
    shown = text_of(browser.post(page("urgent"), {"way": "named", "phone": "1"}))
    for missing in ("请选择是什么情况", "请写明发生了什么", "请选择或填写机构名称", "手机号应为"):
        assert missing in shown
    broken = io.BytesIO(b"\xff\xd8\xff broken")
    broken.name = "坏的.jpg"
    refused = browser.post(page("urgent"), TOLD | {"file": broken, "add": "1"})
    assert set(refused.context["form"].errors) == {"file"}
    assert not Complaint.objects.exists()
    for category in ("C8", "C12"):
        assert browser.post(page("urgent"), TOLD | {"category": category}).status_code == 200
    assert browser.get(page("check"))["Location"] == page("topic")


def test_the_door_sign_and_the_way_back_from_the_last_look() -> None:
    place, browser = register.facility(), Client()
    sign = f"?facility={place.code}"
    assert page("urgent") + sign in text_of(browser.get(page("start") + sign))
    shown = text_of(browser.get(page("urgent") + sign))
    assert re.search(rf'value="{place.code}"[^>]*checked', shown)
    browser.post(page("urgent"), TOLD)
    assert page("check") in text_of(browser.get(page("danger")))
    browser.post(page("topic"), {"category": "C8"})
    assert page("urgent") not in text_of(browser.get(page("check")))


@pytest.mark.proves("prod:J8")
def test_the_writer_is_told_of_his_own_case_and_of_nobody_elses() -> None:
    place, other, mine = register.facility(), Client(), Client()
    told = TOLD | {"choice": place.code, "place_name": ""}
    for browser in (other, mine):
        browser.post(page("urgent"), told)
        assert "可能是同一件事" not in text_of(browser.get(page("check"))), (
            "others' cases are silent"
        )
        browser.post(page("check"))
        browser.post(page("done"))
    mine.post(page("urgent"), told)
    shown = text_of(mine.get(page("check")))
    assert "可能是同一件事" in shown
    assert page("add") in shown
    mine.post(page("urgent"), told | {"category": "C3"})
    assert "可能是同一件事" not in text_of(mine.get(page("check"))), "another matter"
    elsewhere = told | {"choice": "other", "place_name": "别的园"}
    mine.post(page("urgent"), elsewhere)
    assert "可能是同一件事" in text_of(mine.get(page("check"))), "the same words"
    mine.post(page("urgent"), elsewhere | {"happened": "厨房的燃气灶没有人看着，走廊堆满了纸箱。"})
    assert "可能是同一件事" not in text_of(mine.get(page("check")))
    mine.post(page("check"))
    assert Complaint.objects.count() == 3, "it is shown, never in the way"


@pytest.mark.proves("prod:J8", "sec:C4")
def test_what_is_sent_reads_the_same_whether_others_have_complained_or_not() -> None:
    """The oracle that is not there: the last look of a stranger is the same to the byte."""
    place = register.facility()
    told = TOLD | {"choice": place.code, "place_name": ""}
    pages = []
    for _time in range(2):
        browser = Client()
        browser.post(page("urgent"), told)
        shown = browser.get(page("check")).content.decode()
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"|hx-headers=\S+', "", shown))
        browser.post(page("check"))
    assert pages[0] == pages[1]
    assert Complaint.objects.count() == 2
