"""The operator's way through a filing, as a web without JavaScript goes it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import actions, rules
from facilities.models import Filing, FilingSection
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import Attachment, AuditEvent, User
from portal.core.queries import in_force
from portal.core.roles import Role
from tests import makers

pytestmark = pytest.mark.django_db
LATER = makers.AT + dt.timedelta(hours=1)
DUE = "11月30日（周一）"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(makers.AT, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return makers.operator(password=makers.PASSWORD)


@pytest.fixture
def web(person: User) -> Client:
    return signed_in(person)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"my:{name}", args=args)


def html(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def version(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found
    return found[1]


def registration(**changes: Any) -> dict[str, Any]:
    answers = makers.registration_answers(**changes)
    answers.pop("is_affordable")
    return answers


def premises(**changes: Any) -> dict[str, Any]:
    return makers.typed(makers.premises_answers(**changes), rows="classes")


def services(**changes: Any) -> dict[str, Any]:
    return makers.typed(makers.services_answers(**changes), rows="fees")


def safety(**changes: Any) -> dict[str, Any]:
    return makers.typed(makers.safety_answers(**changes))


def progress(done: int) -> str:
    """How many sections are whole, of those an independent facility is asked for."""
    total = len(rules.sections_for("independent", in_force(makers.AT.date())))
    return f"共 {total} 项，已完成 {done} 项"


def section(filing: Filing, key: str) -> FilingSection:
    return filing.sections.get(key=key)


def begin(web: Client) -> Filing:
    token = str(uuid.uuid4())
    response = web.post(page("filing_start"), {"token": token})
    filing = Filing.objects.get(submit_token=token)
    assert response.status_code == 303
    assert response.url == page("filing", filing.number)
    return filing


# --- from nothing to a number and a date ------------------------------------------------------


MATERIALS = ("business_licence", "premises_proof", "hygiene_report", "fire_certificate")
SIGNED = {"agreed": "on", "declared_name": "示例负责人"}


@pytest.mark.proves(
    "clause:二(四)2b",
    "prod:B1",
    "prod:B2",
    "prod:B5",
    "prod:B6",
    "prod:C1",
    "prod:C2",
    "prod:U4",
    "ux:15",
)
def test_the_whole_way(web: Client) -> None:
    assert "先完成登记报送" in html(web, page("home"))
    filing = begin(web)
    number = filing.number
    text = html(web, page("filing", number))
    assert "资料会自动保存，可以分几次填写，60 天内有效（到 2027年1月22日）" in text
    assert progress(0) in text
    assert "还不能开始" in text
    fill_the_sections(web, filing)
    hand_in_papers(web, filing)
    assert progress(6) in html(web, page("filing", number))
    read_the_check_page(web, filing)

    empty = web.post(page("declaration", number), {}).content.decode()
    assert "请阅读承诺书并勾选“我已阅读并同意”" in empty
    assert "<title>错误：" in empty
    response = web.post(page("declaration", number), SIGNED)
    assert response.status_code == 303
    assert response.url == page("done", number)
    text = html(web, page("done", number))
    assert number in text
    assert f"街道最迟在 {DUE}答复您。" in text
    filing.refresh_from_db()
    assert filing.state == FilingStatus.SUBMITTED
    assert filing.answer_due == dt.date(2026, 11, 30)


def fill_the_sections(web: Client, filing: Filing) -> None:
    number = filing.number
    assert "先填登记信息和场所，再看需要哪些材料" in html(web, page("certificates", number))
    for key, values in (
        ("registration", registration()),
        ("premises", premises()),
        ("services", services()),
        ("safety", safety()),
    ):
        text = html(web, page(key, number))
        response = web.post(page(key, number), values | {"version": version(text)})
        assert response.status_code == 303, response.content.decode()
        assert response.url == page("filing", number)
        assert section(filing, key).status == SectionStatus.COMPLETE
    list_the_people(web, filing)


def list_the_people(web: Client, filing: Filing) -> None:
    """One person after the other, then the list as a whole."""
    for row in makers.staff_answers()["staff"]:
        boxes = {"is_trained": "on"}
        names = ("name", "post", "identity", "employment", "qualification", "number")
        days = ("health_until", "letter_on", "experience_years")
        values = {name: str(row[name]) for name in (*names, *days)} | boxes | {"version": "0"}
        response = web.post(page("staff_person", filing.number, row["id"]), values)
        assert response.status_code == 303, response.content.decode()
    assert web.post(page("staff", filing.number), {}).url == page("filing", filing.number)
    assert section(filing, "staff").status == SectionStatus.COMPLETE


def hand_in_papers(web: Client, filing: Filing) -> None:
    text = html(web, page("certificates", filing.number))
    for material in MATERIALS:
        url = page("certificate", filing.number, material)
        assert url in text
        values = {
            "version": version(html(web, url)),
            "number": "示例-1",
            "issuer": "示例机关",
            "issued_on": "2026-01-05",
            "valid_until": "2030-01-05",
            "picture": makers.jpeg(),
            "pdf": makers.pdf(),
        }
        response = web.post(url, values)
        assert response.status_code == 303, response.content.decode()
    assert response.url == page("certificates", filing.number)
    assert "材料齐了，返回任务清单" in html(web, response.url)


def read_the_check_page(web: Client, filing: Filing) -> None:
    text = html(web, page("check", filing.number))
    assert "修改<span" in text
    assert "：机构名称" in text
    assert "托小一班（托小班），托位 15 个，在托 11 人" in text
    assert "全日托，保育费 1680.00 元/月" in text
    assert "全日托、半日托" in text
    assert "周一、周二、周三、周四、周五" in text
    assert "90 天" in text
    assert "编号 示例-1，2 个文件，有效期至 2030年1月5日" in text
    assert "请再核对" not in text


@pytest.mark.proves("prod:B6", "prod:B7", "sec:W11")
def test_a_declaration_sent_twice_is_sent_once(web: Client, person: User) -> None:
    filing = makers.complete_filing(person)
    first = web.post(page("declaration", filing.number), SIGNED)
    again = web.post(page("declaration", filing.number), SIGNED, follow=True)
    assert first.url == page("done", filing.number)
    assert filing.submissions.count() == 1
    assert "登记报送已提交" in again.content.decode()
    text = html(web, page("filing", filing.number))
    assert f"街道最迟在 {DUE}答复您" in text
    assert "您提交了登记报送" in text


@pytest.mark.proves("sec:W11")
def test_starting_twice_begins_one_filing(web: Client, person: User) -> None:
    token = re.search(r'name="token" value="([0-9a-f-]+)"', html(web, page("filing_start")))
    assert token
    first = web.post(page("filing_start"), {"token": token[1]})
    second = web.post(page("filing_start"), {"token": token[1]})
    assert first.url == second.url
    assert Filing.objects.filter(created_by=person).count() == 1


@pytest.mark.proves("clause:二(四)2a")
def test_what_has_to_come_first_is_said_before_anything_is_asked(web: Client) -> None:
    text = html(web, page("filing_start"))
    assert "请先到登记机关办理登记" in text
    assert "请先确定场所" in text


@pytest.mark.parametrize("token", ["", "1", "a\0b"])
def test_a_form_whose_token_was_lost_begins_nothing_and_is_shown_again(
    web: Client, token: str
) -> None:
    response = web.post(page("filing_start"), {"token": token})
    assert response.status_code == 200
    text = response.content.decode()
    assert "刚才没有提交成功，请再点一次“开始填写”。" in text
    assert not Filing.objects.exists()
    fresh = re.search(r'name="token" value="([0-9a-f-]+)"', text)
    assert fresh
    assert web.post(page("filing_start"), {"token": fresh[1]}).status_code == 303


# --- saving -----------------------------------------------------------------------------------


@pytest.mark.proves("ux:12")
def test_bad_input_is_kept_with_the_words_why(web: Client) -> None:
    filing = begin(web)
    values = registration(uscc="123", facility_name="向日葵托育园（示例）")
    response = web.post(page("registration", filing.number), values | {"version": "0"})
    text = response.content.decode()
    assert response.status_code == 200
    assert "<title>错误：" in text
    assert "有 1 处需要修改" in text
    assert text.count("统一社会信用代码应为 18 位，现在是 3 位") == 2
    assert 'value="向日葵托育园（示例）"' in text
    kept = section(filing, "registration")
    assert kept.status == SectionStatus.IN_PROGRESS
    assert kept.draft["facility_name"] == "向日葵托育园（示例）"
    assert version(text) == str(kept.version)
    assert 'value="向日葵托育园（示例）"' in html(web, page("registration", filing.number))
    assert "填写中" in html(web, page("filing", filing.number))


@pytest.mark.proves("prod:B1")
def test_later_keeps_half_a_form_without_a_reproach(web: Client) -> None:
    filing = begin(web)
    values = {"facility_name": "向日葵托育园（示例）", "version": "0", "later": "1"}
    response = web.post(page("registration", filing.number), values)
    assert response.status_code == 303
    assert section(filing, "registration").draft["facility_name"] == "向日葵托育园（示例）"


def test_a_section_sent_twice_is_saved_once(web: Client) -> None:
    filing = begin(web)
    values = registration() | {"version": "0"}
    for _ in range(2):
        response = web.post(page("registration", filing.number), values)
        assert response.status_code == 303
    assert section(filing, "registration").version == 1


@pytest.mark.proves("sec:W12", "ux:45")
def test_a_second_tab_shows_both_texts_and_then_wins(web: Client) -> None:
    filing = begin(web)
    url = page("registration", filing.number)
    web.post(url, registration(manager="甲") | {"version": "0"})
    response = web.post(url, registration(manager="乙") | {"version": "0"})
    text = response.content.decode()
    assert "这条记录刚被" in text
    assert "于 09:00 修改，请核对后再保存" in text
    assert "两处内容不一样" in text
    assert '<span class="hint">别处保存的：</span>甲' in text
    assert 'value="乙"' in text
    assert section(filing, "registration").answers["manager"] == "甲"
    assert web.post(url, registration(manager="乙") | {"version": version(text)}).status_code == 303
    assert section(filing, "registration").answers["manager"] == "乙"


@pytest.mark.proves("prod:U4")
def test_classes_are_added_and_removed_without_javascript(web: Client) -> None:
    filing = begin(web)
    url = page("premises", filing.number)
    values = premises(address="") | {"version": "0", "add_row": "1"}
    response = web.post(url, values)
    assert response.status_code == 303
    assert response.url == f"{url}#id_classes-2-class_type"
    text = html(web, url)
    assert 'name="classes-2-name"' in text
    assert 'value="托小一班"' in text
    assert "需要修改" not in text
    sent = premises(address="") | {"version": version(text), "remove_row": "0"}
    assert web.post(url, sent).url == f"{url}#classes"
    text = html(web, url)
    assert 'value="托小一班"' not in text
    assert 'value="托大一班"' in text


@pytest.mark.proves("diff:9", "prod:D3", "clause:二(四)1")
def test_a_class_above_the_limit_is_remarked_and_stops_nothing(web: Client) -> None:
    filing = makers.complete_filing(
        User.objects.get(pk=web.session["_auth_user_id"]),
        premises={
            "classes": [
                {"class_type": "toddler", "name": "托小一班", "capacity": 18, "enrolled": 3}
            ]
        },
    )
    words = "托小班每班不超过 15 人，“托小一班”填了 18 个托位，请核对"
    text = html(web, page("check", filing.number))
    assert words in text
    assert f"{page('premises', filing.number)}?from=check#div_id_classes-0-capacity" in text
    assert "去签承诺书" in text
    assert "有 1 处请再核对" in html(web, page("filing", filing.number))
    assert web.post(page("declaration", filing.number), SIGNED).url == page("done", filing.number)


# --- autosave ---------------------------------------------------------------------------------


def test_autosave_keeps_half_words_and_hands_out_the_version(web: Client) -> None:
    filing = begin(web)
    url = page("autosave", filing.number, "registration")
    response = web.post(url, {"facility_name": "向日", "version": "0"})
    assert response.headers["X-Saved"] == "1"
    text = response.content.decode()
    assert "已保存 09:00" in re.sub(r"\s+", " ", text)
    assert 'value="1" id="id_version" hx-swap-oob="true"' in text
    kept = section(filing, "registration")
    assert (kept.status, kept.draft["facility_name"]) == (SectionStatus.IN_PROGRESS, "向日")
    whole = registration() | {"version": "1"}
    assert web.post(url, whole).headers["X-Saved"] == "2"
    assert section(filing, "registration").status == SectionStatus.COMPLETE
    assert (
        web.post(page("registration", filing.number), whole | {"version": "2"}).status_code == 303
    )


def test_autosave_writes_nothing_when_nothing_changed(web: Client) -> None:
    filing = begin(web)
    url = page("autosave", filing.number, "registration")
    web.post(url, {"facility_name": "向日", "version": "0"})
    lines = AuditEvent.objects.count()
    assert web.post(url, {"facility_name": "向日", "version": "0"}).headers["X-Saved"] == "1"
    assert AuditEvent.objects.count() == lines


def test_a_stale_autosave_says_so_and_keeps_the_other_text(web: Client) -> None:
    filing = begin(web)
    url = page("autosave", filing.number, "registration")
    web.post(url, {"facility_name": "甲园", "version": "0"})
    response = web.post(url, {"facility_name": "乙园", "version": "0"})
    assert response.status_code == 409
    assert "没有自动保存" in response.content.decode()
    assert section(filing, "registration").draft["facility_name"] == "甲园"


def test_autosave_opened_as_a_page_leads_to_the_form(web: Client) -> None:
    filing = begin(web)
    url = page("autosave", filing.number, "premises")
    assert web.get(url).url == page("premises", filing.number)
    assert web.get(page("autosave", filing.number, "nothing")).status_code == 404


@pytest.mark.proves("prod:B3")
def test_after_signing_in_again_what_autosave_kept_is_there(person: User) -> None:
    web = signed_in(person)
    filing = begin(web)
    url = page("registration", filing.number)
    web.post(
        page("autosave", filing.number, "registration"), {"facility_name": "向日葵", "version": "0"}
    )
    with time_machine.travel(makers.AT + dt.timedelta(hours=2), tick=False):
        lost = web.post(url, registration() | {"version": "1"})
        assert lost.status_code == 302
        assert f"next={url}" in lost.url
        sign_in = {"login": person.username, "password": makers.PASSWORD}
        response = web.post(lost.url, sign_in)
        assert response.url == url, response.content.decode()[:2000]
        assert "刚才填写的内容还在" in html(web, url)  # what the button sent is offered once
        assert 'value="向日葵"' in html(web, url)  # and what was saved before stands on the page


# --- papers -----------------------------------------------------------------------------------


def paper_url(filing: Filing, material: str = "business_licence") -> str:
    return page("certificate", filing.number, material)


def paper(**changes: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "number": "示例-9",
        "issuer": "示例机关",
        "issued_on": "2026-01-05",
        "valid_until": "",
    } | changes


@pytest.fixture
def ready(person: User) -> Filing:
    """A filing with two whole sections and no papers."""
    filing = makers.filing(person)
    actor = Actor.person(person)
    for key, answers in (
        ("registration", makers.registration_answers()),
        ("premises", makers.premises_answers()),
    ):
        actions.save_section(filing, key, answers, answers, version=0, by=actor, at=makers.AT)
    return filing


@pytest.mark.proves("prod:B3", "prod:C5", "ux:12")
def test_a_refused_upload_keeps_the_words_and_the_other_file(web: Client, ready: Filing) -> None:
    word = SimpleUploadedFile("licence.docx", b"PK\x03\x04 no paper")
    response = web.post(paper_url(ready), paper(pdf=word, picture=makers.jpeg("front.jpg")))
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count("文件须为 JPG、PNG 或 PDF，您选的是 DOCX") == 2
    assert 'value="示例-9"' in text
    assert "front.jpg" in text
    assert Attachment.objects.present().count() == 1
    response = web.post(paper_url(ready), paper(version=version(text)))
    assert response.url in {paper_url(ready, m) for m in ("premises_proof", "fire_certificate")}


def test_the_same_file_twice_is_kept_once(web: Client, ready: Filing) -> None:
    content = makers.pdf().read()
    for _ in range(2):
        upload = SimpleUploadedFile("a.pdf", content, "application/pdf")
        response = web.post(paper_url(ready), paper(pdf=upload, more="1"))
        assert response.url == paper_url(ready)
    assert Attachment.objects.count() == 1
    assert ready.certificates.get().version == 1


def test_a_file_is_removed_after_one_question(web: Client, ready: Filing) -> None:
    web.post(paper_url(ready), paper(pdf=makers.pdf(name="old.pdf")))
    file = Attachment.objects.get()
    url = page("certificate_file_remove", ready.number, "business_licence", file.pk)
    assert "确认删除" in html(web, url)
    for _ in range(2):
        assert web.post(url).url == paper_url(ready)
    assert not Attachment.objects.present().exists()
    assert "old.pdf" not in html(web, paper_url(ready)).replace("已删除文件：old.pdf", "")
    elsewhere = page("certificate_file_remove", ready.number, "fire_certificate", file.pk)
    assert web.get(elsewhere).status_code == 404


def test_half_a_date_is_kept_as_it_was_typed(web: Client, ready: Filing) -> None:
    url = page("certificate_autosave", ready.number, "business_licence")
    response = web.post(url, paper(issued_on="2026-"))
    assert response.headers["X-Saved"] == "0"
    assert 'value="2026-"' in html(web, paper_url(ready))
    assert "填写中" in html(web, page("certificates", ready.number))
    assert web.post(url, paper()).headers["X-Saved"] == "1"
    assert 'value="2026-01-05"' in html(web, paper_url(ready))
    assert web.post(url, paper(number="别的")).status_code == 409
    stale = web.post(paper_url(ready), paper(number="别的")).content.decode()
    assert "两处内容不一样" in stale
    assert web.get(url).url == paper_url(ready)


@pytest.mark.proves("prod:C2", "prod:B4")
def test_a_paper_that_is_not_on_the_list_does_not_exist(web: Client, ready: Filing) -> None:
    assert web.get(paper_url(ready, "food_licence")).status_code == 404


# --- correction -------------------------------------------------------------------------------


@pytest.fixture
def corrected(person: User) -> Filing:
    """A filing of which the office wants the premises put right."""
    clerk = Actor.person(makers.clerk())
    filing = actions.take_filing(makers.submitted_filing(person), by=clerk, at=makers.AT)
    actions.add_correction(
        filing, "premises", "outdoor_area", "请补充室外场地的面积", by=clerk, at=makers.AT
    )
    return actions.request_correction(filing, by=clerk, at=makers.AT)


@pytest.mark.proves("prod:B11")
def test_a_correction_opens_the_named_section_only(web: Client, corrected: Filing) -> None:
    number = corrected.number
    text = html(web, page("filing", number))
    assert "请最迟在 12月14日（周一）补正下面的内容，再重新提交" in text
    assert "场所与托位：请补充室外场地的面积" in text
    assert "需补正" in text
    assert f'href="{page("premises", number)}"' in text
    assert f'href="{page("registration", number)}"' not in text
    for url in (
        page("registration", number),
        page("certificates", number),
        paper_url(corrected),
    ):
        for response in (web.get(url, follow=True), web.post(url, {}, follow=True)):
            assert "这次补正不用修改" in response.content.decode()
    locked = web.post(page("autosave", number, "registration"), {"version": "1"})
    assert locked.status_code == 409
    assert web.post(page("certificate_autosave", number, "business_licence"), {}).status_code == 409
    text = html(web, page("premises", number))
    assert '<a href="#div_id_outdoor_area">请补充室外场地的面积</a>' in text
    assert 'id="div_id_outdoor_area"' in text


@pytest.mark.proves("ux:16")
def test_a_correction_goes_back_with_the_clock_running_on(web: Client, corrected: Filing) -> None:
    number = corrected.number
    url = page("premises", number)
    sent = premises(outdoor_area="200") | {"version": version(html(web, url))}
    kept = web.post(page("autosave", number, "premises"), sent)
    assert section(corrected, "premises").status == SectionStatus.FLAGGED
    assert "需补正" in html(web, page("filing", number))
    assert web.post(url, sent | {"version": kept.headers["X-Saved"]}).status_code == 303
    assert web.post(page("declaration", number), SIGNED).url == page("done", number)
    text = html(web, page("filing", number))
    assert "您补正后重新提交" in text
    assert "请您补充材料" in text
    assert "登记报送补正通知" in text
    corrected.refresh_from_db()
    assert corrected.round == 2


def test_another_section_does_not_settle_a_correction_of_the_papers(
    web: Client, person: User
) -> None:
    clerk = Actor.person(makers.clerk())
    filing = actions.take_filing(makers.submitted_filing(person), by=clerk, at=makers.AT)
    for key in ("premises", "certificates"):
        actions.add_correction(filing, key, "", f"请核对 {key}", by=clerk, at=makers.AT)
    actions.request_correction(filing, by=clerk, at=makers.AT)
    url = page("premises", filing.number)
    web.post(url, premises(outdoor_area="9") | {"version": version(html(web, url))})
    assert section(filing, "certificates").status == SectionStatus.FLAGGED
    assert web.get(page("declaration", filing.number)).url == page("check", filing.number)


@pytest.mark.proves("prod:B4", "prod:C10")
def test_a_correction_that_calls_for_another_paper_opens_the_papers(
    web: Client, corrected: Filing
) -> None:
    url = page("premises", corrected.number)
    sent = premises(serves_meals=True) | {"version": version(html(web, url))}
    assert web.post(url, sent).status_code == 303
    text = html(web, page("certificates", corrected.number))
    assert "食品经营许可证" in text
    response = web.post(
        paper_url(corrected, "food_licence"),
        paper(valid_until="2030-01-01", pdf=makers.pdf()),
    )
    assert response.status_code == 303
    assert section(corrected, "certificates").status == SectionStatus.COMPLETE


def test_a_correction_of_one_paper_is_said_at_that_paper(web: Client, person: User) -> None:
    clerk = Actor.person(makers.clerk())
    filing = actions.take_filing(makers.submitted_filing(person), by=clerk, at=makers.AT)
    reason = "照片看不清，请重新拍照"
    actions.add_correction(
        filing, "certificates", "fire_certificate", reason, by=clerk, at=makers.AT
    )
    actions.request_correction(filing, by=clerk, at=makers.AT)
    text = html(web, page("certificates", filing.number))
    assert "需补正，1 个文件" in text
    assert reason in html(web, paper_url(filing, "fire_certificate"))
    assert reason not in html(web, paper_url(filing, "hygiene_report"))


@pytest.mark.proves("prod:B5")
def test_from_the_check_page_and_back(web: Client, person: User) -> None:
    filing = makers.complete_filing(person)
    url = page("registration", filing.number) + "?from=check"
    assert f'href="{url}#div_id_manager"' in html(web, page("check", filing.number))
    sent = registration(manager="示例新人") | {"version": version(html(web, url))}
    assert web.post(url, sent).url == page("check", filing.number)
    url = paper_url(filing) + "?from=check"
    sent = paper(version=version(html(web, url)))
    assert web.post(url, sent).url == page("check", filing.number)
    assert "示例新人" in html(web, page("check", filing.number))


# --- afterwards -------------------------------------------------------------------------------


@pytest.mark.proves("prod:M3", "prod:M5")
def test_what_the_operator_reads_of_a_decision(person: User) -> None:
    web, clerk = signed_in(person), Actor.person(makers.clerk())
    filing = actions.take_filing(makers.submitted_filing(person), by=clerk, at=makers.AT)
    filing = actions.propose_decision(filing, "register", "", by=clerk, at=makers.AT)
    text = html(web, page("filing", filing.number))
    assert "正在审核" in text
    assert "待审定" not in text
    assert "撤回登记报送" not in text
    actions.register_filing(filing, by=Actor.person(makers.approver()), at=LATER)
    outbox.drain(LATER)
    text = html(web, page("filing", filing.number))
    assert "已在街道登记" in text
    assert "托育机构登记回执" in text
    text = html(web, page("home"))
    for words in ("SP-TY-0001", "备案情况待核实", "查看登记回执", "登记回执可以下载", "全部文书"):
        assert words in text, words
    assert "托育机构登记回执" in html(web, page("documents"))


@pytest.mark.proves("prod:B14")
def test_a_declined_filing_says_why(person: User) -> None:
    web, clerk = signed_in(person), Actor.person(makers.clerk())
    filing = actions.take_filing(makers.submitted_filing(person), by=clerk, at=makers.AT)
    filing = actions.propose_decision(filing, "decline", "示例", by=clerk, at=makers.AT)
    approver = Actor.person(makers.approver())
    actions.decline_filing(filing, "场所已经另作他用", by=approver, at=LATER)
    text = html(web, page("filing", filing.number))
    assert "没有登记，原因见告知书" in text
    assert "场所已经另作他用" in text
    assert "查看告知书" in html(web, page("home"))


def test_withdrawing_asks_once_and_may_be_sent_twice(web: Client, person: User) -> None:
    filing = makers.submitted_filing(person)
    url = page("withdraw", filing.number)
    assert "撤回后不能恢复" in html(web, url)
    for _ in range(2):
        response = web.post(url, follow=True)
        assert response.status_code == 200
    assert "您已撤回" in html(web, page("filing", filing.number))
    assert web.get(page("done", filing.number)).url == page("filing", filing.number)


def test_an_incomplete_filing_is_not_sent(web: Client) -> None:
    filing = begin(web)
    response = web.post(page("declaration", filing.number), {"agreed": "on"}, follow=True)
    text = response.content.decode()
    assert "还有资料没有填完，填完后再提交" in text
    assert page("premises", filing.number) in text
    assert "去签承诺书" not in text


def test_a_late_answer_names_the_phone(web: Client, person: User) -> None:
    filing = makers.submitted_filing(person)
    with time_machine.travel(makers.AT + dt.timedelta(minutes=30), tick=False):
        Filing.objects.filter(pk=filing.pk).update(answer_due=dt.date(2026, 11, 20))
        assert "已经过了答复日期" in html(web, page("filing", filing.number))


# --- whose it is ------------------------------------------------------------------------------

PAGES = (
    "filing",
    "registration",
    "premises",
    "certificates",
    "check",
    "declaration",
    "done",
    "withdraw",
)


@pytest.mark.proves("sec:W1")
@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_nothing_and_an_official_is_no_operator(name: str, person: User) -> None:
    filing = makers.filing(person)
    assert signed_in(makers.operator()).get(page(name, filing.number)).status_code == 404
    sent = makers.submitted_filing(makers.operator())
    assert signed_in(makers.clerk()).get(page(name, sent.number)).status_code == 403
    both = makers.user(Role.OPERATOR, Role.CLERK)
    assert signed_in(both).get(page(name, sent.number)).status_code == 403
    assert signed_in(both).get(page(name, filing.number)).status_code == 404


def test_lists_are_for_operators(person: User) -> None:
    for name in ("home", "documents", "filing_start"):
        assert signed_in(makers.clerk()).get(page(name)).status_code == 403
        assert Client().get(page(name)).status_code == 302


# --- how much is asked ------------------------------------------------------------------------

LISTS = ("home", "documents", "filing_start")
ON_A_FILING = ("filing", "registration", "premises", "certificates", "check", "declaration")
FRAME = ("SAVEPOINT", "RELEASE", "SET TRANSACTION")


def questions(web: Client, url: str) -> int:
    """How many queries a page asks, the transaction around it not counted."""
    with CaptureQueriesContext(connection) as asked:
        html(web, url)
    return sum(not query["sql"].startswith(FRAME) for query in asked.captured_queries)


@pytest.mark.parametrize("name", [*LISTS, *ON_A_FILING])
def test_the_number_of_queries(name: str, web: Client, person: User) -> None:
    filing = makers.complete_filing(person)
    html(web, page("home"))
    # The home page gathers filings, visits, findings and checks: a page, no list.
    limit = 12 if name in LISTS and name != "home" else 15
    args = [] if name in LISTS else [filing.number]
    assert questions(web, page(name, *args)) <= limit


def test_a_page_of_one_paper_and_of_the_progress(web: Client, ready: Filing, person: User) -> None:
    web.post(paper_url(ready), paper(pdf=makers.pdf()))
    sent = makers.submitted_filing(person)
    html(web, page("home"))
    assert questions(web, paper_url(ready)) <= 15
    assert questions(web, page("filing", sent.number)) <= 15


def test_the_home_page_asks_no_more_for_many_filings(web: Client, person: User) -> None:
    html(web, page("home"))
    counts = []
    for number in (1, 4):
        for _ in range(number):
            makers.filing(person)
        counts.append(questions(web, page("home")))
    assert counts[0] == counts[1]
