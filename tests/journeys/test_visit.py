"""A visit from the door to the facility's answer, as a web without JavaScript goes it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inspections import actions
from inspections.models import Finding, HeadCount, Inspection, InspectionAnswer, SelfCheck
from inspections.queries import visits
from portal.core.actors import Actor
from portal.core.models import Attachment, OfficialPaper, User
from portal.core.papers import content
from tests import makers, register
from tests.inspections import makers as make

pytestmark = pytest.mark.django_db
SECRET = "TS-QXZV-9999 家长反映"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(makers.AT, tick=False):
        yield


@pytest.fixture
def first() -> User:
    return make.inspector()


@pytest.fixture
def second() -> User:
    return make.inspector()


@pytest.fixture
def visit(first: User, second: User) -> Inspection:
    """Sent out because of something nobody outside may know."""
    return make.assigned(
        first, second, trigger_key="complaint:TS-QXZV-9999", note=SECRET, selection="triggered"
    )


@pytest.fixture
def web(first: User) -> Client:
    return signed_in(first)


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def read(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return str(response.content.decode())


def done(client: Client, url: str, values: dict[str, Any], **more: Any) -> str:
    """The address to which a form that was accepted leads."""
    response = client.post(url, values, **more)
    assert response.status_code in {302, 303}, (url, response.content.decode()[:9000])
    return str(response.url)


def entered(web: Client, visit: Inspection) -> str:
    """The team is inside."""
    door = done(web, page("desk:field_start", visit.number), {})
    return done(
        web, door,
        {"access": "granted", "certificate_shown": "on", "attendant": "示例",
         "attendant_post": "园长"},
    )  # fmt: skip


def part_values(part: visits.Section, failed: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A part of the list as the plain form sends it."""
    values: dict[str, Any] = {"part": str(part.number)}
    for question in part.questions:
        code = question.item.code
        values[f"{code}-value"] = "fail" if code in failed else "pass"
        for name, value in failed.get(code, {}).items():
            values[f"{code}-{name}"] = value
    return values


def fill_in(web: Client, visit: Inspection, failed: dict[str, dict[str, Any]]) -> None:
    """Every part, one after the other, and those that came along."""
    url = page("desk:field_check", visit.number)
    for _round in range(2):
        for part in visits.sections_of(visit):
            if part.answered < len(part.questions):
                done(web, url, part_values(part, failed))


def signature() -> SimpleUploadedFile:
    return makers.jpeg("sheet.jpg")


def sign_all(web: Client, visit: Inspection) -> None:
    url = page("desk:field_sign", visit.number)
    people = [member.user for member in visits.team_of(visit)]
    for number, person in enumerate(people):
        mine = f"s{number}"
        done(web, url, {"act": "sign", "place": mine, f"{mine}-role": "inspector",
                        f"{mine}-user": str(person.pk),
                        f"{mine}-picture": signature()})  # fmt: skip
    place = f"s{len(people)}"
    done(web, url, {"act": "sign", "place": place, f"{place}-role": "facility",
                    f"{place}-signer": "园长 示例", f"{place}-picture": signature()})  # fmt: skip


def words_of(noun: Any) -> str:
    papers = OfficialPaper.objects.of(noun)
    printed = [content.printed(p, origin="https://example.invalid") for p in papers]
    return "\n".join(content.all_text(each) for each in printed)


@pytest.mark.proves("prod:F1", "prod:F3", "prod:F4", "prod:F6", "prod:F11", "prod:F14", "prod:G2")
def test_the_whole_visit_without_scripts(web: Client, visit: Inspection) -> None:
    assert visit.facility.name in read(web, page("desk:field"))
    assert SECRET in read(web, page("desk:field_visit", visit.number))  # the office's own note
    check = entered(web, visit)
    text = read(web, check)
    assert SECRET not in text  # from here on the facility looks over the shoulder
    assert "0 项中 0 项已保存到服务器" in text
    assert "通道被占用或堵塞" in text
    fill_in(
        web, visit,
        {"ZH-07": {"text": "晨检记录缺2天", "photo": makers.jpeg()},
         "ZH-09": {"photo": makers.jpeg(), "fixed": "on"}},
    )  # fmt: skip
    found = Finding.objects.order_by("item_code")
    assert [(f.item_code, f.text == f.item.text, f.fixed_on_site) for f in found] == [
        ("ZH-07", False, False), ("ZH-09", True, True),
    ]  # fmt: skip
    done(web, page("desk:field_heads", visit.number),
         {"head-0-label": "小一班", "head-0-class_type": "toddler", "head-0-children": "11",
          "head-0-carers": "1", "head-1-label": "", "head-1-class_type": "infant",
          "head-1-children": "", "head-1-carers": ""})  # fmt: skip
    assert HeadCount.objects.get().needed == 3
    assert "人员不足" in read(web, check)
    done(web, page("desk:field_remarks", visit.number), {"remarks": "整体情况良好"})
    text = read(web, page("desk:field_finish", visit.number))
    assert "晨检记录缺2天" in text
    sign = done(web, page("desk:field_finish", visit.number), {})
    done(web, sign, {"act": "statement", "statement": "没有意见"})
    early = web.post(page("desk:field_complete", visit.number), follow=True)
    assert "还没有签字" in early.content.decode()
    sign_all(web, visit)
    assert "已签字" in read(web, sign)
    where = done(web, page("desk:field_complete", visit.number), {})
    assert "托育机构巡查记录" in read(web, where)
    visit.refresh_from_db()
    assert (visit.state, visit.result) == ("completed", "rectify")
    told = words_of(visit)
    assert "责令" not in told
    assert "没有意见" in told
    _facility_answers(visit, make.member_of(visit.facility))


@pytest.mark.proves("prod:E7", "diff:6")
def test_the_sheet_tells_what_to_know_before_the_visit(
    web: Client, visit: Inspection, first: User
) -> None:
    place, url = visit.facility, page("desk:field_visit", visit.number)
    member = place.staff.earliest("id")
    member.papers.filter(kind="health").update(expires_on=dt.date(2026, 12, 1))
    place.certificates.filter(material="business_licence").update(valid_until=dt.date(2026, 11, 1))
    make.finding("ZH-07", place=place)
    for kind, until in (("concern", dt.date(2027, 6, 1)), ("incident", dt.date(2026, 11, 1))):
        actions.record_risk_fact(
            place, kind, "major", dt.date(2026, 10, 1), until, by=Actor.calendar(),
            at=makers.AT, once=f"case {SECRET} {kind}",
        )  # fmt: skip
    text = read(web, url)
    group = place.classes.earliest("id")
    for words in (
        "以前发现的问题", "晨检", "健康证", "已过期", "2026年12月1日", group.name,
        f"在托 {group.enrolled} 人，托位 {group.capacity} 个", "保育人员", "经核实的情况（较大",
    ):  # fmt: skip
        assert words in text, words
    assert "安全事件" not in text  # it counts no more
    assert member.name not in text
    assert "QXZV-9999" not in text.replace(visit.assignment_note, "")
    # A community's people read no facts of risk, and nobody who was not sent reads the sheet.
    helper = makers.user("community", community=place.community)
    actions.assign_team(visit, [first, helper], by=make.actor(makers.clerk()), at=makers.AT)
    seen = read(signed_in(helper), url)
    assert "以前发现的问题" in seen
    assert "经核实的情况" not in seen
    # Nor what called for the visit: the form has promised that only the office reads it.
    seen += read(signed_in(helper), page("desk:inspection", visit.number))
    for words in (visit.assignment_note, "专项核查", "内部任务说明"):
        assert words not in seen
    office = read(web, page("desk:inspection", visit.number))
    assert "专项核查" in office
    assert "内部任务说明" in office
    entered(web, visit)
    assert "到期和快到期的证照" not in read(web, url)  # the facility looks over the shoulder


def _facility_answers(visit: Inspection, owner: User) -> None:
    """The other side: reads, confirms, objects once, puts right; no trace of the trigger."""
    web = signed_in(owner)
    assert "确认收到检查结果" in read(web, page("my:home"))
    url = page("my:inspection", visit.number)
    seen = read(web, url) + read(web, page("my:inspections")) + words_of(visit)
    assert "监督检查" in seen
    done(web, page("my:inspection_acknowledge", visit.number), {})
    done(web, page("my:inspection_acknowledge", visit.number), {})
    assert "还没有签收" not in read(web, url)
    words = {"words": "记录在另一本上"}
    done(web, page("my:inspection_object", visit.number), words)
    again = web.post(page("my:inspection_object", visit.number), {"words": "再说"}, follow=True)
    assert "已经提出过异议" in again.content.decode()
    finding = visit.findings.get(item_code="ZH-07")
    assert finding.text in read(web, page("my:findings"))
    late = web.post(page("my:finding_extension", finding.number),
                    {"until": "2027-06-01", "reason": "设备未到"})  # fmt: skip
    assert "最晚可以到" in late.content.decode()
    over = web.post(page("my:finding_extension", finding.number),
                    {"until": "2026-11-01", "reason": "设备未到"})  # fmt: skip
    assert "日期不能早于今天" in over.content.decode()
    done(web, page("my:finding_extension", finding.number),
         {"until": "2026-12-02", "reason": "设备未到"})  # fmt: skip
    done(web, page("my:finding_plan", finding.number), {"measure": "补齐记录"})
    bad = web.post(page("my:finding_report", finding.number),
                   {"measure": "已补齐", "done_on": "2027-01-01"})  # fmt: skip
    assert "不能晚于今天" in bad.content.decode()
    done(web, page("my:finding_report", finding.number),
         {"measure": "已补齐", "done_on": "2026-11-23", "photo": makers.jpeg(),
          "photo_2": makers.jpeg()})  # fmt: skip
    finding.refresh_from_db()
    assert finding.state == "reported"
    seen += read(web, page("my:finding", finding.number)) + read(web, page("my:home"))
    assert "检查时" in seen
    assert Attachment.objects.of(finding).count() == 2
    for trace in ("QXZV-9999", "家长反映", "专项核查"):
        assert trace not in seen


@pytest.mark.proves("prod:E9")
@pytest.mark.parametrize("access", ["nobody", "refused", "not_operating"])
def test_nobody_comes_in(web: Client, visit: Inspection, access: str) -> None:
    door = done(web, page("desk:field_start", visit.number), {"latitude": "33.3", "longitude": ""})
    silent = web.post(door, {"access": access})
    assert "请写明没有进入现场的情况" in silent.content.decode()
    where = done(web, door, {"access": access, "note": "敲门十分钟"})
    assert where == page("desk:field_end", visit.number)
    assert "敲门十分钟" in read(web, where)
    done(web, where, {})
    visit.refresh_from_db()
    assert visit.is_done
    assert "敲门十分钟" in words_of(visit)
    again = web.post(where, follow=True)
    assert "这一步不能再改" in again.content.decode()


def test_the_certificate_is_shown_first(web: Client, visit: Inspection) -> None:
    door = done(web, page("desk:field_start", visit.number), {})
    refused = web.post(door, {"access": "granted"})
    assert "请先出示证件并告知权利" in refused.content.decode()
    assert done(web, page("desk:field_start", visit.number), {}) == door
    told = web.post(page("desk:field_answer", visit.number),
                    {"item": "ZH-01", "value": "pass"}, **JSON)  # fmt: skip
    assert told.status_code == 409
    assert "亮证" in told.json()["refused"]
    away = web.get(page("desk:field_check", visit.number))
    assert away.url == door


# --- what the page sends by itself ------------------------------------------------------------


@pytest.mark.proves("prod:F2", "prod:F12")
def test_an_answer_is_kept_as_it_is_given_and_once(web: Client, visit: Inspection) -> None:
    entered(web, visit)
    url = page("desk:field_answer", visit.number)
    sent = {"item": "ZH-07", "value": "fail", "text": "缺记录", "token": str(uuid.uuid4()),
            "given_ms": str(int(makers.AT.timestamp() * 1000)), "severity": "major",
            "due_on": "2026-11-25"}  # fmt: skip
    for _time in range(2):
        told = web.post(url, sent, **JSON)
        assert told.status_code == 200, told.content
        assert told.json()["saved"]["answered"] == 1
    assert Finding.objects.get().text == "缺记录"
    older = {"item": "ZH-07", "value": "pass", "token": str(uuid.uuid4()),
             "given_ms": str(int(makers.AT.timestamp() * 1000) - 60_000)}  # fmt: skip
    told = web.post(url, older, **JSON)
    assert (told.status_code, "已经有更晚的结果：不符合" in told.json()["refused"]) == (409, True)
    assert Finding.objects.count() == 1


def test_what_another_person_gave_is_not_kept_under_this_name(
    web: Client, visit: Inspection, first: User, second: User
) -> None:
    entered(web, visit)
    url, sent = page("desk:field_answer", visit.number), {"item": "ZH-07", "value": "pass"}
    foreign = web.post(url, sent | {"person": str(second.pk)}, **JSON)
    assert foreign.status_code == 403
    assert not InspectionAnswer.objects.exists()
    assert web.post(url, sent | {"person": str(first.pk)}, **JSON).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"item": "XX-01"}, "没有这一项"),
        ({"item": "XX\0"}, "没有这一项"),
        ({"value": ""}, "结果"),
        ({"due_on": "2027-11-25"}, "最晚可以到"),
        ({"text": "身份证 11010519491231002X"}, "证件号码"),
    ],
)
def test_an_answer_that_is_refused_says_why(
    web: Client, visit: Inspection, changes: dict[str, str], words: str
) -> None:
    entered(web, visit)
    sent = {"item": "ZH-07", "value": "fail", "severity": "major"} | changes
    told = web.post(page("desk:field_answer", visit.number), sent, **JSON)
    assert told.status_code == 409
    assert words in told.json()["refused"]
    assert not InspectionAnswer.objects.exists()


@pytest.mark.proves("prod:F12", "diff:14")
def test_the_receipt_of_a_photo_is_its_sha256(web: Client, visit: Inspection) -> None:
    entered(web, visit)
    picture = makers.jpeg()
    content_sent = picture.read()
    for _time in range(2):
        sent = SimpleUploadedFile("a.jpg", content_sent, "image/jpeg")
        told = web.post(page("desk:field_photo", visit.number),
                        {"item": "ZH-07", "photo": sent}, **JSON).json()  # fmt: skip
        assert told["receipt"] == hashlib.sha256(content_sent).hexdigest()
        assert told["saved"]["photos"] == 1
    broken = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    told = web.post(page("desk:field_photo", visit.number),
                    {"item": "ZH-07", "photo": broken}, **JSON)  # fmt: skip
    assert told.status_code == 409
    none = web.post(page("desk:field_photo", visit.number), {"item": "XX"}, **JSON)
    assert none.status_code == 409
    kept = Attachment.objects.of(visit).get()
    part = next(p for p in visits.sections_of(visit)
                if any(q.item.code == "ZH-07" for q in p.questions))  # fmt: skip
    url = page("desk:field_check", visit.number)
    for key in ("no-key", str(uuid.uuid4()), str(kept.pk)):
        assert done(web, url, {"part": str(part.number), "remove": key}).endswith(
            f"#part-{part.number}"
        )
    assert not Attachment.objects.of(visit).present().exists()


def test_a_refused_line_keeps_what_was_typed(web: Client, visit: Inspection) -> None:
    check = entered(web, visit)
    part = visits.sections_of(visit)[0]
    code = part.questions[0].item.code
    wrong = part_values(part, {code: {"text": "门锁坏了", "due_on": "2027-12-01"}})
    text = web.post(check, wrong).content.decode()
    assert "下面这些没有保存" in text
    assert "门锁坏了" in text
    sound = part.questions[1].item.code
    assert re.search(rf'name="{sound}-value" value="pass"[^>]* checked', text)
    heads = web.post(page("desk:field_heads", visit.number),
                     {"head-0-label": "小一班", "head-0-class_type": "toddler",
                      "head-0-children": "十", "head-0-carers": "2"})  # fmt: skip
    assert 'value="十"' in heads.content.decode()
    line = {"label": "小一班", "class_type": "toddler", "children": "1", "carers": "1"}
    twice = {f"head-{n}-{name}": value for n in range(2) for name, value in line.items()}
    told = web.post(page("desk:field_heads", visit.number), twice, **JSON)
    assert "写了两次" in told.json()["refused"]
    half = web.post(page("desk:field_heads", visit.number),
                    {"head-0-label": "小一班", "head-0-class_type": "toddler",
                     "head-0-children": "3", "head-0-carers": ""}, **JSON)  # fmt: skip
    assert "请填写" in half.json()["refused"]
    remarks = web.post(page("desk:field_remarks", visit.number),
                       {"remarks": "电话 13800138000"})  # fmt: skip
    assert "13800138000" in remarks.content.decode()
    assert done(web, check, {"part": "99"}) == check


@pytest.mark.proves("prod:F10")
def test_papers_of_staff_and_what_stands_on_no_list(web: Client, visit: Inspection) -> None:
    check = entered(web, visit)
    people = list(visit.facility.staff.present())
    assert people
    values = {f"{people[0].pk}-in_order": "no", f"{people[0].pk}-note": "健康证过期"}
    done(web, page("desk:field_staff", visit.number), values)
    assert [s.note for s in visits.samples_of(visit)] == ["健康证过期"]
    bad = {f"{people[0].pk}-in_order": "no", f"{people[0].pk}-note": "11010519491231002X"}
    assert "11010519491231002X" in web.post(
        page("desk:field_staff", visit.number), bad
    ).content.decode()  # fmt: skip
    other = page("desk:field_other", visit.number)
    late = {"text": "院内有积水", "severity": "minor", "due_on": "2028-01-01"}
    assert "最晚可以到" in web.post(other, late).content.decode()
    for _time in range(2):
        done(web, other, {"text": "院内有积水", "severity": "minor"})
    finding = Finding.objects.get()
    assert "院内有积水" in read(web, check)
    for _time in range(2):
        done(web, page("desk:field_other_drop", visit.number, finding.pk), {})
    assert not Finding.objects.exists()


def test_what_is_missing_is_listed_with_the_way_there(web: Client, visit: Inspection) -> None:
    entered(web, visit)
    fill_in(web, visit, {"ZH-07": {"text": "缺记录"}})
    missing = web.post(page("desk:field_finish", visit.number)).content.decode()
    assert "还没有现场照片" in missing
    assert "#item-ZH-07" in missing


def test_where_nothing_was_looked_at_the_page_says_so(web: Client, visit: Inspection) -> None:
    entered(web, visit)
    by = make.actor(make.lead_of(visit))
    for item in visits.items_of(visit):
        actions.answer_item(visit, item, "unseen", by=by, at=makers.AT)
    refused = web.post(page("desk:field_finish", visit.number)).content.decode()
    assert "一项都没有查看" in refused
    assert "未查 <strong>12</strong>" in refused


def test_a_picture_there_is_no_room_for_is_refused_in_a_sentence(
    web: Client, visit: Inspection, settings: Any
) -> None:
    settings.UPLOAD_MAX_FILES = 0
    check = entered(web, visit)
    sent = {"item": "ZH-07", "photo": makers.jpeg()}
    assert web.post(page("desk:field_photo", visit.number), sent, **JSON).status_code == 409
    part = visits.sections_of(visit)[0]
    values = part_values(part, {part.questions[0].item.code: {"photo": makers.jpeg()}})
    assert "下面这些没有保存" in web.post(check, values).content.decode()
    settings.UPLOAD_MAX_FILES = 300
    finding = make.finding()
    settings.UPLOAD_MAX_FILES = 0
    told = signed_in(make.member_of(finding.facility)).post(
        page("my:finding_report", finding.number),
        {"measure": "已补齐记录", "done_on": "2026-11-23", "photo": makers.jpeg()},
    )  # fmt: skip
    assert "已补齐记录" in told.content.decode()
    finding.refresh_from_db()
    assert finding.state == "open"


# --- signatures -------------------------------------------------------------------------------


@pytest.mark.proves("prod:F7", "diff:14")
def test_the_facility_refuses_to_sign(web: Client, visit: Inspection, first: User) -> None:
    entered(web, visit)
    fill_in(web, visit, {})
    sign = done(web, page("desk:field_finish", visit.number), {})
    empty = web.post(sign, {"act": "sign", "place": "s2", "s2-role": "facility", "s2-signer": ""})
    assert "请填写签字人的职务和姓名" in empty.content.decode()
    broken = {"act": "sign", "place": "s2", "s2-role": "facility", "s2-signer": "园长",
              "s2-drawn": "data:image/png;base64,AAAA"}  # fmt: skip
    assert "请再签一次" in web.post(sign, broken).content.decode()
    assert "请在框里签字" in web.post(sign, broken | {"s2-drawn": ""}).content.decode()
    wrong = {"act": "sign", "place": "s0", "s0-role": "inspector", "s0-picture": signature()}
    assert "自己的那一栏" in web.post(sign, wrong).content.decode()
    done(web, page("desk:field_refuse", visit.number),
         {"note": "负责人拒绝签字", "witness": "社区 见证人"})  # fmt: skip
    assert "负责人拒绝签字" in read(web, sign)
    done(web, page("desk:field_reopen", visit.number), {})
    done(web, page("desk:field_finish", visit.number), {})
    done(web, page("desk:field_refuse", visit.number),
         {"note": "负责人拒绝签字", "witness": "社区 见证人", "picture": signature()})  # fmt: skip
    for number, member in enumerate(visits.team_of(visit)):
        done(web, sign, {"act": "sign", "place": f"s{number}", f"s{number}-role": "inspector",
                         f"s{number}-user": str(member.user.pk),
                         f"s{number}-picture": signature()})  # fmt: skip
    done(web, page("desk:field_complete", visit.number), {})
    assert "拒绝签字" in words_of(visit)
    assert re.search(r"见证人.*社区", words_of(visit))


def test_who_was_not_sent_stays_out(visit: Inspection) -> None:
    stranger = signed_in(make.inspector())
    for name in ("field_visit", "field_check", "field_sign"):
        assert stranger.get(page(f"desk:{name}", visit.number)).status_code == 403
    assert visit.facility.name not in read(stranger, page("desk:field"))


# --- the facility's own check -----------------------------------------------------------------


@pytest.mark.proves("ux:46", "clause:二(四)4a", "clause:二(五)1c")
def test_the_monthly_check() -> None:
    place = make.facility()
    web = signed_in(make.member_of(place))
    assert "本月安全自查" in read(web, page("my:home"))
    assert place.name in read(web, page("my:self_checks"))
    url = done(web, page("my:self_check_start", place.code), {})
    assert done(web, page("my:self_check_start", place.code), {}) == url
    check = SelfCheck.objects.get()
    submit = page("my:self_check_submit", check.pk)
    assert "还没有结果" in web.post(submit).content.decode()
    items = list(check.checklist.items.order_by("position"))
    sections = list(dict.fromkeys(item.section for item in items))
    assert done(web, url, {"part": "9" * 5000}).startswith(url)
    wrong = {"part": "1", f"{items[0].code}-value": "pass", f"{items[0].code}-note": "13800138000"}
    assert "下面这些没有保存" in web.post(url, wrong).content.decode()
    for number, section in enumerate(sections, start=1):
        values: dict[str, Any] = {"part": str(number)}
        for item in items:
            if item.section == section:
                values[f"{item.code}-value"] = "pass"
                if item.wants_photo:
                    values[f"{item.code}-photo"] = makers.jpeg()
        done(web, url, values)
    assert f"{len(items)} 项中 {len(items)} 项已保存到服务器" in read(web, url)
    done(web, submit, {"note": "本月正常"})
    assert "本月正常" in read(web, url)
    check.refresh_from_db()
    assert check.state == "submitted"
    assert "本月没有要做的自查" in read(web, page("my:self_checks"))
    stranger = signed_in(make.member_of(make.facility()))
    assert stranger.get(url).status_code == 404
    foreign = stranger.post(page("my:self_check_start", place.code))
    assert foreign.status_code in {302, 404}


def test_the_office_reads_what_was_handed_in() -> None:
    place, office = make.facility(), signed_in(makers.clerk())
    by = make.actor(make.member_of(place))
    check = actions.start_self_check(place, by=by, at=make.AT)
    url = page("desk:self_check", check.pk)
    assert "还没有提交的自查" in read(office, page("desk:self_checks"))
    assert office.get(url).status_code == 404
    for item in check.checklist.items.all():
        actions.answer_self_check(
            check, item, "fail", note="示例说明", photo=make.photo(), by=by, at=make.AT
        )
    check = actions.submit_self_check(check, note="本月正常", by=by, at=make.AT)
    assert place.name in read(office, page("desk:self_checks"))
    seen = read(office, check.url_for(makers.clerk()))
    assert "本月正常" in seen
    assert "示例说明" in seen
    assert check.url_for(make.member_of(place)) == page("my:self_check", check.pk)


@pytest.mark.proves("prod:E7")
def test_a_dispute_stops_the_clock() -> None:
    finding = make.finding()
    web = signed_in(make.member_of(finding.facility))
    done(web, page("my:finding_dispute", finding.number), {"reason": "当天有记录"})
    finding.refresh_from_db()
    assert finding.state == "disputed"
    assert "申诉中" in read(web, page("my:finding", finding.number))
    gone = web.get(page("my:finding_report", finding.number))
    assert gone.url == page("my:finding", finding.number)
    assert finding.text in read(web, page("my:findings") + "?state=all")
    person = make.inspector()
    visit = make.assigned(person, place=finding.facility)
    assert finding.text in read(signed_in(person), page("desk:field_visit", visit.number))


@pytest.mark.proves("prod:E5")
def test_the_days_list_puts_the_urgent_first_and_goes_place_by_place(
    web: Client, first: User, visit: Inspection
) -> None:
    hubin, longquan = (
        register.registered(premises={"community": slug}).facility for slug in ("hubin", "longquan")
    )
    assert hubin
    assert longquan
    near, far = (make.assigned(first, place=place) for place in (hubin, longquan))
    later = make.assigned(first, place=hubin, planned_on=make.DAY + dt.timedelta(days=5))
    urgent = make.assigned(first, place=hubin, is_urgent=True)
    begun = make.on_site(first, place=longquan)
    groups = web.get(page("desk:field")).context["groups"]
    by_title = {title: {each.number for each in rows} for title, rows in groups}
    titles = list(by_title)
    assert titles[0] == "先办：紧急的和没有办完的"
    assert by_title[titles[0]] == {urgent.number, begun.number}
    today = {title: rows for title, rows in by_title.items() if title.startswith("今天要办的")}
    places = [str(place.community) for place in sorted(
        {hubin, longquan, visit.facility}, key=lambda each: each.community.position
    )]  # fmt: skip
    assert list(today) == list(dict.fromkeys(f"今天要办的 · {place}" for place in places))
    assert near.number in today[f"今天要办的 · {hubin.community}"]
    assert far.number in today[f"今天要办的 · {longquan.community}"]
    assert by_title[titles[-1]] == {later.number}
    assert titles[-1] == f"以后的 · {hubin.community}"
