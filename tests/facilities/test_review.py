"""The lists and files of the desk, who may open what, and what the calendar does once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import actions, tasks
from facilities.filters import FilingFilter
from facilities.forms.desk import CorrectionForm, StatutoryForm
from facilities.models import Facility, Filing
from facilities.models.choices import Proposal
from facilities.queries.duplicates import twins
from portal.core import badges, clock, outbox
from portal.core.actors import Actor
from portal.core.models import Holiday, Notification, User
from portal.core.queries import in_force
from portal.core.roles import Role
from tests import makers

pytestmark = pytest.mark.django_db
R = Role


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the portal's clock; it starts on Monday 23 November 2026."""

    def set_to(at: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    set_to(makers.AT)
    return set_to


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def day(year: int, month: int, on: int, hour: int = 1) -> dt.datetime:
    """A moment on a Shanghai day, 9:00 by default."""
    return dt.datetime(year, month, on, hour, tzinfo=dt.UTC)


def named(client: Client, query: str) -> list[str]:
    """The names in the list of filings."""
    answer = client.get(reverse("desk:filings") + query)
    assert answer.status_code == 200
    return [filing.facility_name for filing in answer.context["page"]]


# --- lists ----------------------------------------------------------------------------------------


@pytest.fixture
def three() -> tuple[Filing, Filing, Filing]:
    """Three filings of different days, communities and states."""
    sun = makers.submitted_filing(
        registration={"facility_name": "小太阳托育园（示例）"}, premises={"community": "longquan"}
    )
    moon = makers.submitted_filing(
        at=day(2026, 11, 20),
        registration={"facility_name": "月亮湾托育园（示例）", "short_name": "月亮湾"},
        premises={"community": "hubin"},
    )
    star = makers.taken_filing(
        makers.clerk(),
        at=day(2026, 11, 11),
        registration={"facility_name": "星星屋托育园（示例）", "short_name": "星星屋"},
        premises={"community": "hubin"},
    )
    return sun, moon, star


def test_filings_are_found_by_name_initials_number_and_place(three: tuple[Filing, ...]) -> None:
    sun, moon, star = three
    client = signed_in(makers.clerk())
    assert len(named(client, "")) == 3
    assert named(client, "?q=月亮") == [moon.facility_name]
    assert named(client, "?q=xxw") == [star.facility_name]
    assert named(client, f"?q={sun.number[-5:]}") == [sun.facility_name]
    assert named(client, "?community=hubin") == [moon.facility_name, star.facility_name]
    assert named(client, "?community=hubin&state=submitted") == [moon.facility_name]
    assert named(client, f"?handler={star.handler_id}") == [star.facility_name]
    assert named(client, "?due=overdue") == [star.facility_name]
    assert named(client, "?due=week") == [moon.facility_name]
    assert named(client, "?due=today") == []


def test_an_exact_number_opens_the_filing_or_the_file() -> None:
    client = signed_in(makers.clerk())
    facility = makers.facility()
    filing = facility.filings.get()
    opened = client.get(reverse("desk:filings"), {"q": f" {filing.number.lower()} "})
    assert opened.url == reverse("desk:filing", args=[filing.number])
    for text in (facility.code, facility.uscc):
        opened = client.get(reverse("desk:facilities"), {"q": text})
        assert opened.url == reverse("desk:facility", args=[facility.code])
    opened = client.get(reverse("desk:facilities"), {"q": filing.number})
    assert opened.url == reverse("desk:filing", args=[filing.number])


@pytest.mark.parametrize(
    "query",
    ["?community=nowhere", "?handler=1", "?due=soon", "?state=lost", "?q=%00", "?q=" + "长" * 101,
     "?page=-3&size=7", "?handler=00000000-0000-0000-0000-000000000000", "?state=lost&due=x"],
)  # fmt: skip
def test_a_parameter_nobody_understands_is_left_out(three: tuple[Filing, ...], query: str) -> None:
    client = signed_in(makers.clerk())
    answer = client.get(reverse("desk:filings") + query)
    assert answer.status_code == 200
    assert len(answer.context["page"]) == 3
    assert ("没有使用" in answer.content.decode()) == ("page=" not in query)


@pytest.mark.parametrize("query", ["?facility_type=zoo", "?statutory=x", "?q=%00", "?operating=1"])
def test_so_in_the_facility_files(query: str) -> None:
    makers.facility()
    answer = signed_in(makers.clerk()).get(reverse("desk:facilities") + query)
    assert answer.status_code == 200
    assert len(answer.context["page"]) == 1
    assert "没有使用" in answer.content.decode()


def test_tabs_count_what_the_filter_leaves(three: tuple[Filing, ...]) -> None:
    client = signed_in(makers.clerk())
    answer = client.get(reverse("desk:filings") + "?community=hubin&state=submitted")
    counts = {str(tab["label"]): tab["count"] for tab in answer.context["tabs"]}
    assert (counts["待审核"], counts["审核中"], counts["全部"]) == (1, 1, 2)
    current = [str(tab["label"]) for tab in answer.context["tabs"] if tab["current"]]
    assert current == ["待审核"]


def test_an_empty_list_says_why() -> None:
    client = signed_in(makers.clerk())
    assert "还没有记录" in client.get(reverse("desk:filings")).content.decode()
    assert "清除筛选" in client.get(reverse("desk:filings") + "?q=没有").content.decode()
    assert "还没有记录" in client.get(reverse("desk:facilities")).content.decode()


def test_facility_files_are_filtered() -> None:
    mine = makers.facility(facility_name="月亮湾托育园（示例）", facility_type="kindergarten")
    makers.facility()
    client = signed_in(makers.user(R.INSPECTOR))

    def codes(query: str) -> list[str]:
        answer = client.get(reverse("desk:facilities") + query)
        return [facility.code for facility in answer.context["page"]]

    assert len(codes("")) == 2
    assert codes("?q=月亮湾") == codes("?facility_type=kindergarten") == [mine.code]
    assert len(codes("?statutory=unknown&operating=open&community=longquan")) == 2
    assert len(codes(f"?q={mine.code[:7]}")) == 2
    assert codes("?statutory=filed") == []


# --- before and after ---------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?state=submitted", "?state=submitted&community=longquan"])
def test_next_and_previous_walk_the_filtered_list(query: str) -> None:
    for on in (16, 17, 17, 18):
        makers.submitted_filing(at=day(2026, 11, on))
    makers.taken_filing(makers.clerk(), at=day(2026, 11, 17), premises={"community": "hubin"})
    client = signed_in(makers.clerk())
    rows = client.get(reverse("desk:filings") + query).context["page"].object_list
    order = [filing.number for filing in rows]
    for at, number in enumerate(order):
        answer = client.get(reverse("desk:filing", args=[number]) + query)
        found = answer.context["neighbours"]
        assert (found.position, found.total) == (at + 1, len(order))
        assert found.before == (order[at - 1] if at else None)
        assert found.after == (order[at + 1] if at + 1 < len(order) else None)
        if found.after:
            link = reverse("desk:filing", args=[found.after]) + query.replace("&", "&amp;")
            assert link in answer.content.decode()


def test_a_filing_outside_the_filter_still_has_neighbours() -> None:
    first, second = (makers.submitted_filing(at=day(2026, 11, on)) for on in (16, 18))
    outside = makers.taken_filing(makers.clerk(), at=day(2026, 11, 17))
    client = signed_in(makers.clerk())
    answer = client.get(reverse("desk:filing", args=[outside.number]) + "?state=submitted")
    found = answer.context["neighbours"]
    assert (found.before, found.after, found.position) == (first.number, second.number, 0)


def test_back_to_the_list_keeps_the_filter() -> None:
    filing = makers.submitted_filing()
    client = signed_in(makers.clerk())
    listed = client.get(reverse("desk:filings") + "?state=submitted&q=小太阳&page=1")
    address = reverse("desk:filing", args=[filing.number])
    assert f"{address}?state=submitted&amp;q=" in listed.content.decode()
    shown = client.get(f"{address}?state=submitted&q=小太阳&page=1&show=fire_certificate")
    back = reverse("desk:filings") + "?state=submitted&amp;q=%E5%B0%8F%E5%A4%AA%E9%98%B3&amp;page=1"
    assert f'href="{back}"' in shown.content.decode()
    taken = client.post(reverse("desk:filing_take", args=[filing.number]) + "?state=submitted")
    assert taken.url == f"{address}?state=submitted"


# --- who may open what -------------------------------------------------------------------------

READ_FILINGS = (R.CLERK, R.APPROVER, R.LEADER, R.AUDITOR, R.COMMUNITY)
READ_FILES = (*READ_FILINGS, R.INSPECTOR, R.HANDLER)


def test_each_role_opens_only_its_pages() -> None:
    filing = makers.registered_filing()
    assert filing.facility is not None
    for role in R:
        client, wanted = signed_in(makers.user(role)), _of_each_page(role, filing)
        answers = {address: client.get(address).status_code for address in wanted}
        assert answers == wanted, role


def _of_each_page(role: str, filing: Filing) -> dict[str, int]:
    """What the desk answers to this role."""
    assert filing.facility
    filings, files = role in READ_FILINGS, role in READ_FILES
    code = [filing.facility.code]
    return {
        reverse("desk:home"): 403 if role in {R.OPERATOR, R.EVALUATOR} else 200,
        reverse("desk:filings"): 200 if filings else 403,
        reverse("desk:filing", args=[filing.number]): 200 if filings else 404,
        reverse("desk:decided", args=[filing.number]): 200 if filings else 404,
        reverse("desk:facilities"): 200 if files else 403,
        reverse("desk:facility", args=code): 200 if files else 404,
        reverse("desk:statutory", args=code): (200 if role == R.CLERK else 403 if files else 404),
    }


ACTS = {
    "filing_take": (makers.submitted_filing, R.CLERK),
    "correction_add": (lambda: makers.taken_filing(makers.clerk()), R.CLERK),
    "corrections_send": (lambda: makers.taken_filing(makers.clerk()), R.CLERK),
    "propose": (lambda: makers.taken_filing(makers.clerk()), R.CLERK),
    "register": (lambda: makers.proposed_filing(makers.clerk()), R.APPROVER),
    "decline": (lambda: makers.proposed_filing(makers.clerk(), Proposal.DECLINE), R.APPROVER),
    "hand_back": (lambda: makers.proposed_filing(makers.clerk()), R.APPROVER),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_for_one_role(act: str) -> None:
    make, right_role = ACTS[act]
    filing = make()
    before = filing.state
    address = reverse(f"desk:{act}", args=[filing.number])
    for role in R:
        if role == right_role:
            continue
        client = signed_in(makers.user(role))
        refusal = 403 if role in READ_FILINGS else 404
        assert client.get(address).status_code == refusal, role
        assert client.post(address, {"reason": "理由"}).status_code == refusal, role
        filing.refresh_from_db()
        assert filing.state == before
    allowed = signed_in(makers.user(right_role)).get(address)
    assert allowed.status_code in {200, 302, 303}


@pytest.mark.proves("clause:二(五)1a", "prod:T3")
def test_a_community_sees_its_own_filings_only() -> None:
    own = makers.submitted_filing(premises={"community": "hubin"})
    other = makers.submitted_filing(premises={"community": "longquan"})
    person = makers.user(R.COMMUNITY, community=makers.community("hubin"))
    client = signed_in(person)
    answer = client.get(reverse("desk:filings"))
    assert [filing.number for filing in answer.context["page"]] == [own.number]
    assert client.get(reverse("desk:filing", args=[other.number])).status_code == 404


def test_drafts_do_not_reach_the_desk() -> None:
    draft = makers.complete_filing()
    client = signed_in(makers.clerk())
    assert client.get(reverse("desk:filing", args=[draft.number])).status_code == 404
    own = makers.filing(both := makers.user(R.CLERK, R.OPERATOR))
    answer = signed_in(both).get(reverse("desk:filing", args=[own.number]))
    assert answer.url == reverse("desk:filings")


def test_strangers_are_sent_to_sign_in() -> None:
    filing = makers.submitted_filing()
    for name in ("filings", "facilities", "home"):
        assert Client().get(reverse(f"desk:{name}")).status_code == 302
    assert Client().get(reverse("desk:filing", args=[filing.number])).status_code == 302


def test_only_those_who_work_on_it_see_the_phone() -> None:
    filing = makers.submitted_filing()
    address = reverse("desk:filing", args=[filing.number])
    assert "13800000001" in signed_in(makers.clerk()).get(address).content.decode()
    for role in (R.LEADER, R.AUDITOR, R.COMMUNITY):
        shown = signed_in(makers.user(role)).get(address).content.decode()
        assert "13800000001" not in shown
        assert "138****0001" in shown


@pytest.mark.proves("prod:V2", "diff:28")
def test_reading_a_filing_leaves_a_line() -> None:
    filing = makers.submitted_filing()
    signed_in(makers.clerk()).get(reverse("desk:filing", args=[filing.number]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_event WHERE act = 'filing.read' AND object_id = %s",
            [str(filing.pk)],
        )
        assert cursor.fetchone()[0] == 1


# --- the review page ----------------------------------------------------------------------------


@pytest.mark.proves("prod:C9")
def test_the_paper_stands_beside_the_answers() -> None:
    filing = makers.submitted_filing()
    client = signed_in(makers.clerk())
    address = reverse("desk:filing", args=[filing.number])
    shown = client.get(address + "?show=fire_certificate").context
    assert shown["shown"].material == "fire_certificate"
    (file,) = shown["shown"].files
    assert file.media_type == "application/pdf"
    page = client.get(address + "?show=fire_certificate").content.decode()
    link = reverse("core:attachment", args=[file.pk])
    assert '<iframe class="w-100' in page
    assert f'src="{link}#' in page
    assert f'href="{link}"' in page
    assert client.get(address + "?show=nothing").context["shown"].material == "business_licence"
    assert b"".join(client.get(link)).startswith(b"%PDF")


@pytest.mark.proves("prod:C9")
def test_pictures_are_shown_in_the_size_of_the_page() -> None:
    filing = makers.filing()
    makers.fill(filing)
    makers.give(filing, "staff_proof", upload=makers.jpeg(size=(1800, 1200)))
    actions.submit_filing(filing, "示例负责人", makers.DECLARATION,
                          by=Actor.person(filing.created_by), at=makers.AT)  # fmt: skip
    client = signed_in(makers.clerk())
    address = reverse("desk:filing", args=[filing.number]) + "?show=staff_proof"
    answer = client.get(address)
    (file,) = answer.context["shown"].files
    picture = reverse("core:attachment_thumbnail", args=[file.pk, 1600])
    assert f'src="{picture}"' in answer.content.decode()
    sent = client.get(picture)
    assert sent["Content-Type"] == "image/jpeg"
    assert b"".join(sent)


def test_remarks_of_the_precheck_can_be_put_on_the_list() -> None:
    clerk = makers.clerk()
    filing = makers.taken_filing(clerk, registration={"business_scope": "幼儿照看"})
    client = signed_in(clerk)
    answer = client.get(reverse("desk:filing", args=[filing.number]))
    remarks = [r for r in answer.context["remarks"] if r.section == "registration"]
    assert remarks
    assert remarks[0].text in answer.content.decode()
    data = {"target": "registration", "reason": remarks[0].text}
    client.post(reverse("desk:correction_add", args=[filing.number]), data)
    assert filing.corrections.get().reason == remarks[0].text


def test_a_registered_filing_tells_its_story() -> None:
    filing = makers.registered_filing(
        makers.clerk(post="卫健办经办"), makers.approver(post="分管副主任")
    )
    answer = signed_in(makers.user(R.LEADER)).get(reverse("desk:filing", args=[filing.number]))
    texts = [entry.text for entry in answer.context["timeline"]]
    assert any("审定：准予登记" in text for text in texts)
    assert any("登记回执" in text for text in texts)
    assert any("机构提交" in text for text in texts)
    assert answer.context["remarks"] == []
    assert "分管副主任" in answer.content.decode()


@pytest.mark.proves("prod:B18")
def test_twins_are_shown_without_those_out_of_reach() -> None:
    code = makers.uscc()
    other = makers.submitted_filing(registration={"uscc": code})
    filing = makers.submitted_filing(registration={"uscc": code}, premises={"community": "hubin"})
    law = in_force(makers.AT.date())
    assert other.number in [t.number for t in twins(filing, makers.clerk(), law)]
    local = makers.user(R.COMMUNITY, community=makers.community("hubin"))
    assert twins(filing, local, law) == []


def test_what_was_taken_away_is_shown_too() -> None:
    clerk = makers.clerk()
    filing = makers.taken_filing(clerk)
    by, operator = Actor.person(clerk), Actor.person(filing.created_by)
    actions.add_correction(filing, "premises", "", "班级写错了", by=by, at=makers.AT)
    filing = actions.request_correction(filing, by=by, at=makers.AT)
    section = filing.sections.get(key="premises")
    answers = {**section.answers, "classes": section.answers["classes"][:1]}
    actions.save_section(
        filing, "premises", answers, answers, version=section.version, by=operator, at=makers.AT
    )
    actions.submit_filing(filing, "示例负责人", makers.DECLARATION, by=operator, at=makers.AT)
    answer = signed_in(clerk).get(reverse("desk:filing", args=[filing.number]))
    first = answer.context["sections"][0]  # what changed stands first
    assert first.key == "premises"
    (gone,) = [row for row in first.rows if row.was is not None]
    assert (gone.label, gone.value) == ("班级 托大一班", "已删除")
    assert "托位 20 个" in (gone.was or "")


def test_states_wear_the_colours_of_their_meaning() -> None:
    facility = makers.facility()
    assert badges.of(facility, "operating").family == "ok"
    facility.statutory_filing.status = "none"
    assert badges.of(facility.statutory_filing, "status").family == "warn"


# --- facility files --------------------------------------------------------------------------


def test_the_file_of_a_facility_has_four_tabs() -> None:
    facility = makers.facility()
    client = signed_in(makers.clerk())
    address = reverse("desk:facility", args=[facility.code])
    for tab, word in (
        ("", "托小一班"),
        ("?tab=registration", "舞钢市市场监督管理局"),
        ("?tab=certificates", "消防安全检查合格证明"),
        ("?tab=papers", "托育机构登记回执"),
        ("?tab=else", "托小一班"),
    ):
        assert word in client.get(address + tab).content.decode()


def test_who_may_not_read_filings_sees_neither_them_nor_their_papers() -> None:
    facility = makers.facility()
    client = signed_in(makers.user(R.INSPECTOR))
    address = reverse("desk:facility", args=[facility.code])
    assert "没有可以查看的报送" in client.get(address + "?tab=registration").content.decode()
    assert "没有可以查看的文书" in client.get(address + "?tab=papers").content.decode()


def test_the_mirror_of_the_statutory_filing_needs_number_and_day() -> None:
    facility = makers.facility()
    client = signed_in(makers.clerk())
    address = reverse("desk:statutory", args=[facility.code])
    wrong = client.post(address, {"status": "filed", "number": "", "filed_on": ""})
    words = wrong.content.decode()
    assert "已备案的，请填写备案编号" in words
    assert "已备案的，请填写备案日期" in words
    late = client.post(address, {"status": "filed", "number": "1", "filed_on": "2026-12-01"})
    assert "备案日期不能晚于今天" in late.content.decode()
    data = {"status": "filed", "number": "４１０４８１０３１", "filed_on": "2026年2月11日"}
    for _again in range(2):
        saved = client.post(address, data)
        assert saved.url == reverse("desk:facility", args=[facility.code])
    mirror = Facility.objects.get().statutory_filing
    assert (mirror.status, mirror.number) == ("filed", "410481031")
    assert (mirror.filed_on, mirror.checked_on) == (dt.date(2026, 2, 11), dt.date(2026, 11, 23))


def test_the_statutory_form_takes_an_open_state_without_number() -> None:
    form = StatutoryForm({"status": "none"}, today=dt.date(2026, 11, 23))
    assert form.is_valid()


# --- forms ------------------------------------------------------------------------------------


def test_a_correction_names_its_item_once() -> None:
    targets = [("登记信息", [("registration", "整个部分"), ("registration:uscc", "信用代码")])]
    whole = CorrectionForm(
        {"target": "registration", "phrase": "0"},
        targets=targets,
        phrases=[("0", "any", "照片或扫描件看不清，请重新上传")],
    )
    assert whole.is_valid()
    assert whole.sentence().startswith("照片或扫描件看不清")
    named_already = {"target": "registration:uscc", "reason": "信用代码与执照不同"}
    form = CorrectionForm(named_already, targets=targets)
    assert form.is_valid()
    assert form.sentence() == "信用代码与执照不同"
    assert form.section_and_item == ("registration", "uscc")
    nothing = CorrectionForm({"target": "registration"}, targets=targets)
    assert not nothing.is_valid()
    assert "reason" in nothing.errors


# --- as many queries for fifty as for five -------------------------------------------------------


def copies(filing: Filing, count: int) -> None:
    """More rows for the lists, without the papers and messages of real ones."""
    fields = {f.attname: getattr(filing, f.attname) for f in Filing._meta.concrete_fields}
    for gone in ("id", "number", "submit_token"):
        fields.pop(gone)
    start = Filing.objects.count() + 100
    Filing.objects.bulk_create(
        Filing(number=f"DJ-2026-{start + n}", **fields) for n in range(count)
    )


def queries_of(client: Client, address: str) -> int:
    """The queries of a page, without those that only frame the transaction."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    framing = ("SAVEPOINT", "RELEASE", "SET TRANSACTION")
    return sum(not q["sql"].startswith(framing) for q in captured.captured_queries)


def test_lists_ask_the_same_for_five_and_fifty_rows() -> None:
    filing = makers.submitted_filing()
    client = signed_in(makers.user(R.CLERK, R.APPROVER))
    addresses = [reverse("desk:filings") + "?size=50", reverse("desk:home"),
                 reverse("desk:filing", args=[filing.number])]  # fmt: skip
    copies(filing, 5)
    few = [queries_of(client, address) for address in addresses]
    copies(filing, 45)
    many = [queries_of(client, address) for address in addresses]
    assert few == many
    assert many[0] <= 12, many


def test_the_facility_list_asks_the_same_for_five_and_fifty_rows() -> None:
    facility = makers.facility()
    client = signed_in(makers.clerk())
    fields = {f.attname: getattr(facility, f.attname) for f in Facility._meta.concrete_fields}
    for gone in ("id", "code", "uscc"):
        fields.pop(gone)
    address = reverse("desk:facilities") + "?size=50"

    def more(start: int, count: int) -> int:
        Facility.objects.bulk_create(
            Facility(code=f"SP-TY-{n}", uscc=makers.uscc(), **fields)
            for n in range(start, start + count)
        )
        return queries_of(client, address)

    assert more(1000, 5) == (many := more(2000, 45))
    assert many <= 12


# --- the calendar -------------------------------------------------------------------------------


def told(kind: str) -> int:
    outbox.drain(day(2027, 12, 31))
    return Notification.objects.filter(kind=kind).count()


@pytest.mark.proves("prod:M1")
def test_reminder_and_escalation_come_once() -> None:
    clerk, approver = makers.clerk(), makers.approver()
    filing = makers.taken_filing(clerk)  # due on Monday 30 November
    assert tasks.remind_about_answers(day(2026, 11, 25)) == 0
    assert tasks.remind_about_answers(day(2026, 11, 26)) == 1
    for at in (day(2026, 11, 26, 5), day(2026, 11, 27), day(2026, 11, 30)):
        assert tasks.remind_about_answers(at) == 0
    assert told("filing.due_soon") == 1
    assert tasks.escalate_overdue_answers(day(2026, 11, 30, 15)) == 0
    assert tasks.escalate_overdue_answers(day(2026, 12, 1)) == 2
    assert tasks.escalate_overdue_answers(day(2026, 12, 1)) == 0
    assert tasks.escalate_overdue_answers(day(2026, 12, 20)) == 0
    assert told("filing.overdue") == 2
    people = set(Notification.objects.filter(kind="filing.overdue").values_list("to", flat=True))
    assert people == {clerk.pk, approver.pk}
    assert filing.handler == clerk


@pytest.mark.proves("diff:7", "prod:B13", "ux:51")
def test_around_holidays_only_working_days_count() -> None:
    holidays = {(9, 25): False, (9, 26): False, (9, 27): False, (9, 20): True,
                **{(10, on): False for on in range(1, 8)}, (10, 10): True}  # fmt: skip
    Holiday.objects.filter(date__year=2026, date__month__in=(9, 10)).delete()
    Holiday.objects.bulk_create(
        Holiday(date=dt.date(2026, *date), is_workday=worked, source="test")
        for date, worked in holidays.items()
    )
    clerk = makers.clerk()
    makers.approver()
    filing = makers.taken_filing(clerk, at=day(2026, 9, 29))
    # 30 September, then 8, 9, 10 (a worked Saturday) and 12 October.
    assert filing.answer_due == dt.date(2026, 10, 12)
    assert tasks.remind_about_answers(day(2026, 10, 8)) == 0
    assert tasks.remind_about_answers(day(2026, 10, 9)) == 1
    assert tasks.remind_about_answers(day(2026, 10, 10)) == 0
    assert tasks.escalate_overdue_answers(day(2026, 10, 12)) == 0
    assert tasks.escalate_overdue_answers(day(2026, 10, 13)) == 2
    assert (told("filing.due_soon"), told("filing.overdue")) == (1, 2)


def test_a_stopped_clock_reminds_nobody() -> None:
    clerk = makers.clerk()
    makers.approver()
    filing = makers.taken_filing(clerk)
    by = Actor.person(clerk)
    actions.add_correction(filing, "premises", "", "写门牌号", by=by, at=makers.AT)
    actions.request_correction(filing, by=by, at=makers.AT)
    assert tasks.remind_about_answers(day(2026, 11, 30)) == 0
    assert tasks.escalate_overdue_answers(day(2026, 12, 10)) == 0


def test_a_proposal_reminds_those_who_may_decide() -> None:
    both, other = makers.user(R.CLERK, R.APPROVER), makers.approver()
    makers.proposed_filing(both)
    assert tasks.remind_about_answers(day(2026, 11, 27)) == 1
    outbox.drain(day(2026, 11, 28))
    assert Notification.objects.get(kind="filing.due_soon").to == other


def test_the_filter_without_data_gives_everything() -> None:
    filing = makers.submitted_filing()
    found = FilingFilter(None, Filing.objects.all(), at=makers.AT)
    assert list(found.qs) == [filing]
