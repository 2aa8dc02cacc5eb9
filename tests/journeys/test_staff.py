"""The people of a filing and of a registered facility, as a web without JavaScript goes it."""

from __future__ import annotations

import datetime as dt
import html as html_words
import io
import logging
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

from facilities import actions, queries
from facilities.forms.staff_table import COLUMNS
from facilities.models import Facility, Filing, StaffMember
from facilities.workflow import SectionStatus
from portal.core.actors import Actor
from portal.core.identifiers import mask_identity
from portal.core.models import AuditEvent, Notification, User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.sheets import read_table, write_table
from tests import makers

pytestmark = pytest.mark.django_db
IMPORT = {"import": "1"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(makers.AT, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return makers.operator()


@pytest.fixture
def web(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def filing(person: User) -> Filing:
    """A filing whose classes are told: 11 toddlers and 18 older ones need 3 + 3 carers."""
    made = makers.filing(person)
    actor = Actor.person(person)
    for key, answers in (
        ("registration", makers.registration_answers()),
        ("premises", makers.premises_answers()),
    ):
        actions.save_section(made, key, answers, answers, version=0, by=actor, at=makers.AT)
    return made


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"my:{name}", args=args)


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def sent(**changes: Any) -> dict[str, Any]:
    """One person as the page sends it."""
    values = makers.staff_person(**changes)
    boxes = {name: values.pop(name) for name in ("is_trained", "has_food_duty")}
    return {name: str(v) for name, v in values.items() if v is not None} | {
        name: "on" for name, is_ticked in boxes.items() if is_ticked
    }


def stored(filing: Filing) -> list[dict[str, Any]]:
    section = filing.sections.get(key="staff")
    return (section.draft or {}).get("staff", [])


def workbook(rows: list[dict[str, Any]], name: str = "staff.xlsx") -> SimpleUploadedFile:
    words = {"manager": "园长", "carer": "保育人员", "health": "保健医", "guard": "保安",
             "cook": "厨师", "other": "其他人员"}  # fmt: skip
    target = io.BytesIO()
    write_table(
        target,
        "名单",
        COLUMNS,
        [
            [
                words.get(row["post"], row["post"]) if c.name == "post"
                else ("是" if row[c.name] else "否") if isinstance(row[c.name], bool)
                else {"full_time": "全职"}.get(row[c.name], row[c.name])
                for c in COLUMNS
            ]
            for row in rows
        ],
    )  # fmt: skip
    return SimpleUploadedFile(name, target.getvalue(), XLSX)


def twelve() -> list[dict[str, Any]]:
    posts = ["manager", "health", "guard", "cook", *["carer"] * 8]
    return [makers.staff_person(f"示例{n}号", post) for n, post in enumerate(posts)]


# --- one by one -------------------------------------------------------------------------------


@pytest.mark.proves("prod:D1", "prod:D3", "diff:9")
def test_people_one_by_one_and_the_ratio_in_words(web: Client, filing: Filing) -> None:
    text = text_of(web, page("staff", filing.number))
    assert "先添加负责人" in text
    assert "在托 11 人，需要 3 名保育人员" in text
    assert "需要 6 名，现有 0 名" in text
    assert "还差 6 名保育人员" in text
    assert "还差 1 名负责人" in text
    assert "还差 1 名保安人员" in text
    url = re.search(r'href="(/my/filing/[^"]+/staff/[0-9a-f-]{36}/)"', text)
    assert url
    values = sent(name="示例园长", post="manager")
    response = web.post(url[1], values | {"version": "0"})
    assert response.status_code == 303, response.content.decode()
    assert response.url == page("staff", filing.number)
    text = text_of(web, response.url)
    assert "示例园长" in text
    assert "还差 1 名负责人" not in text
    assert values["identity"] not in text
    assert mask_identity(values["identity"]) in text
    again = web.post(url[1], values | {"version": "0"})
    assert again.status_code == 303
    assert len(stored(filing)) == 1
    assert filing.sections.get(key="staff").status == SectionStatus.IN_PROGRESS
    done = web.post(page("staff", filing.number), {})
    assert done.url == page("filing", filing.number)
    section = filing.sections.get(key="staff")
    assert section.status == SectionStatus.COMPLETE
    assert section.answers["staff"][0]["identity"] == values["identity"]
    assert len(section.answers["staff"][0]["identity_key"]) == 64


def test_nobody_on_the_list_is_said_and_nothing_is_saved(web: Client, filing: Filing) -> None:
    text = web.post(page("staff", filing.number), {}).content.decode()
    assert "请先添加负责人，再保存" in text
    assert "<title>错误：" in text
    assert filing.sections.get(key="staff").status == SectionStatus.NOT_STARTED


def test_wrong_values_keep_what_was_typed(web: Client, filing: Filing) -> None:
    url = page("staff_person", filing.number, uuid.uuid4())
    bad = sent(identity="410481199003070011", letter_on="2026-12-01", health_until="2207-01-01")
    text = web.post(url, bad | {"version": "0"}).content.decode()
    assert "身份证号有误，请核对" in text
    assert "查询告知函日期（2026-12-01）晚于今天，请核对" in text
    assert "健康证有效期至 2207-01-01，请核对年份" in text
    assert "410481199003070011" in text
    assert stored(filing) == []


def test_full_width_digits_and_a_small_x_are_understood(web: Client, filing: Filing) -> None:
    url = page("staff_person", filing.number, uuid.uuid4())
    written = "４１０４８１ ２００２０２１５ ００４" + "x"
    plain = "41048120020215004"
    last = makers.identity(4, "20020215")[-1]
    written = written[:-1] + last.lower()
    response = web.post(url, sent(identity=written) | {"version": "0"})
    assert response.status_code == 303, response.content.decode()
    assert stored(filing)[0]["identity"] == plain + last


@pytest.mark.proves("prod:D1")
def test_the_masked_number_that_comes_back_is_the_one_on_record(
    web: Client, filing: Filing
) -> None:
    number = makers.identity()
    url = page("staff_person", filing.number, uuid.uuid4())
    web.post(url, sent(identity=number) | {"version": "0"})
    text = text_of(web, url)
    masked = mask_identity(number)
    assert f'value="{masked}"' in text
    assert number not in text
    web.post(url, sent(name="示例乙", identity=masked) | {"version": "1"})
    assert (stored(filing)[0]["name"], stored(filing)[0]["identity"]) == ("示例乙", number)
    other = makers.identity()
    web.post(url, sent(name="示例乙", identity=other) | {"version": "2"})
    assert stored(filing)[0]["identity"] == other
    wrong = web.post(url, sent(identity=mask_identity(number)) | {"version": "3"})
    assert "身份证号" in wrong.content.decode()
    assert stored(filing)[0]["identity"] == other


def test_one_number_stands_once(web: Client, filing: Filing) -> None:
    number = makers.identity()
    for name in ("示例甲", "示例乙"):
        url = page("staff_person", filing.number, uuid.uuid4())
        response = web.post(url, sent(name=name, identity=number) | {"version": "0"})
    assert "与“示例甲”的身份证号相同，请核对" in response.content.decode()
    assert len(stored(filing)) == 1


def test_two_pages_on_one_person_lose_nothing(web: Client, filing: Filing) -> None:
    url = page("staff_person", filing.number, uuid.uuid4())
    number = makers.identity()
    web.post(url, sent(identity=number) | {"version": "0"})
    web.post(url, sent(name="示例乙", identity=number) | {"version": "1"})
    late = web.post(url, sent(name="示例丙", identity=number) | {"version": "1"})
    text = late.content.decode()
    assert late.status_code == 200
    assert "两处内容不一样" in text
    assert number not in text.replace(f'value="{number}"', "")
    assert stored(filing)[0]["name"] == "示例乙"
    web.post(url, sent(name="示例丙", identity=number) | {"version": "2"})
    assert stored(filing)[0]["name"] == "示例丙"


def test_half_typed_people_wait_where_they_were_left(web: Client, filing: Filing) -> None:
    row = uuid.uuid4()
    half = {"name": "示例甲", "post": "carer", "identity": "410481", "version": "0"}
    answer = web.post(page("staff_person_autosave", filing.number, row), half)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'id="staffing"' in text
    assert "需要 6 名，现有 1 名" in text
    assert stored(filing) == []
    listed = text_of(web, page("staff", filing.number))
    assert "接着填：示例甲" in listed
    again = text_of(web, page("staff_person", filing.number, row))
    assert 'value="410481"' in again
    web.post(page("staff_person_remove", filing.number, row), {})
    assert "接着填" not in text_of(web, page("staff", filing.number))


def test_a_person_is_taken_off_after_one_question(web: Client, filing: Filing) -> None:
    row = uuid.uuid4()
    web.post(page("staff_person", filing.number, row), sent() | {"version": "0"})
    assert "确认删除" in text_of(web, page("staff_person_remove", filing.number, row))
    for _ in range(2):
        answer = web.post(page("staff_person_remove", filing.number, row), {})
        assert answer.status_code == 303
    assert stored(filing) == []


def test_a_foreign_filing_does_not_exist(filing: Filing) -> None:
    other = signed_in(makers.operator())
    assert other.get(page("staff", filing.number)).status_code == 404
    row = uuid.uuid4()
    for name in ("staff_person", "staff_person_remove", "staff_person_autosave"):
        assert other.post(page(name, filing.number, row), sent()).status_code == 404


# --- many at once -----------------------------------------------------------------------------


@pytest.mark.proves("prod:D1", "prod:D2", "diff:9")
def test_twelve_people_by_excel_three_rows_faulty(web: Client, filing: Filing) -> None:  # ruff: ignore[too-many-statements]
    rows = twelve()
    rows[3] |= {"identity": rows[3]["identity"][:-1] + "?"}
    rows[7] |= {"identity": rows[6]["identity"]}
    rows[9] |= {"letter_on": "2027-01-01", "post": "护士"}
    url = page("staff", filing.number)
    answer = web.post(url, IMPORT | {"workbook": workbook(rows)})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "新增 9 人" in text
    assert "3 行需要改，没有导入" in text
    assert "身份证号：身份证号" in text
    assert "与“示例6号”的身份证号相同，请核对" in text
    assert "岗位请写：负责人、保育人员" in text
    assert len(stored(filing)) == 9
    carried = re.search(r'name="rows" value="([^"]*)"', text)
    assert carried
    file = web.post(page("staff_faults"), {"rows": html_words.unescape(carried[1])})
    assert file["Content-Type"] == XLSX
    table = read_table(
        SimpleUploadedFile("x.xlsx", file.content), COLUMNS, max_rows=20, max_bytes=10**6
    )
    assert [row.raw["name"] for row in table.rows] == ["示例3号", "示例7号", "示例9号"]
    mended = [rows[n] | {"identity": makers.identity(), "post": rows[n]["post"]} for n in (3, 7)]
    mended.append(rows[9] | {"letter_on": "2026-01-01", "post": "carer"})
    text = web.post(url, IMPORT | {"workbook": workbook(mended)}).content.decode()
    assert "新增 3 人" in text
    assert len(stored(filing)) == 12
    text = web.post(url, IMPORT | {"workbook": workbook(mended)}).content.decode()
    assert "新增 0 人" in text
    assert "3 人没有变化" in text
    listed = text_of(web, page("staff", filing.number))
    assert "岗位和配比都够" in listed
    assert "名单（12 人）" in listed


@pytest.mark.parametrize("with_titles", [True, False])
def test_pasted_lines(web: Client, filing: Filing, *, with_titles: bool) -> None:
    people = [makers.staff_person(f"示例{n}") for n in range(3)]
    lines = [f"{p['name']}\t保育员\t{p['identity']}" for p in people]
    if with_titles:
        lines = ["身份证号码\t姓名\t岗位", *(f"{p['identity']}\t{p['name']}\t老师" for p in people)]
    text = web.post(
        page("staff", filing.number), IMPORT | {"pasted": "\r\n".join(lines)}
    ).content.decode()
    assert "新增 3 人" in text
    assert [row["identity"] for row in stored(filing)] == [p["identity"] for p in people]
    assert {row["post"] for row in stored(filing)} == {"carer"}


def test_neither_file_nor_lines_and_too_many(web: Client, filing: Filing) -> None:
    url = page("staff", filing.number)
    assert "请选择 Excel 文件，或者粘贴内容" in web.post(url, IMPORT).content.decode()
    many = "\n".join(f"示例{n}\t保育员\t1" for n in range(201))
    text = web.post(url, IMPORT | {"pasted": many}).content.decode()
    assert "超过 200 行" in text
    text = web.post(
        url, IMPORT | {"workbook": SimpleUploadedFile("a.xlsx", b"no")}
    ).content.decode()
    assert "Excel" in text
    assert stored(filing) == []


def test_a_list_brought_twice_changes_what_is_new_and_nothing_else(
    web: Client, filing: Filing, person: User
) -> None:
    by = Actor.person(person)
    rows = [makers.staff_person("示例甲"), makers.staff_person("示例乙")]
    assert actions.import_staff_rows(filing, rows, by=by, at=makers.AT) == (2, 0)
    first = filing.sections.get(key="staff").draft["staff"]
    rows[1] |= {"post": "cook"}
    assert actions.import_staff_rows(filing, rows, by=by, at=makers.AT) == (0, 1)
    kept = filing.sections.get(key="staff").draft["staff"]
    assert [row["id"] for row in kept] == [row["id"] for row in first]
    assert [row["version"] - old["version"] for row, old in zip(kept, first, strict=True)] == [0, 1]
    assert kept[1]["post"] == "cook"


def test_a_list_emptied_on_another_page_is_not_whole(filing: Filing, person: User) -> None:
    with pytest.raises(actions.Incomplete):
        actions.finish_staff(filing, by=Actor.person(person), at=makers.AT)


def test_the_same_half_typed_page_is_kept_once(filing: Filing, person: User) -> None:
    by, row = Actor.person(person), uuid.uuid4()
    for _twice in range(2):
        actions.keep_staff_typing(filing, row, {"name": "示例半"}, by=by, at=makers.AT)
    section = filing.sections.get(key="staff")
    assert (section.draft["typed"], section.version) == ({str(row): {"name": "示例半"}}, 1)


def test_the_template_and_a_report_that_is_none(web: Client) -> None:
    assert web.get(page("staff_template"))["Content-Type"] == XLSX
    deep, endless = "[" * 100_000, '[{"number": 1e999, "raw": {}, "faults": {}}]'
    for text in ("", "[1]", '[{"number": "x"}]', "[]", deep, endless):
        assert web.post(page("staff_faults"), {"rows": text}).url == page("staff_ledger")


# --- what is sent, and what the office reads ----------------------------------------------------


@pytest.mark.proves("prod:D1")
def test_the_check_page_and_the_office_read_people_masked(
    web: Client, person: User, filing: Filing
) -> None:
    whole = makers.complete_filing(person)
    numbers = [row["identity"] for row in whole.sections.get(key="staff").answers["staff"]]
    assert len(numbers) == 9
    text = text_of(web, page("check", whole.number))
    assert f"身份证号 {mask_identity(numbers[0])}" in text
    clerk = makers.clerk()
    sent_one = makers.submitted_filing(person)
    review = text_of(signed_in(clerk), reverse("desk:filing", args=[sent_one.number]))
    assert "保育人员 示例保育甲" in review
    for number in (*numbers, *(r["identity"] for r in _sent_rows(sent_one))):
        assert number not in text
        assert number not in review


def _sent_rows(filing: Filing) -> list[dict[str, Any]]:
    return filing.submissions.latest("round").answers["staff"]["staff"]


def test_the_precheck_names_people_and_leads_to_the_list(web: Client, person: User) -> None:
    rows = makers.staff_answers()["staff"][:3]
    rows[1] |= {"letter_on": None}
    whole = makers.complete_filing(person, staff={"staff": rows})
    text = text_of(web, page("check", whole.number))
    assert "按在托人数需要 6 名保育人员，现有 0 名，还差 6 名" in text
    assert "示例保健没有填查询告知函日期" in text
    assert f"{page('staff', whole.number)}?from=check#staff" in text


# --- the ledger -------------------------------------------------------------------------------


@pytest.fixture
def facility(person: User) -> Facility:
    made = makers.registered_filing_of(person)
    assert made.facility
    return made.facility


@pytest.mark.proves("prod:D1", "prod:D2")
def test_joining_renewing_and_leaving(web: Client, facility: Facility) -> None:  # ruff: ignore[too-many-statements]
    text = text_of(web, page("staff_ledger"))
    assert "在岗人员（9 人）" in text
    url = page("staff_add", facility.code, uuid.uuid4())
    values = sent(name="示例新人", letter_on="2025-12-01", health_until="2026-11-01")
    for _ in range(2):
        assert web.post(url, values | {"version": "0"}).status_code == 303
    member = facility.staff.get(name="示例新人")
    text = text_of(web, page("staff_ledger"))
    assert "已过期" in text
    assert "30 天内到期" in text
    assert values["identity"] not in text
    assert "在岗人员（10 人）" in text
    again = web.post(page("staff_add", facility.code, uuid.uuid4()), values | {"version": "0"})
    assert "这个身份证号的人员已在名单里" in again.content.decode()

    paper = page("staff_paper", member.pk, "health")
    renewed = {"issued_on": "2026-11-20", "number": "示例-9"}
    for _ in range(2):
        assert web.post(paper, renewed).url == page("staff_member", member.pk)
    papers = list(member.papers.filter(kind="health").order_by("is_current"))
    assert [p.is_current for p in papers] == [False, True]
    assert papers[1].expires_on == dt.date(2027, 11, 20)
    text = text_of(web, page("staff_member", member.pk))
    assert "以前的证件" in text

    leave = page("staff_leave", member.pk)
    early = web.post(leave, {"left_on": "2020-01-01", "reason": "resigned"})
    assert "离职日期早于入职日期" in early.content.decode()
    for _ in range(2):
        gone = web.post(leave, {"left_on": "2026-11-23", "reason": "resigned"})
        assert gone.status_code == 303
    text = text_of(web, page("staff_ledger"))
    assert "在岗人员（9 人）" in text
    assert "本人辞职" in text
    assert member.papers.count() == 5
    assert AuditEvent.objects.filter(act="staff.left", object_id=str(member.pk)).count() == 1


def test_a_change_of_post_moves_the_ratio(web: Client, facility: Facility) -> None:
    carer = facility.staff.filter(post="carer").first()
    values = {
        "post": "cook",
        "employment": "part_time",
        "class_name": "托小一班",
        "phone": "13800000009",
    }
    assert web.post(page("staff_member", carer.pk), values).status_code == 303
    carer.refresh_from_db()
    assert (carer.post, carer.class_name, carer.phone) == ("cook", "托小一班", "13800000009")
    assert "还差 1 名保育人员" in text_of(web, page("staff_ledger"))
    detail = AuditEvent.objects.get(act="staff.changed").detail
    assert detail == {"fields": ["class_name", "employment", "experience_years", "phone", "post"]}


def test_the_ledger_takes_a_sheet(web: Client, facility: Facility) -> None:
    rows = [makers.staff_person(f"示例新{n}") for n in range(2)]
    rows[1]["identity"] = "1"
    url = page("staff_ledger_import", facility.code)
    text = web.post(url, {"workbook": workbook(rows)}).content.decode()
    assert "新增 1 人" in text
    assert "1 行需要改，没有导入" in text
    assert facility.staff.count() == 10


def test_somebody_elses_people_do_not_exist_and_an_office_is_no_membership(
    facility: Facility,
) -> None:
    other = signed_in(makers.operator())
    official = signed_in(makers.user(Role.CLERK, Role.OPERATOR))
    member = facility.staff.first()
    for web, answer in ((other, 404), (official, 403)):
        for url in (
            page("staff_ledger_import", facility.code),
            page("staff_add", facility.code, uuid.uuid4()),
            page("staff_member", member.pk),
            page("staff_leave", member.pk),
            page("staff_paper", member.pk, "health"),
        ):
            assert web.get(url).status_code == answer, url
    assert "机构登记后，在这里管理工作人员" in text_of(other, page("staff_ledger"))


# --- the desk ---------------------------------------------------------------------------------


@pytest.mark.proves("prod:D1")
@pytest.mark.parametrize("role", [Role.CLERK, Role.APPROVER, Role.INSPECTOR])
def test_a_number_is_shown_for_a_reason_and_on_the_trail(facility: Facility, role: str) -> None:
    official = signed_in(makers.user(role))
    member = facility.staff.get(name="示例负责人")
    tab = text_of(official, reverse("desk:facility", args=[facility.code]) + "?tab=staff")
    assert member.masked_identity in tab
    assert member.identity not in tab
    url = reverse("desk:staff_reveal", args=[member.pk])
    assert member.identity not in text_of(official, url)
    assert member.identity not in official.post(url, {}).content.decode()
    assert not AuditEvent.objects.filter(act="staff.identity_revealed").exists()
    assert member.identity in official.post(url, {"reason": "visit"}).content.decode()
    event = AuditEvent.objects.get(act="staff.identity_revealed")
    assert event.object_id == str(member.pk)
    assert event.detail == {"reason": "visit"}


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.HANDLER])
def test_the_others_read_counts_only(facility: Facility, role: str) -> None:
    official = signed_in(makers.user(role))
    member = facility.staff.get(name="示例负责人")
    tab = text_of(official, reverse("desk:facility", args=[facility.code]) + "?tab=staff")
    assert "岗位人数" in tab
    assert "名单只由经办、审定和检查人员查看" in tab
    assert member.masked_identity not in tab
    url = reverse("desk:staff_reveal", args=[member.pk])
    assert official.post(url, {"reason": "visit"}).status_code == 404


def is_frame(sql: str) -> bool:
    """Whether a statement belongs to the transaction around the page."""
    return sql.startswith(("SAVEPOINT", "RELEASE", "SET TRANSACTION"))


def test_the_number_of_queries_does_not_grow_with_the_people(
    web: Client, facility: Facility
) -> None:
    tab = reverse("desk:facility", args=[facility.code]) + "?tab=staff"
    official = signed_in(makers.clerk())

    def counts() -> list[int]:
        found = []
        for client, url in ((web, page("staff_ledger")), (official, tab)):
            client.get(url)
            with CaptureQueriesContext(connection) as run:
                text_of(client, url)
            asked = [query for query in run.captured_queries if not is_frame(query["sql"])]
            found.append(len(asked))
        return found

    before = counts()
    rows = [makers.staff_person(f"示例{n}") for n in range(30)]
    web.post(page("staff_ledger_import", facility.code), {"workbook": workbook(rows)})
    assert facility.staff.count() == 39
    assert counts() == before
    assert max(before) <= 15


# --- nothing personal elsewhere -----------------------------------------------------------------


@pytest.mark.proves("prod:D1")
def test_no_number_outside_the_sealed_columns(
    web: Client, filing: Filing, facility: Facility, caplog: pytest.LogCaptureFixture
) -> None:
    number, name = makers.identity(), "示例隐名"
    with caplog.at_level(logging.DEBUG):
        row = uuid.uuid4()
        web.post(
            page("staff_person_autosave", filing.number, row), sent(identity=number, name=name)
        )
        web.post(page("staff_person", filing.number, row), sent(identity=number, name=name))
        web.post(page("staff_add", facility.code, uuid.uuid4()), sent(identity=number, name=name))
        member = facility.staff.get(name=name)
        web.post(page("staff_leave", member.pk), {"left_on": "2026-11-23", "reason": "ended"})
    for secret in (number, name):
        assert secret not in caplog.text
        assert not AuditEvent.objects.filter(detail__icontains=secret).exists()
        assert not Notification.objects.filter(body__icontains=secret).exists()
    with connection.cursor() as cursor:
        for table in ("facilities_staffmember", "facilities_filingsection"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{number}%"])
            assert cursor.fetchone() == (0,)
    assert number not in str(StaffMember.objects.filter(pk=member.pk).values())


def test_counts_for_the_public_page_hold_no_person(facility: Facility) -> None:
    counts = queries.staff_counts(facility, in_force(makers.AT.date()))
    assert counts.total == 9
    assert dict(counts.posts)["保育人员"] == 6
    assert counts.children_per_carer == "1:5"
    assert (counts.carers, counts.carers_needed) == (6, 6)
