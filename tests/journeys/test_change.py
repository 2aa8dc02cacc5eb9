"""A change within three screens, a closure to its day, through the pages (product.md §4)."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from facilities import actions, tasks
from facilities.models import Facility, Filing, OperatingPause
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, Publication
from tests import makers as make

pytestmark = pytest.mark.django_db
BACKEND = "portal.core.accounts.SignedIn"
ROWS = ("class_type", "name", "capacity", "enrolled")


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(make.AT, tick=False):
        yield


@pytest.fixture
def facility():
    return make.facility()


@pytest.fixture
def client(facility):
    browser = Client()
    browser.force_login(facility.memberships.get().user, backend=BACKEND)
    return browser


def office(role):
    browser = Client()
    browser.force_login(make.user(role), backend=BACKEND)
    return browser


def typed(filing, key, **changes):
    """What the page of a part sends: what stands there, and what was typed over it."""
    section = filing.sections.get(key=key)
    stored = dict(section.draft) | changes
    rows = stored.pop("classes", [])
    sent = {name: "" if value is None else str(value) for name, value in stored.items()}
    if rows:
        sent |= {"classes-TOTAL_FORMS": len(rows), "classes-INITIAL_FORMS": 0}
        sent |= {f"classes-{n}-{k}": row[k] for n, row in enumerate(rows) for k in ROWS}
    return sent | {"version": section.version}


def begin(client, *tiles):
    answer = client.post(reverse("my:change_new"), {"tiles": tiles, "token": uuid.uuid4()})
    return Filing.objects.get(kind="change"), answer.headers["Location"]


def decide(filing):
    clerk, approver = office("clerk"), office("approver")
    clerk.post(reverse("desk:filing_take", args=[filing.number]))
    where = reverse("desk:propose", args=[filing.number])
    clerk.post(where, {"proposal": "register", "reason": "", "confirmed": "on"})
    shown = approver.get(reverse("desk:register", args=[filing.number]))
    seen = shown.context["form"]["seen"].value()
    approver.post(reverse("desk:register", args=[filing.number]), {"seen": seen})
    filing.refresh_from_db()
    return clerk


@pytest.mark.proves("prod:B15", "diff:22")
def test_a_new_manager_in_three_screens_and_four_fields(client, facility):
    asked = client.get(reverse("my:change_new")).content.decode()
    assert "哪些内容变了" in asked
    assert "请在变化后 10 个工作日内报送；今天有的变化，最迟 12月7日（周一）报送。" in asked
    filing, second = begin(client, "manager")
    assert second == reverse("my:registration", args=[filing.number])
    assert "示例负责人" in client.get(second).content.decode()
    answer = client.post(second, typed(filing, "registration", manager="新负责人"))
    third = answer.headers["Location"]
    assert third == reverse("my:check", args=[filing.number])
    page = client.get(third).content.decode()
    assert "示例负责人" in page
    assert "新负责人" in page
    assert "龙泉路18号" not in page
    client.post(
        reverse("my:declaration", args=[filing.number]),
        {"agreed": "on", "declared_name": "新负责人"},
    )
    filing.refresh_from_db()
    assert filing.state == "submitted"
    clerk = office("clerk")
    review = clerk.get(reverse("desk:filing", args=[filing.number])).content.decode()
    assert "新负责人" in review
    assert "变更报送" in review
    decide(filing)
    facility.refresh_from_db()
    assert (filing.state, facility.manager) == ("registered", "新负责人")
    assert OfficialPaper.objects.filter(party=facility.code, kind="change_receipt").count() == 1
    shown = clerk.get(reverse("desk:facility", args=[facility.code]) + "?tab=changes")
    assert "新负责人" in shown.content.decode()


@pytest.mark.proves("prod:B15")
def test_other_places_in_three_screens(client, facility):
    filing, second = begin(client, "classes")
    assert second == reverse("my:premises", args=[filing.number])
    rows = [dict(row) for row in filing.sections.get(key="premises").draft["classes"]]
    rows[0]["capacity"] = 12
    answer = client.post(second, typed(filing, "premises", classes=rows))
    assert answer.headers["Location"] == reverse("my:check", args=[filing.number])
    client.post(
        reverse("my:declaration", args=[filing.number]),
        {"agreed": "on", "declared_name": "示例负责人"},
    )
    decide(filing)
    facility.refresh_from_db()
    assert facility.places == 32


def test_what_is_carried_over_is_closed_and_a_second_change_leads_to_the_first(client):
    filing, _where = begin(client, "manager")
    answer = client.get(reverse("my:premises", args=[filing.number]))
    assert answer.headers["Location"] == reverse("my:filing", args=[filing.number])
    again = client.post(reverse("my:change_new"), {"tiles": ["classes"], "token": uuid.uuid4()})
    assert again.headers["Location"] == reverse("my:filing", args=[filing.number])
    assert filing.number in client.get(reverse("my:change_new")).content.decode()


@pytest.mark.proves("prod:B17")
def test_a_move_is_a_new_report_with_what_carries_over(client, facility):
    assert reverse("my:elsewhere_new") in client.get(reverse("my:change_new")).content.decode()
    page = client.get(reverse("my:elsewhere_new")).content.decode()
    assert "重新报送登记" in page
    client.post(reverse("my:elsewhere_new"), {"token": uuid.uuid4()})
    filing = Filing.objects.get(kind="initial", state="draft")
    assert filing.sections.get(key="registration").draft["facility_name"] == facility.name
    assert filing.sections.get(key="premises").draft is None


@pytest.mark.proves("prod:B16")
def test_a_closure_from_the_first_page_to_the_closed_one(client, facility):
    closing = (make.AT + dt.timedelta(days=10)).date()
    answer = client.post(reverse("my:closure_new"), {"token": uuid.uuid4()})
    filing = Filing.objects.get(kind="closure")
    where = reverse("my:closure", args=[filing.number])
    assert answer.headers["Location"] == where
    plan = {
        "closing_on": closing.isoformat(), "reason": "房屋要拆，来不及", "children": "0",
        "children_plan": "无", "parents_told_on": "2026-11-25", "staff_plan": "已安排",
        "refund_plan": "没有预收", "records_plan": "法定代表人保管", "version": "0",
    }  # fmt: skip
    page = client.get(client.post(where, plan).headers["Location"]).content.decode()
    assert "一般不早于" in page
    client.post(
        reverse("my:declaration", args=[filing.number]),
        {"agreed": "on", "declared_name": "示例负责人"},
    )
    decide(filing)
    facility.refresh_from_db()
    assert facility.closes_on == closing
    assert "撤回停办" in client.get(reverse("my:filing", args=[filing.number])).content.decode()
    tasks.close_facilities(dt.datetime.combine(closing, dt.time(4), tzinfo=dt.UTC))
    assert Client().get(reverse("public:facility", args=[facility.code])).status_code == 410
    receipt = OfficialPaper.objects.get(kind="registration_receipt")
    check = Client().get(reverse("core:verify_code", args=[receipt.verify_code]))
    assert "已撤销" in check.content.decode()


def test_vacancies_are_updated_on_one_page(client, facility):
    where = reverse("my:enrolment", args=[facility.code])
    assert where in client.get(reverse("my:home")).content.decode()
    groups = list(facility.classes.all())
    client.post(where, {str(group.pk): "２" for group in groups})
    facility.refresh_from_db()
    assert facility.vacancies == facility.places - 2 * len(groups)
    bad = client.post(where, {str(group.pk): "很多" for group in groups})
    assert "很多" in bad.content.decode()


def test_a_pause_is_reported_shown_to_residents_and_ended(client, facility):
    where = reverse("my:pause_new", args=[facility.code])
    given = {
        "starts_on": "2026-11-23", "expected_end": "2026-12-05", "reason": "更换地板",
        "children": "29", "children_plan": "29 人回家", "parents_told_on": "2026-11-20",
    }  # fmt: skip
    wrong = client.post(where, given | {"expected_end": "2026-11-01"})
    assert "不能早于暂停第一天" in wrong.content.decode()
    page = client.post(where, given).headers["Location"]
    public = Client().get(reverse("public:facility", args=[facility.code])).content.decode()
    assert "暂停运营" in public
    assert "更换地板" not in public
    pause = OperatingPause.objects.get()
    assert office("clerk").get(reverse("desk:pause", args=[pause.pk])).status_code == 200
    assert "恢复运营" in client.get(page).content.decode()
    client.post(reverse("my:pause_resume", args=[pause.pk]))
    facility.refresh_from_db()
    assert facility.operating == "open"


def test_the_mirror_refuses_in_words_what_cannot_follow(facility):
    clerk = office("clerk")
    where = reverse("desk:statutory", args=[facility.code])
    filed = {"status": "filed", "number": "豫0481-0001", "filed_on": "2026-11-01"}
    clerk.post(where, filed)
    page = clerk.post(where, {"status": "none"}).content.decode()
    assert "请先改为“待核实”再改" in page
    assert "豫0481-0001" in clerk.get(where).content.decode()


@pytest.mark.proves("prod:B17")
def test_another_address_leads_to_the_report_of_another_place(client, facility):
    filing, page = begin(client, "premises")
    make.give(filing, "premises_proof")
    client.post(page, typed(filing, "premises", address="祥和街9号"))
    shown = client.get(reverse("my:check", args=[filing.number])).content.decode()
    assert reverse("my:elsewhere_new") in shown
    assert "地址和街道登记的不一样" in shown
    where = reverse("my:declaration", args=[filing.number])
    signed = {"agreed": "on", "declared_name": "示例负责人"}
    assert "请选择地址为什么不一样" in client.post(where, signed).content.decode()
    refused = client.post(where, signed | {"place": "moved"}).content.decode()
    assert "换了地方要重新报送登记" in refused
    assert reverse("my:elsewhere_new") in refused
    filing.refresh_from_db()
    assert filing.state == "draft"
    assert client.post(where, signed | {"place": "corrected"}).status_code == 303
    filing.refresh_from_db()
    assert filing.state == "submitted"


def test_a_change_of_a_closed_facility_is_refused_in_a_sentence(client, facility):
    make.granted(make.closure_filing(facility))
    filing, page = begin(client, "manager")
    client.post(page, typed(filing, "registration", manager="新负责人"))
    where = reverse("my:declaration", args=[filing.number])
    client.post(where, {"agreed": "on", "declared_name": "新负责人"})
    clerk, boss = Actor.person(make.clerk()), office("approver")
    filing.refresh_from_db()
    actions.take_filing(filing, by=clerk, at=make.AT)
    actions.propose_decision(filing, "register", "", by=clerk, at=make.AT)
    tasks.close_facilities(make.AT + dt.timedelta(days=41))
    where = reverse("desk:register", args=[filing.number])
    seen = boss.get(where).context["form"]["seen"].value()
    answer = boss.post(where, {"seen": seen})
    assert "登记已注销，不能再登记" in answer.content.decode()
    filing.refresh_from_db()
    assert filing.state == "proposed"


def decision_page(filing):
    """What the approver reads before he decides."""
    clerk = Actor.person(make.clerk())
    actions.take_filing(filing, by=clerk, at=make.AT)
    actions.propose_decision(filing, "register", "", by=clerk, at=make.AT)
    return office("approver").get(reverse("desk:register", args=[filing.number]))


def test_the_paper_of_a_change_is_shown_before_the_decision_and_is_what_is_issued(client, facility):
    filing, page = begin(client, "manager")
    client.post(page, typed(filing, "registration", manager="新负责人"))
    where = reverse("my:declaration", args=[filing.number])
    client.post(where, {"agreed": "on", "declared_name": "新负责人"})
    filing.refresh_from_db()
    shown = decision_page(filing)
    assert "准予变更登记" in shown.content.decode()
    assert shown.context["receipt"]["title"] == "托育机构变更登记回执"
    done = actions.register_filing(filing, by=Actor.person(make.approver()), at=make.AT)
    paper = OfficialPaper.objects.get(noun_id=done.pk)
    assert paper.title == shown.context["receipt"]["title"]
    assert paper.data["blocks"] == shown.context["receipt"]["blocks"]
    notice = Publication.objects.get(party=facility.code, state="published")
    assert notice.body == shown.context["publication"]["body"]


def test_the_paper_of_a_closure_is_shown_before_the_decision_and_nothing_will_be_public(facility):
    filing = make.closure_filing(facility)
    shown = decision_page(filing)
    text = shown.content.decode()
    assert "准予停办登记" in text
    assert "居民会看到" not in text
    assert shown.context["receipt"]["title"] == "托育机构停办登记回执"
    actions.register_filing(filing, by=Actor.person(make.approver()), at=make.AT)
    paper = OfficialPaper.objects.get(noun_id=filing.pk)
    assert paper.data["blocks"] == shown.context["receipt"]["blocks"]


def test_the_decision_on_a_move_says_that_the_old_record_gives_way(facility):
    make.granted(make.closure_filing(facility))
    by = Actor.person(facility.memberships.get().user)
    made = actions.start_elsewhere(facility, uuid.uuid4(), by=by, at=make.AT)
    filled = make.fill(
        made, registration={"uscc": facility.uscc}, premises={"address": "祥和街9号"}
    )
    new = actions.submit_filing(filled, "示例负责人", make.DECLARATION, by=by, at=make.AT)
    text = decision_page(new).content.decode()
    assert f"{facility.name}（{facility.code}）已准予停办" in text


def test_more_ways_of_a_file_are_those_the_person_may_go(facility):
    pause = make.pause(facility)
    page = reverse("desk:facility", args=[facility.code])
    of_clerks = [reverse(name, args=[facility.code])
                 for name in ("desk:cancellation", "desk:statutory", "desk:members")]  # fmt: skip
    seen = reverse("desk:pause", args=[pause.pk])
    for role in ("clerk", "approver", "leader"):
        browser = office(role)
        text = browser.get(page).content.decode()
        assert f'href="{seen}"' in text
        assert browser.get(seen).status_code == 200
        for where in of_clerks:
            assert (f'href="{where}"' in text) is (browser.get(where).status_code == 200), role
    make.granted(make.closure_filing(facility))
    tasks.close_facilities(make.AT + dt.timedelta(days=41))
    assert of_clerks[0] not in office("clerk").get(page).content.decode()


def test_the_files_stand_in_tabs_by_their_registration(facility):
    known = Facility.objects.create(
        code="SP-TY-9001", name="名录里的园（示例）", registration="none",
        community=facility.community, address="龙泉路1号",
        facts_on=make.AT.date(),
    )  # fmt: skip
    clerk, where = office("clerk"), reverse("desk:facilities")
    page = clerk.get(where)
    assert [(t["label"], t["count"]) for t in page.context["tabs"]] == [
        ("全部", 2), ("街道已登记", 1), ("未登记", 1), ("已注销", 0),
    ]  # fmt: skip
    only = clerk.get(where, {"registration": "none", "community": "longquan"})
    assert [each for each, _expiry in only.context["rows"]] == [known]
    current = [tab for tab in only.context["tabs"] if tab["current"]]
    assert [tab["label"] for tab in current] == ["未登记"]
    assert "community=longquan" in current[0]["url"]


@pytest.mark.proves("prod:B15")
def test_only_what_a_change_or_closure_is_about_wants_a_verdict(client, facility):
    filing, page = begin(client, "name")
    make.give(filing, "business_licence")
    client.post(page, typed(filing, "registration", facility_name="大太阳托育园（示例）"))
    where = reverse("my:declaration", args=[filing.number])
    client.post(where, {"agreed": "on", "declared_name": "示例负责人"})
    clerk = office("clerk")
    clerk.post(reverse("desk:filing_take", args=[filing.number]))
    shown = clerk.get(reverse("desk:filing", args=[filing.number]))
    units = {unit.target for unit in shown.context["judged"].units}
    assert units == {"registration", "certificates:business_licence"}
    actions.withdraw_filing(filing, by=Actor.person(filing.created_by), at=make.AT)
    closing = make.closure_filing(facility)
    clerk.post(reverse("desk:filing_take", args=[closing.number]))
    shown = clerk.get(reverse("desk:filing", args=[closing.number]))
    assert [unit.target for unit in shown.context["judged"].units] == ["closure"]
