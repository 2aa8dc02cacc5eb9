"""Residents through the client: telling, keeping number and code, reading and answering."""

from __future__ import annotations

import datetime as dt
import html
import io
import re

import pytest
import time_machine
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from complaints import actions, queries
from complaints.actions import drafts
from complaints.forms.statements import StatementAnswerForm
from complaints.models import Complaint, ComplaintDraft, ComplaintFile, DraftFile
from complaints.workflow import ComplaintStatus
from facilities.models import Facility
from portal.core import attachments
from portal.core.files import store
from portal.core.models import AuditEvent, Outbox
from tests import makers, register
from tests.complaints import makers as cases
from tests.complaints.makers import AT, actor
from tests.core import corpus

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(days=1)
STORY = "昨天下午接孩子时看到老师推搡小朋友，孩子回家后一直哭。"


@pytest.fixture(autouse=True)
def clock():
    caches["budgets"].clear()
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def page(name, *args):
    return reverse(f"complaints:{name}", args=args)


def text_of(response):
    return html.unescape(response.content.decode())


def tell(
    client, category="C1", *, story=STORY, place="小太阳托育园", contact=None, files=(), **more
):
    """All screens in their order, with the three compulsory answers and what else is given."""
    client.post(page("topic"), {"category": category})
    client.post(page("facility"), {"choice": "other", "place_name": "小太阳托育园"})
    client.post(page("details"), {"happened": STORY, **more})
    for file in files:
        client.post(page("evidence"), {"file": file})
    client.post(page("contact"), contact or {"way": "anonymous"})
    return client.post(page("check"))


def keep(client):
    """Number and code as the page shows them."""
    shown = text_of(client.get(page("done")))
    number = re.search(r"TS-\w{4}-\w{4}-\w", shown).group()
    code = re.search(r'id="receipt-code">([\w-]+)<', shown).group(1)
    return number, code


def track(client, number, code, **more):
    return client.post(page("track"), {"number": number, "code": code, **more})


# --- telling --------------------------------------------------------------------------------------


@pytest.mark.proves("prod:J1", "prod:J2", "prod:J3", "ux:13", "prod:J10", "clause:二(五)1d")
def test_an_anonymous_report_takes_seven_screens_and_three_answers():
    client = Client()
    start = text_of(client.get(page("start")))
    assert start.index("tel:110") < start.index("开始填写")
    screens = []
    response = client.post(page("topic"), {"category": "C1"}, follow=True)
    screens.append(response.request["PATH_INFO"])
    assert "tel:110" in text_of(response)
    response = client.get(page("facility"))
    response = client.post(
        page("facility"), {"choice": "other", "place_name": "小太阳托育园"}, follow=True
    )
    screens.append(response.request["PATH_INFO"])
    response = client.post(page("details"), {"happened": STORY}, follow=True)
    screens.append(response.request["PATH_INFO"])
    response = client.post(page("evidence"), {"go": "1"}, follow=True)
    screens.append(response.request["PATH_INFO"])
    response = client.post(page("contact"), {"way": "anonymous"}, follow=True)
    screens.append(response.request["PATH_INFO"])
    assert STORY in text_of(response)
    response = client.post(page("check"))
    assert response["Location"] == page("done")
    assert len({page("topic"), page("facility"), *screens}) <= 7
    made = Complaint.objects.get()
    assert (made.category, made.lane, made.is_named) == ("C1", "red", False)
    assert made.told["place"]["name"] == "小太阳托育园"


def test_sent_twice_is_one_case_and_the_draft_is_gone():
    client = Client()
    tell(client)
    first = keep(client)
    again = client.post(page("check"))
    assert again["Location"] == page("done"), "a second press leads to number and code too"
    assert keep(client) == first
    assert Complaint.objects.count() == 1
    assert not ComplaintDraft.objects.exists()
    client.post(page("topic"), {"category": "C9"})
    assert ComplaintDraft.objects.count() == 1


@pytest.mark.proves("prod:J9", "prod:J13")
def test_every_screen_says_what_is_missing_and_keeps_what_was_typed():
    client = Client()
    assert "请选择是什么问题" in text_of(client.post(page("topic"), {}))
    for name in ("facility", "details", "evidence", "contact", "check"):
        assert client.get(page(name))["Location"] == page("topic")
    client.post(page("topic"), {"category": "C8"})
    assert "请选择或填写机构名称" in text_of(client.post(page("facility"), {}))
    client.post(page("facility"), {"choice": "other", "place_name": "某托育点"})
    short = text_of(client.post(page("details"), {"happened": "太短", "wish": "退费"}))
    assert "至少 10 个字" in short
    assert "请不要写孩子的姓名" in short
    assert "交了多少钱，有没有合同或收据" in short  # asked about fees only
    assert "退费" in short
    assert "最多 1000 个字" in text_of(client.post(page("details"), {"happened": "长" * 1001}))
    client.post(page("details"), {"happened": STORY, "extra": "三千元"})
    wrong = text_of(client.post(page("contact"), {"way": "named", "phone": "12"}))
    assert "手机号应为 11 位数字，或选择匿名" in wrong
    client.post(page("contact"), {"way": "anonymous"})
    assert "三千元" in text_of(client.get(page("check")))
    # Whoever corrects an answer from the last screen comes back to it.
    response = client.post(page("details"), {"happened": STORY + "补充。"})
    assert response["Location"] == page("check")


@pytest.mark.proves("prod:J5", "prod:J6")
def test_a_facility_is_found_by_two_characters_or_its_door_sign():
    facility = register.facility()
    client = Client()
    client.post(page("topic"), {"category": "C8", "facility": facility.code})
    assert facility.name in text_of(client.get(page("facility")))
    found = client.post(page("facility"), {"q": facility.name[:2], "search": "1"})
    assert facility.address in text_of(found)
    nothing = client.post(page("facility"), {"q": "没有这样的", "search": "1"})
    assert "没有找到" in text_of(nothing)
    client.post(page("facility"), {"choice": facility.code})
    client.post(page("details"), {"happened": STORY})
    client.post(page("contact"), {"way": "anonymous"})
    client.post(page("check"))
    assert Complaint.objects.get().facility == facility
    assert Facility.objects.count() == 1


def test_a_matter_of_the_office_asks_for_no_facility():
    client = Client()
    response = client.post(page("topic"), {"category": "C12"})
    assert response["Location"] == page("details")
    client.post(page("details"), {"happened": STORY})
    client.post(page("contact"), {"way": "anonymous"})
    client.post(page("check"))
    assert Complaint.objects.get().lane == "discipline"


def test_whoever_turns_to_a_matter_of_the_office_leaves_the_facility_out():
    facility = register.facility()
    client = Client()
    client.post(page("topic"), {"category": "C8", "facility": facility.code})
    client.post(page("details"), {"happened": STORY})
    client.post(page("contact"), {"way": "anonymous"})
    client.post(page("topic"), {"category": "C12"})
    client.post(page("check"))
    made = Complaint.objects.get()
    assert (made.lane, made.facility) == ("discipline", None)


def test_signs_no_database_knows_are_no_fault():
    client = Client()
    for code in ("\0", "x" * 5000, "（示例）"):
        sent = client.post(page("topic"), {"category": "C8", "facility": code})
        assert sent["Location"] == page("facility")
        shown = client.post(page("facility"), {"q": code, "search": "1"})
        assert shown.status_code == 200


@pytest.mark.proves("sec:C8")
def test_whoever_leaves_before_sending_leaves_nothing_behind():
    client = Client()
    client.post(page("topic"), {"category": "C8"})
    client.post(page("facility"), {"choice": "other", "place_name": "某托育点"})
    client.post(page("details"), {"happened": STORY})
    client.post(page("evidence"), {"file": makers.jpeg()})
    assert page("leave") in text_of(client.get(page("evidence")))
    client.post(page("leave"))
    assert not ComplaintDraft.objects.exists()
    assert not DraftFile.objects.exists()
    assert client.get(page("details"))["Location"] == page("topic")


def test_a_disk_without_room_is_told_and_loses_nothing(monkeypatch):
    facility = register.facility()
    client = Client()
    tell(client, "C8")
    client.post(page("done"))

    def full(*_):
        raise store.StorageFull("full")

    monkeypatch.setattr(store, "write_with_transaction", full)
    shown = client.post(page("add"), {"text": "补充一张照片", "file": makers.jpeg()})
    assert shown.status_code == 200
    assert "补充一张照片" in text_of(shown)
    other = Client()
    other.post(page("topic"), {"category": "C8", "facility": facility.code})
    assert other.post(page("evidence"), {"file": makers.jpeg()}).status_code == 200
    assert not DraftFile.objects.exists()
    assert queries.messages_of(Complaint.objects.get()) == []


def photo_with_gps():
    out = io.BytesIO()
    picture = Image.new("RGB", (80, 60), (200, 120, 40))
    exif = picture.getexif()
    exif[0x010F] = "HUAWEI-CANARY"
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(out, "JPEG", exif=exif)
    out.seek(0)
    out.name = "王小明在家.jpg"
    return out


@pytest.mark.proves("prod:J7", "sec:C1")
def test_a_photo_comes_without_its_place_and_is_sealed():
    client = Client()
    tell(client, files=[photo_with_gps()])
    kept = ComplaintFile.objects.get()
    made = Complaint.objects.get()
    content = made.opened_bytes(store.read(kept.storage_key), f"content:{kept.pk}")
    assert b"HUAWEI-CANARY" not in content
    assert not Image.open(io.BytesIO(content)).getexif()
    assert not DraftFile.objects.exists()


@pytest.mark.proves("sec:S1")
def test_evidence_goes_only_when_its_draft_is_gone_for_good(django_capture_on_commit_callbacks):
    """A kill while the draft is dropped leaves it whole: sending once more is no fault."""
    key = drafts.new_key()
    drafts.add_draft_file(key, attachments.inspected(makers.jpeg()), at=AT)
    file = DraftFile.objects.get().storage_key
    with transaction.atomic():
        drafts.drop_draft(key)
        transaction.set_rollback(True)
    assert len(drafts.accepted_files(key)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        drafts.drop_draft(key)
    assert not store.exists(file)


@pytest.mark.proves("prod:J7", "sec:C1")
@pytest.mark.parametrize(
    ("made", "name", "media_type"),
    [
        (corpus.mp4, "家里拍的.mp4", "video/mp4"),
        (corpus.sound_with_cover, "录音.mp3", "audio/mpeg"),
    ],
)
def test_a_recording_comes_without_title_and_place(made, name, media_type):
    """From the form and later by number and code; what it shows and says stays as it was."""
    client = Client()
    tell(client, files=[SimpleUploadedFile(name, made())])
    number, code = keep(client)
    track(client, number, code)
    client.post(page("add"), {"text": "还有一段", "file": SimpleUploadedFile(name, made())})
    case = Complaint.objects.get()
    for kept in case.files.all():
        assert kept.media_type == media_type
        content = case.opened_bytes(store.read(kept.storage_key), f"content:{kept.pk}")
        assert corpus.NEEDLE not in content
        assert b"+33.3000" not in content
    assert case.files.count() == 2


def test_a_facility_answers_with_papers_alone():
    """Recordings are what residents may send."""
    form = StatementAnswerForm(
        {"text": "情况说明"}, {"file": SimpleUploadedFile("a.mp4", corpus.mp4())}
    )
    assert "须为" in str(form.errors["file"])


def test_a_file_of_a_draft_is_listed_and_taken_out_again():
    client = Client()
    client.post(page("topic"), {"category": "C8"})
    client.post(page("facility"), {"choice": "other", "place_name": "某托育点"})
    client.post(page("details"), {"happened": STORY})
    client.post(page("evidence"), {"file": makers.jpeg()})
    row = DraftFile.objects.get()
    assert "还没有添加" not in text_of(client.get(page("evidence")))
    Client().post(page("evidence_remove", row.pk))
    assert DraftFile.objects.exists()
    client.post(page("evidence_remove", row.pk))
    assert not DraftFile.objects.exists()
    bad = io.BytesIO(b"MZ not a picture")
    bad.name = "x.exe"
    assert "须为" in text_of(client.post(page("evidence"), {"file": bad}))
    for _ in range(10):
        last = client.post(page("evidence"), {"file": makers.jpeg()})
    assert "最多 9 个文件" in text_of(last)


def test_what_is_not_sent_is_read_by_nobody_and_forgotten():
    client = Client()
    client.post(page("topic"), {"category": "C8"})
    client.post(page("facility"), {"choice": "other", "place_name": "某托育点"})
    client.post(page("details"), {"happened": STORY})
    assert STORY.encode() not in bytes(ComplaintDraft.objects.get().body)
    from complaints.tasks import forget_what_is_over  # ruff: ignore[import-outside-top-level]

    assert forget_what_is_over(AT) == 0
    assert forget_what_is_over(LATER) >= 1
    assert not ComplaintDraft.objects.exists()


def test_a_person_who_is_signed_in_is_nobody_here(client):
    operator = makers.operator()
    client.force_login(operator, backend="portal.core.accounts.SignedIn")
    tell(client)
    assert Complaint.objects.get().created_by is None
    lines = AuditEvent.objects.filter(act__startswith="complaint")
    assert {line.actor_id for line in lines} == {None}
    assert {line.actor_label for line in lines} == {"resident"}


# --- number and code ------------------------------------------------------------------------------


@pytest.mark.proves("prod:L1", "prod:L3", "diff:20")
def test_number_and_code_are_shown_until_they_are_confirmed():
    client = Client()
    tell(client)
    number, code = keep(client)
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)
    assert keep(client) == (number, code)
    picture = client.get(page("receipt"))
    assert Image.open(io.BytesIO(picture.content)).width == 1080
    assert client.post(page("done"))["Location"] == page("track")
    assert number in text_of(client.get(page("track")))
    assert client.get(page("done"))["Location"] == page("track")
    assert client.get(page("receipt"))["Location"] == page("track")
    assert code.replace("-", "") not in text_of(client.get(page("track")))


def test_from_another_device_number_and_code_open_the_case():
    client, other = Client(), Client()
    tell(client)
    number, code = keep(client)
    spoken = code.lower().replace("-", " ")
    assert track(other, number.lower(), spoken)["Location"] == page("track")
    shown = text_of(other.get(page("track")))
    assert "我们已收到，正在查看" in shown
    assert STORY not in shown
    assert AuditEvent.objects.filter(act="complaint.tracked").count() == 1
    other.post(page("leave"))
    assert number not in text_of(other.get(page("track")))


def test_whoever_has_used_the_code_is_not_shown_it_again():
    client = Client()
    tell(client)
    number, code = keep(client)
    track(client, number, code)
    assert client.get(page("done"))["Location"] == page("track")
    assert client.get(page("receipt"))["Location"] == page("track")


def test_looking_at_one_case_keeps_the_code_of_another_on_the_screen():
    client, other = Client(), Client()
    tell(other)
    number, code = keep(other)
    tell(client)
    mine = keep(client)
    track(client, number, code)
    assert keep(client) == mine


def test_the_case_closes_by_itself_after_some_minutes(clock):
    client = Client()
    tell(client)
    number, _code = keep(client)
    client.post(page("done"))
    clock.shift(dt.timedelta(minutes=16))
    assert number not in text_of(client.get(page("track")))
    assert client.get(page("add"))["Location"] == page("track")


def test_a_cookie_that_was_changed_opens_nothing():
    client = Client()
    for value in ("zz", "00" * 40, ""):
        client.cookies["complaint_open"] = value
        client.cookies["complaint_draft"] = value
        assert client.get(page("add"))["Location"] == page("track")
        assert client.get(page("done"))["Location"] == page("track")


CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|hx-headers=\S+')


@pytest.mark.proves("sec:C14", "prod:L4")
def test_a_wrong_number_and_a_wrong_code_are_answered_alike():
    client = Client()
    tell(client)
    number, code = keep(client)
    client.post(page("done"))
    other = "TS-0000-0000-0"
    answers = []
    for tried in ((number, "0000-0000-0000-0000"), (other, code)):
        response = track(Client(), *tried)
        shown = CSRF.sub("", text_of(response))
        for typed in tried:
            shown = shown.replace(typed, "X")
        answers.append((response.status_code, shown, set(response.cookies)))
    assert answers[0] == answers[1]
    assert "没有找到这件投诉，请核对编号和查询码" in answers[0][1]


@pytest.mark.proves("sec:C8")
def test_neither_number_nor_code_stands_in_an_address_and_nothing_is_kept():
    client = Client()
    tell(client)
    number, _code = keep(client)
    seen = [client.get(page(n)) for n in ("start", "topic", "done")]
    client.post(page("done"))
    seen += [client.get(page(n)) for n in ("track", "add", "withdraw")]
    for response in seen:
        assert response["Cache-Control"] == "no-store, private"
        assert number not in response.request["PATH_INFO"]
        links = re.findall(r'(?:href|action|src)="([^"]*)"', text_of(response))
        assert not any(number in link for link in links)
    assert client.post(page("leave"))["Clear-Site-Data"] == '"cache"'


@pytest.mark.proves("sec:C13")
def test_before_the_first_answer_there_is_no_cookie_but_the_one_of_forms():
    client = Client()
    client.get(page("start"))
    client.get(page("topic"))
    assert set(client.cookies) <= {"csrf"}


# --- after ----------------------------------------------------------------------------------------


@pytest.mark.proves("prod:K13", "prod:K16", "prod:L2", "clause:二(五)1d")
def test_question_answer_reply_rating_and_review_by_code_alone():
    handler, second, approver = cases.handler(), cases.handler(), makers.approver()
    client = Client()
    tell(client, "C8")
    number, _code = keep(client)
    client.post(page("done"))
    made = Complaint.objects.get()
    made = actions.accept_complaint(made, "major", by=actor(handler), at=AT)
    made = actions.assign_complaint(made, handler, by=actor(handler), at=AT)
    actions.ask_complainant(made, "是哪一天的收费？", by=actor(handler), at=AT)
    shown = text_of(client.get(page("track")))
    assert "是哪一天的收费？" in shown
    assert "回答提问" in shown
    client.post(page("add"), {"text": "上周五", "file": makers.jpeg()})
    made.refresh_from_db()
    assert made.state == ComplaintStatus.INVESTIGATING
    actions.propose_reply(made, "not_upheld", "票据", "收费与公示一致", by=actor(handler), at=AT)
    assert "收费与公示一致" not in text_of(client.get(page("track")))
    actions.approve_reply(made, by=actor(approver), at=AT)
    assert "收费与公示一致" in text_of(client.get(page("track")))
    assert "请选择问题解决了没有" in text_of(client.post(page("rate"), {}))
    client.post(page("rate"), {"solved": "no", "satisfaction": "poor"})
    client.post(page("review"), {"text": "没有退钱"})
    made.refresh_from_db()
    assert (made.is_solved, made.satisfaction, made.state) == (False, "poor", "reopened")
    assert made.first_handler == handler
    assert "已收到您的复核申请" in text_of(client.get(page("track")))
    again = client.post(page("review"), {"text": "再来"}, follow=True)
    assert "现在不能办理这一步" in text_of(again)
    actions.assign_complaint(made, second, by=actor(approver), at=AT)
    assert number not in text_of(Client().get(page("track")))


def of_the_office(client):
    """Sent about the office itself, by somebody without a name."""
    client.post(page("topic"), {"category": "C12"})
    client.post(page("details"), {"happened": "上门检查的人收了红包"})
    client.post(page("contact"), {"way": "anonymous"})
    client.post(page("check"))
    client.post(page("done"))
    return Complaint.objects.get()


def at_the_desk(client, made):
    """A function that opens a page of the case, or sends what is typed there."""

    def visit(name, **typed):
        way = reverse(f"desk:{name}", args=[made.pk])
        shown = client.post(way, typed, follow=True) if typed else client.get(way)
        assert shown.status_code == 200, name
        return text_of(shown)

    return visit


@pytest.mark.proves("prod:K13", "prod:L2")
def test_the_discipline_inspectors_ask_and_read_the_answer_and_nobody_else_does():
    auditor, client, inspector = makers.user("auditor"), Client(), Client()
    made = of_the_office(client)
    inspector.force_login(auditor)
    desk = at_the_desk(inspector, made)
    desk("complaint_take_over", sure="yes")
    assert reverse("desk:complaint_ask_discipline", args=[made.pk]) in desk("complaint")
    assert "已发出提问" in desk("complaint_ask_discipline", text="是哪一天，哪个岗位？")
    shown = text_of(client.get(page("track")))
    assert "是哪一天，哪个岗位？" in shown
    assert "回答提问" in shown
    client.post(page("add"), {"text": "上周五，穿制服的"})
    made.refresh_from_db()
    assert (made.state, made.is_paused) == (ComplaintStatus.REFERRED, False)
    assert "上周五，穿制服的" in desk("complaint")
    assert "已发出留言" in desk("complaint_write", text="正在核实")
    assert "正在核实" in text_of(client.get(page("track")))
    told = Outbox.objects.filter(payload__kind__startswith="complaint.")
    assert {row.payload["to"] for row in told} == {str(auditor.pk)}


def test_the_discipline_inspectors_go_on_without_an_answer_and_keep_the_whole_case():
    client, inspector = Client(), Client()
    made = of_the_office(client)
    inspector.force_login(makers.user("auditor"))
    desk = at_the_desk(inspector, made)
    desk("complaint_take_over", sure="yes")
    desk("complaint_ask_discipline", text="还有别人看见吗？")
    assert "已继续办理" in desk("complaint_resume_discipline", sure="yes")
    case_sheet = inspector.get(reverse("desk:complaint_pdf", args=[made.pk]))
    assert case_sheet["Content-Type"] == "application/pdf"
    desk("complaint_answer_discipline", result="partly", text="已处理当事人。")
    assert "已处理当事人。" in text_of(client.get(page("track")))


def test_a_complaint_is_taken_back_and_a_red_one_goes_on():
    client = Client()
    tell(client, "C9")
    keep(client)
    client.post(page("done"))
    assert "您已撤回" in text_of(client.post(page("withdraw"), {"text": ""}, follow=True))
    red = Client()
    tell(red, "C1")
    red.post(page("done"))
    shown = text_of(red.post(page("withdraw"), {"text": "算了"}, follow=True))
    assert "我们仍会查清" in shown
    assert Complaint.objects.get(category="C1").state == "received"
