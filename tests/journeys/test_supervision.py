"""Supervision at the desk, through the pages as officials use them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from facilities import actions as register
from facilities.models import Department
from inspections import actions
from inspections.models import (
    CalendarAddress,
    DelegatedItem,
    Finding,
    Inspection,
    InspectionPlan,
)
from inspections.queries import visits
from inspections.tasks import reassess_risks
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Publication, User
from tests import makers
from tests.inspections import makers as make

pytestmark = pytest.mark.django_db
LATER = make.LATER + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _the_day() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


def client(person: User) -> Client:
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def post(who: Client, page: str, /, *args: str, **data: Any) -> Any:
    return who.post(reverse(f"desk:{page}", args=args), data)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.proves("prod:E8")
def test_a_visit_is_opened_and_people_are_sent() -> None:
    place, person, clerk = make.facility(), make.inspector(), makers.clerk()
    desk = client(clerk)
    page = desk.get(reverse("desk:inspection_new"), {"facility": place.code})
    token = page.context["form"]["token"].value()
    data = {
        "token": token, "facility": place.code, "kind": "visit", "selection": "planned",
        "day": "2026-11-24",
        "checklist": make.checklist().pk, "note": "看晨检记录",
    }  # fmt: skip
    for _ in range(2):  # sent twice, opened once
        assert post(desk, "inspection_new", **data).status_code == 302
    visit = Inspection.objects.get()
    assert post(desk, "inspection_assign", visit.number, people=[person.pk],
                day="2026-11-24").status_code == 302  # fmt: skip
    page = desk.get(reverse("desk:inspection", args=[visit.number]))
    assert str(person) in text(page)
    assert "看晨检记录" in text(page)
    for name in ("inspections", "inspections_calendar"):
        assert place.name in text(desk.get(reverse(f"desk:{name}")))
    file = client(person).get(reverse("desk:inspections_ics"))
    assert "DTSTART;VALUE=DATE:20261124" in text(file)
    assert "晨检记录" not in text(file)
    assert all(len(line.encode()) <= 75 for line in text(file).split("\r\n"))
    assert text(desk.get("/desk/")).count(visit.number) == 0  # it waits for the inspector
    assert visit.number in text(client(person).get("/desk/"))


def test_what_is_refused_is_said_in_a_sentence_and_nothing_typed_is_lost() -> None:
    place, clerk = make.facility(), makers.clerk()
    desk = client(clerk)
    matter = make.confirmed()
    for _ in range(4):
        make.opened(place, "administrative", selection="planned", delegated=matter)
    data = {
        "facility": place.code, "kind": "administrative", "selection": "planned",
        "day": "2026-11-24", "checklist": make.checklist("fire").pk, "note": "说明",
    }  # fmt: skip
    page = post(desk, "inspection_new", **data)
    assert "行政检查须有现行有效的赋权事项" in text(page)
    assert "说明" in text(page)
    visit = Inspection.objects.earliest("number")
    alone = make.certified()
    page = post(desk, "inspection_propose", visit.number, people=[alone.pk], day="2026-11-24")
    assert "至少两人" in text(page)
    other = make.inspector()
    page = post(
        desk, "inspection_propose", visit.number, people=[alone.pk, other.pk], day="2026-11-24"
    )
    assert f"{other}当天没有有效的行政执法证" in text(page)
    # A fifth one opened by hand is refused in words, on the page on which it was filled in.
    page = post(desk, "inspection_new", **data, delegated=matter.pk)
    assert "2026年的行政检查已经安排 4 次" in text(page)


@pytest.mark.proves("prod:E2", "prod:E4")
def test_what_no_plan_foresaw_goes_although_the_year_is_full_and_says_why() -> None:
    """An incident, by hand: beyond the cap, with a reason read by whoever approves it."""
    place, clerk, matter = make.facility(), makers.clerk(), make.confirmed()
    for _ in range(4):
        make.opened(place, "administrative", selection="planned", delegated=matter)
    desk = client(clerk)
    data = {
        "facility": place.code, "kind": "administrative", "selection": "triggered",
        "day": "2026-11-24", "checklist": make.checklist("fire").pk, "delegated": matter.pk,
    }  # fmt: skip
    assert "专项核查请写明因为什么安排" in text(post(desk, "inspection_new", **data))
    number = "这里不要写个人的证件号码"
    page = text(post(desk, "inspection_new", **data, note="园长电话 13987650043"))
    assert number in page
    assert "专项核查请写明因为什么安排" not in page
    why = "昨天活动室电线冒烟"
    assert post(desk, "inspection_new", **data, note=why).status_code == 302
    visit = Inspection.objects.get(selection="triggered")
    assert not visit.counts_towards_cap
    team = [make.certified(), make.certified()]
    post(desk, "inspection_propose", visit.number, people=[p.pk for p in team], day="2026-11-24")
    approver = client(makers.approver())
    page = text(approver.get(reverse("desk:inspection_approve", args=[visit.number])))
    assert "专项核查" in page
    assert why in page
    assert post(approver, "inspection_approve", visit.number).status_code == 302
    visit.refresh_from_db()
    papers = [*visits.papers_of(visit), *visits.sheets_of(visit)]
    assert len(papers) == 2
    for paper in papers:
        assert why not in str(paper.data)
        assert "专项" not in str(paper.data)


def test_an_inspection_is_approved_by_another_person() -> None:
    team = [make.certified(), make.certified()]
    visit = make.opened(kind="administrative")
    clerk, approver = makers.clerk(), client(makers.approver())
    day = "2026-11-24"
    post(client(clerk), "inspection_propose", visit.number, people=[p.pk for p in team], day=day)
    page = approver.get(reverse("desk:inspection_approve", args=[visit.number]))
    assert team[0].enforcement_certificates.get().number in text(page)
    assert post(approver, "inspection_approve", visit.number).status_code == 302
    page = text(client(team[0]).get(reverse("desk:inspection", args=[visit.number])))
    assert reverse("desk:field_visit", args=[visit.number]) in page
    visit.refresh_from_db()
    assert (visit.state, str(visit.planned_on)) == ("assigned", day)
    # Where an officer cannot go after all, others are proposed on the same page.
    page = text(client(clerk).get(reverse("desk:inspection", args=[visit.number])))
    assert "换人并重新报批" in page
    team = [team[0], make.certified()]
    post(client(clerk), "inspection_propose", visit.number, people=[p.pk for p in team], day=day)
    visit.refresh_from_db()
    assert visit.state == "awaiting_approval"


@pytest.mark.proves("prod:E3")
def test_nobody_is_chosen_by_hand_for_a_drawn_visit() -> None:
    make.facility()
    for _ in range(3):
        make.inspector()
    clerk = makers.clerk()
    plan = make.plan_in_force(percent=100)
    actions.draw_plan(plan, seed="s", by=make.actor(clerk), at=make.AT)
    visit, desk = Inspection.objects.get(plan=plan), client(clerk)
    page = text(desk.get(reverse("desk:inspection", args=[visit.number])))
    assert reverse("desk:inspection_assign", args=[visit.number]) not in page
    assert reverse("desk:inspection_replace", args=[visit.number]) in page
    drawn = [member.user for member in visits.team_of(visit)]
    page = desk.get(reverse("desk:inspection_assign", args=[visit.number]))
    assert set(page.context["form"].fields["people"].queryset) == set(drawn)
    page = post(desk, "inspection_assign", visit.number, people=[drawn[0].pk], day="2026-12-01")
    assert "由双随机抽取决定" in text(page)


@pytest.mark.proves("prod:E1", "prod:E3", "clause:二(四)4b")
def test_a_plan_from_the_first_line_to_the_record_of_the_draw() -> None:
    for _ in range(3):
        make.facility()
    make.inspector()
    make.inspector()
    clerk, approver = client(makers.clerk()), client(makers.approver())
    data = {
        "name": "秋季综合检查（示例）", "kind": "visit", "selection": "random",
        "checklist": make.checklist().pk, "percent": "60", "starts_on": "2026-11-24",
        "ends_on": "2026-11-20",
    }  # fmt: skip
    assert "结束日期不能早于开始日期" in text(post(clerk, "plan_new", **data))
    assert post(clerk, "plan_new", **data | {"ends_on": "2026-12-20"}).status_code == 302
    plan = InspectionPlan.objects.get()
    post(clerk, "plan_propose", plan.number)
    post(approver, "plan_approve", plan.number)
    post(clerk, "plan_draw", plan.number)
    page = clerk.get(reverse("desk:draw", args=[plan.number]))
    assert "结果一致" in text(page)
    assert plan.drawing.seed in text(page)
    page = clerk.get(reverse("desk:plan", args=[plan.number]))
    assert "已安排 2 次检查" in text(page)


@pytest.mark.proves("prod:G4", "prod:G5")
def test_a_finding_is_looked_at_again_and_published() -> None:
    finding = make.reported("ZH-08")
    other, approver = client(makers.clerk()), client(makers.approver())
    finder = client(finding.found_by)
    page = finder.get(reverse("desk:finding", args=[finding.number]))
    assert "发现人以外的人" in text(page)
    assert finder.get(reverse("desk:finding_close", args=[finding.number])).status_code == 403
    page = post(other, "finding_close", finding.number, note="已整改", how="paper")
    assert "重大问题必须现场复查" in text(page)
    assert "已整改" in text(page)
    assert post(other, "finding_publish", finding.number).status_code == 302
    post(other, "finding_close", finding.number, note="已整改", how="site")
    finding.refresh_from_db()
    assert finding.state == "closed"
    assert Publication.objects.get(noun_id=finding.pk).state == "withdrawn"
    visit = finding.inspection
    post(other, "inspection_publish", visit.number)
    proposed = Publication.objects.get(noun_id=visit.pk)
    assert approver.get(reverse("desk:publication", args=[proposed.pk])).status_code == 200


def test_words_longer_than_their_column_are_refused_and_kept() -> None:
    """What the form takes, the column holds: a sentence, never a fault."""
    long = "长" * 301
    visit, finding, clerk = make.opened(), make.finding(), client(makers.clerk())
    page = post(clerk, "inspection_cancel", visit.number, reason=long)
    assert page.status_code == 200
    assert long in text(page)
    plan = actions.propose_plan(
        actions.start_plan(make.plan_values(), by=make.actor(makers.clerk()), at=make.AT),
        by=make.actor(makers.clerk()), at=make.AT,
    )  # fmt: skip
    approver = client(makers.approver())
    assert long in text(post(approver, "plan_hand_back", plan.number, reason=long))
    assert long in text(post(approver, "finding_refuse", finding.number, reason=long))
    matter = make.confirmed()
    assert long in text(post(approver, "delegated_end", str(matter.pk), reason=long))


def test_a_plan_that_was_handed_back_is_changed() -> None:
    clerk, approver = makers.clerk(), makers.approver()
    values = make.plan_values(scope="communities", scope_values=["longquan"])
    plan = actions.start_plan(values, by=make.actor(clerk), at=make.AT)
    plan = actions.propose_plan(plan, by=make.actor(clerk), at=make.AT)
    actions.hand_back_plan(plan, "请写明范围", by=make.actor(approver), at=make.AT)
    desk = client(clerk)
    page = desk.get(reverse("desk:plan_edit", args=[plan.number]))
    form = page.context["form"]
    assert form["communities"].value() == ["longquan"]
    data = {
        "name": "改过的计划（示例）", "kind": "visit", "selection": "random", "percent": "40",
        "checklist": make.checklist().pk, "starts_on": "2026-01-01", "ends_on": "2026-02-01",
    }  # fmt: skip
    assert "结束日期不能早于今天" in text(post(desk, "plan_edit", plan.number, **data))
    data["ends_on"] = "2026-12-20"
    assert post(desk, "plan_edit", plan.number, **data).status_code == 302
    plan.refresh_from_db()
    assert (plan.name, plan.scope, plan.percent) == ("改过的计划（示例）", "all", 40)


@pytest.mark.proves("prod:K10")
def test_reminders_in_bulk_and_the_board() -> None:
    first, second = make.finding(), make.finding("ZH-09")
    desk = client(makers.clerk())
    page = desk.post(
        reverse("desk:findings_remind"), {"pick": [first.number, second.number, "ZG-9"]},
        follow=True,
    )  # fmt: skip
    assert "已发出 2 条提醒" in text(page)
    again = desk.post(reverse("desk:findings_remind"), {"pick": [first.number, "\0"]}, follow=True)
    assert "没有发出提醒" in text(again)
    board = text(desk.get(reverse("desk:findings_board")))
    assert first.number in board
    late = desk.get(reverse("desk:findings"), {"late": "yes"})
    assert late.status_code == 200


@pytest.mark.proves("prod:G10", "clause:二(五)1e")
def test_a_finding_is_handed_over_and_stands_in_the_list_of_letters() -> None:
    finding = make.finding("ZH-06")
    desk = client(makers.clerk())
    page = desk.get(reverse("desk:finding_transfer", args=[finding.number]))
    assert "问题线索移送函" in text(page)
    post(desk, "finding_transfer", finding.number, department="market", facts="看到过期食品。")
    finding = Finding.objects.get(pk=finding.pk)
    assert finding.transfer is not None
    assert finding.transfer.number in text(desk.get(reverse("desk:handed_over")))
    letter = str(finding.transfer.pk)
    assert reverse("desk:handed_over_receipt", args=[letter]) in text(
        desk.get(reverse("desk:finding", args=[finding.number]))
    )
    assert "今天之间" in text(post(desk, "handed_over_receipt", letter, on="2026-12-01"))
    assert post(desk, "handed_over_receipt", letter, on="2026-11-23").status_code == 302
    told = {"on": "2026-11-23", "result": "已责令改正"}
    assert post(desk, "handed_over_feedback", letter, **told).status_code == 302
    page = text(desk.get(reverse("desk:finding", args=[finding.number])))
    assert "已责令改正" in page
    assert reverse("desk:handed_over_feedback", args=[letter]) not in page


def test_a_letter_about_something_else_has_no_page_here() -> None:
    finding = make.finding("ZH-06")
    by = make.actor(makers.clerk())
    market = Department.objects.get(slug="market")
    letter = actions.transfer_finding(finding, market, "看到过期食品。", by=by, at=make.LATER)
    Finding.objects.filter(pk=finding.pk).update(transfer=None)
    url = reverse("desk:handed_over_receipt", args=[letter.pk])
    assert client(makers.clerk()).get(url).status_code == 404


@pytest.mark.proves("prod:G10")
def test_a_transfer_is_taken_back_on_the_page() -> None:
    finding, clerk = make.finding("ZH-06"), makers.clerk()
    desk, market = client(clerk), Department.objects.get(slug="market")
    by = make.actor(clerk)
    actions.transfer_finding(finding, market, "看到过期食品。", by=by, at=make.LATER)
    page = text(desk.get(reverse("desk:finding", args=[finding.number])))
    assert reverse("desk:finding_take_back", args=[finding.number]) in page
    assert market.name in text(desk.get(reverse("desk:finding_take_back", args=[finding.number])))
    wrong = post(desk, "finding_take_back", finding.number, reason="发错部门", due_on="2020-01-01")
    assert "日期不在允许的范围内" in text(wrong)
    data = {"reason": "发错部门", "due_on": str(finding.due_on)}
    for _ in range(2):  # the second press leads to the page
        assert post(desk, "finding_take_back", finding.number, **data).status_code in {302, 303}
    page = text(desk.get(reverse("desk:finding", args=[finding.number])))
    for words in ("撤回移送，请在", "已通知接收部门撤回移送", "移送撤回函", "待整改"):
        assert words in page, words
    owner = text(client(make.member_of(finding.facility)).get(
        reverse("my:finding", args=[finding.number])
    ))  # fmt: skip
    assert "街道撤回移送" in owner
    assert "撤回函" not in owner
    assert "已通知接收部门" not in owner
    assert "撤回函" not in text(
        client(makers.user("community", community=finding.facility.community)).get(
            reverse("desk:finding", args=[finding.number])
        )
    )


def test_a_list_is_edited_as_a_new_version() -> None:
    desk, approver = client(makers.clerk()), client(makers.approver())
    in_use = make.checklist("food")
    post(desk, "checklist_new", checklist=in_use.checklist_id)
    version = in_use.checklist.versions.get(version=2)
    assert version.items.count() == 20
    lines = "# 许可\nSP-01 | 重大 | 持有效的食品经营许可证\nSP-99 | 不重 | 别的"
    page = post(desk, "checklist_edit", str(version.pk), lines=lines, note="精简")
    assert "第 3 行看不懂" in text(page)
    assert "SP-99" in text(page)
    lines = lines.replace("不重", "一般")
    assert (
        post(desk, "checklist_edit", str(version.pk), lines=lines, note="精简").status_code == 302
    )
    kept = version.items.get(code="SP-01")
    assert (kept.text, kept.departments) == ("持有效的食品经营许可证", ["market"])
    post(desk, "checklist_propose", str(version.pk))
    post(approver, "checklist_publish", str(version.pk))
    assert make.checklist("food") == version
    assert "SP-99" in text(desk.get(reverse("desk:checklist", args=[version.pk])))


def test_what_a_question_rests_on_and_asks_for_is_changed_in_the_browser() -> None:
    desk, in_use = client(makers.clerk()), make.checklist("food")
    post(desk, "checklist_new", checklist=in_use.checklist_id)
    version = in_use.checklist.versions.get(version=2)
    kept = version.items.get(code="SP-01")
    at = (str(version.pk), "SP-01")
    page = text(desk.get(reverse("desk:checklist_item", args=at)))
    assert kept.text in page
    data = {
        "basis": "中华人民共和国食品安全法 35\n\n食堂管理规定", "departments": ["market", "street"],
        "delegated": "fire-exits", "wants_photo": "on", "measure_label": "留样时间",
        "measure_unit": "小时", "measure_min": "48", "expands": "XF-03、SP-20,XF-03",
    }  # fmt: skip
    for wrong, words in (
        ({"expands": "XF-03、ZZ-01"}, "没有编号为 ZZ-01 的项目"),
        ({"measure_label": ""}, "写明记录什么数值"),
        ({"measure_label": "", "measure_min": ""}, "写明记录什么数值"),
        ({"basis": "条" * 101}, "每条依据不超过 100 个字"),
    ):
        assert words in text(post(desk, "checklist_item", *at, **data | wrong))
    assert post(desk, "checklist_item", *at, **data).status_code == 302
    kept.refresh_from_db()
    assert (kept.basis, kept.departments, kept.delegated, kept.expands) == (
        ["中华人民共和国食品安全法 35", "食堂管理规定"], ["market", "street"], "fire-exits",
        ["XF-03", "SP-20"],
    )  # fmt: skip
    assert (kept.measure_label, kept.measure_min, kept.wants_photo) == ("留样时间", 48, True)
    page = text(desk.get(reverse("desk:checklist", args=[version.pk])))
    assert "须拍照；留样时间 不低于 48小时；不符合时增加 XF-03、SP-20" in page
    assert desk.get(reverse("desk:checklist_item", args=[version.pk, "ZZ-01"])).status_code == 404
    # Editing the words again leaves all this as it is.
    lines = desk.get(reverse("desk:checklist_edit", args=[version.pk])).context["form"]["lines"]
    edited = lines.value().replace("食品经营许可证", "许可证")
    post(desk, "checklist_edit", str(version.pk), lines=edited, note="精简")
    assert version.items.get(code="SP-01").measure_min == 48


@pytest.mark.proves("prod:H3")
def test_certificates_ties_matters_and_classes_have_their_pages() -> None:
    person, clerk = make.inspector(), makers.clerk()
    place = make.finding("ZH-08").facility
    desk = client(clerk)
    data = {"user": person.pk, "number": "豫D001", "issuer": "舞钢市人民政府",
            "valid_from": "2026-01-01", "valid_until": "2025-01-01"}  # fmt: skip
    assert "有效期不能早于起始日期" in text(post(desk, "enforcement_new", **data))
    post(desk, "enforcement_new", **data | {"valid_until": "2028-01-01"})
    post(desk, "tie_new", user=person.pk, facility=place.code, kind="family")
    page = text(desk.get(reverse("desk:enforcement")))
    assert "豫D001" in page
    assert "近亲属" in page
    assert "近亲属" not in text(client(make.inspector()).get(reverse("desk:enforcement")))
    taken = data | {"user": make.inspector().pk, "valid_until": "2028-01-01"}
    assert "登记在别人名下" in text(post(desk, "enforcement_new", **taken))
    tie, held = person.inspector_ties.get(), person.enforcement_certificates.get()
    assert post(desk, "tie_end", str(tie.pk)).status_code == 302
    assert post(desk, "enforcement_revoke", str(held.pk)).status_code == 302
    page = text(desk.get(reverse("desk:enforcement")))
    assert "近亲属" not in page
    assert "豫D001" not in page
    assert "平政〔2026〕2号" in text(desk.get(reverse("desk:delegated")))
    assert place.name in text(desk.get(reverse("desk:risks")))
    page = text(desk.get(reverse("desk:facility_risk", args=[place.code])))
    assert "85 分" in page
    assert "直接列为高风险" in page
    assert "finding_points" in text(desk.get(reverse("desk:pack_new", args=["risk"])))
    assert "没有久未走访的机构" in text(desk.get(reverse("desk:not_visited")))


def test_a_paused_place_stays_on_the_list_and_is_named_as_paused() -> None:
    place = make.facility(at=make.AT - dt.timedelta(days=400))
    makers.pause(place)
    page = text(client(makers.clerk()).get(reverse("desk:not_visited")))
    assert place.name in page
    assert "还没有安排（暂停运营）" in page


def test_a_joint_inspection_names_who_leads_and_who_takes_part() -> None:
    place, clerk = make.facility(), makers.clerk()
    desk = client(clerk)
    lead, partner = Department.objects.order_by("position")[:2]
    data = {
        "facility": place.code, "kind": "joint", "selection": "planned", "day": "2026-11-24",
        "checklist": make.checklist("fire").pk,
    }  # fmt: skip
    assert "联合检查必须选择牵头部门" in text(post(desk, "inspection_new", **data))
    data |= {"lead_department": lead.name, "partners": [partner.name]}
    assert post(desk, "inspection_new", **data).status_code == 302
    visit = Inspection.objects.get()
    page = text(desk.get(reverse("desk:inspection", args=[visit.number])))
    assert f"<dt>参加部门</dt><dd>{partner.name}</dd>" in page
    person, other = make.inspector(), make.inspector()
    actions.assign_team(visit, [person, other], by=make.actor(clerk), at=LATER)
    sheet = text(client(person).get(reverse("desk:field_visit", args=[visit.number])))
    assert f"<dt>牵头部门</dt><dd>{lead.name}</dd>" in sheet
    make.answered(make.inside(visit))
    done = actions.complete_inspection(make.signed(visit), by=make.actor(person), at=LATER)
    mine = text(client(make.member_of(place)).get(done.url_for(make.member_of(place))))
    assert f"<dt>参加部门</dt><dd>{partner.name}</dd>" in mine
    notice = actions.propose_result(done, by=make.actor(clerk), at=LATER)
    assert lead.name in str(notice.body)


def test_a_joint_plan_hands_its_departments_on_and_another_kind_has_none() -> None:
    make.facility()
    clerk = makers.clerk()
    desk = client(clerk)
    lead, partner = Department.objects.order_by("position")[:2]
    plan = {
        "name": "联合检查（示例）", "kind": "joint", "selection": "planned", "percent": "100",
        "checklist": make.checklist("fire").pk, "starts_on": "2026-11-24", "ends_on": "2026-12-24",
    }  # fmt: skip
    assert "联合检查必须选择牵头部门" in text(post(desk, "plan_new", **plan))
    plan |= {"lead_department": lead.name, "partners": [partner.name]}
    assert post(desk, "plan_new", **plan).status_code == 302
    made = InspectionPlan.objects.get()
    typed = text(desk.get(reverse("desk:plan_edit", args=[made.number])))
    assert re.search(rf'value="{partner.name}"[^>]*checked', typed)
    for act, who in (("propose", clerk), ("approve", makers.approver()), ("schedule", clerk)):
        post(client(who), f"plan_{act}", made.number)
    planned = Inspection.objects.get(plan=made)
    assert (planned.lead_department, planned.partners) == (lead.name, [partner.name])
    again = plan | {"kind": "visit", "token": str(uuid.uuid4())}
    post(desk, "plan_new", **again)
    assert InspectionPlan.objects.get(kind="visit").partners == []


@pytest.mark.proves("prod:E3")
def test_whoever_is_sent_out_declares_his_own_ties() -> None:
    place, clerk, person = make.facility(), makers.clerk(), make.inspector()
    mine = client(person)
    assert reverse("desk:own_ties") in text(mine.get(reverse("desk:field")))
    assert "请选择" in text(post(mine, "own_ties", facility="", kind="former"))
    for _ in range(2):  # sent twice, declared once
        done = post(mine, "own_ties", facility=place.code, kind="former")
        assert done.status_code == 302
    tie = person.inspector_ties.get()
    assert tie.declared_by == person
    page = text(mine.get(reverse("desk:own_ties")))
    assert f"{place.name}（曾在该机构任职" in page
    assert (
        place.name
        not in text(client(make.inspector()).get(reverse("desk:own_ties"))).split("<form")[0]
    )  # nobody else's, above the choice of facilities
    assert mine.get(reverse("desk:tie_end", args=[tie.pk])).status_code == 403
    visit = make.opened(place)
    refused = post(client(clerk), "inspection_assign", visit.number, people=[person.pk],
                   day="2026-11-24")  # fmt: skip
    assert f"{person}申报了与该机构的回避关系" in text(refused)
    post(client(clerk), "tie_end", str(tie.pk))
    assert "解除日期" in text(mine.get(reverse("desk:own_ties")))
    home = makers.community("hubin")
    neighbour = client(makers.user("community", community=home))
    assert place.code not in text(neighbour.get(reverse("desk:own_ties")))


def test_a_matter_is_entered_by_one_and_confirmed_by_another() -> None:
    clerk, approver = client(makers.clerk()), client(makers.approver())
    data = {
        "code": "fire-doors", "name": "防火门未保持完好", "source_number": "示例1号",
        "department": "fire", "valid_from": "2026-11-01", "valid_to": "2026-01-01",
    }  # fmt: skip
    assert "结束日期不能早于开始日期" in text(post(clerk, "delegated_new", **data))
    data["valid_to"] = ""
    assert post(clerk, "delegated_new", **data).status_code == 302
    assert "同一代号" in text(post(clerk, "delegated_new", **data | {"name": "别的"}))
    item = DelegatedItem.objects.get(code="fire-doors")
    assert (item.department, item.valid_to) == ("fire", None)
    came_along = DelegatedItem.objects.get(code="fire-lanes")
    page = post(approver, "delegated_confirm", str(came_along.pk))
    assert "还没有经办人核对原文" in text(page)
    url = reverse("desk:delegated_edit", args=[came_along.pk])
    assert came_along.name in text(clerk.get(url))
    assert url in text(clerk.get(reverse("desk:delegated")))
    changed = data | {"code": "fire-lanes", "name": came_along.name}
    assert post(clerk, "delegated_edit", str(came_along.pk), **changed).status_code == 302
    assert post(approver, "delegated_confirm", str(came_along.pk)).status_code == 302


def test_what_stands_on_no_list_is_on_the_page_of_the_visit() -> None:
    visit = make.on_site()
    by = make.actor(make.lead_of(visit))
    actions.add_finding(visit, "院内有积水", by=by, at=make.AT)
    page = client(makers.clerk()).get(reverse("desk:inspection", args=[visit.number]))
    assert "院内有积水" in text(page)
    approver, other = client(makers.approver()), make.inspector()
    url = reverse("desk:inspection_others", args=[visit.number])
    assert url in text(approver.get(reverse("desk:inspection", args=[visit.number])))
    assert post(approver, "inspection_others", visit.number, people=[other.pk]).status_code == 302
    assert visit.belongs_to(other)


@pytest.mark.proves("prod:E10")
def test_the_leader_sees_whom_nobody_visited_and_each_number_opens_its_list() -> None:
    long_ago = make.AT - dt.timedelta(days=400)
    never, planned = make.facility(at=long_ago), make.facility(at=long_ago)
    make.opened(planned)
    leader = client(makers.user("leader"))
    page = text(leader.get("/desk/"))
    assert "6 个月没有走访的机构" in page
    listed = reverse("desk:not_visited")
    for words, query, names in (
        ("共 2 家", "", {never.name, planned.name}),
        ("2 家从没有走访过", "?only=never", {never.name, planned.name}),
        ("1 家还没有安排", "?only=unplanned", {never.name}),
    ):
        assert words in page
        assert f'href="{listed}{query}"' in page
        rows = text(leader.get(f"{listed}{query}"))
        assert {each.name for each in (never, planned) if each.name in rows} == names
    assert "没有走访的机构" not in text(client(makers.clerk()).get("/desk/"))


@pytest.mark.proves("prod:H5", "prod:E2")
def test_the_interval_of_the_class_is_a_task_until_a_visit_is_arranged() -> None:
    low, paused = make.facility(), make.facility()
    makers.pause(paused)
    clerk, leader = makers.clerk(), makers.user("leader")
    listed = f"{reverse('desk:risks')}?tab=due"
    words = "1 家机构走访快到期，还没有安排"
    for day, is_due in ((173, False), (174, True)):  # six months are 181 days, a week before that
        at = make.AT + dt.timedelta(days=day)
        reassess_risks(at)
        with time_machine.travel(at, tick=False):
            desk = client(clerk)
            home, rows = text(desk.get("/desk/")), text(desk.get(listed))
            assert (words in home) is (low.code in rows) is is_due
            assert paused.code not in rows
    there = f"{reverse('desk:inspection_new')}?facility={low.code}"
    with time_machine.travel(at, tick=False):
        assert listed in home
        assert there in rows
        assert desk.get(there).context["form"]["facility"].value() == low.code
        other = client(leader)
        seen = text(other.get(listed))
        assert low.code in seen
        assert there not in seen
        assert words not in text(other.get("/desk/"))
        make.opened(low)
        assert words not in text(desk.get("/desk/"))
        assert "没有要安排的走访" in text(desk.get(listed))
        assert "已安排" in text(desk.get(reverse("desk:risks")))


@pytest.mark.proves("prod:H4")
def test_a_contradiction_is_a_task_until_it_is_explained() -> None:
    place = make.finding("ZH-08").facility
    register.record_grade(place, "A", make.DAY, 1, by=Actor.calendar(), at=make.LATER)
    desk = client(makers.clerk())
    assert "说明或重新评估" in text(desk.get("/desk/"))
    page = text(desk.get(reverse("desk:facility_risk", args=[place.code])))
    assert reverse("desk:facility_evaluation", args=[place.code]) in page
    assert "公开的评估等级" in text(desk.get(reverse("desk:risk_explain", args=[place.code])))
    told = post(desk, "risk_explain", place.code, reason="评估以后才发现的问题，正在整改")
    assert told.status_code == 302
    page = text(desk.get(reverse("desk:facility_risk", args=[place.code])))
    assert "评估以后才发现的问题，正在整改" in page
    assert "说明或重新评估" not in text(desk.get("/desk/"))
    assert "risks" not in text(client(make.member_of(place)).get("/my/"))
    calm = make.facility()
    page = post(desk, "risk_explain", calm.code, reason="示例")
    assert "不再相反" in text(page)


def _subscribed(own: Client) -> str:
    """A new address for this person's calendar, as the page shows it once."""
    page = text(own.post(reverse("desk:calendar_address")))
    (path,) = re.findall(r'id="address">[a-z]+://[^/]+(/calendar/[\w-]+\.ics)<', page)
    return str(path)


@pytest.mark.proves("prod:E8")
def test_a_calendar_reads_the_visits_under_a_secret_address() -> None:
    visit = make.assigned(note="有人反映打孩子", selection="triggered", trigger_key="TS-ABCD")
    person = make.lead_of(visit)
    own = client(person)
    path = _subscribed(own)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in text(own.get(reverse("desk:calendar_address")))
    kept = CalendarAddress.objects.get()
    assert secret not in str([getattr(kept, field.attname) for field in kept._meta.fields])
    assert str(kept.user_id) == str(kept) == str(person.pk)
    file = Client().get(path)  # a program without cookies
    assert file.headers["Cache-Control"] == "private, no-store"
    assert file.headers["Content-Type"].startswith("text/calendar")
    assert not file.cookies
    assert visit.facility.name in text(file)
    for trace in ("反映", "打孩子", "专项", "TS-ABCD", str(person), person.username,
                  visit.facility.manager):  # fmt: skip
        assert trace not in text(file), trace


@pytest.mark.proves("prod:E8")
def test_a_calendar_address_is_renewed_and_ends() -> None:
    person, program = make.inspector(), Client()
    own = client(person)
    first, second = _subscribed(own), _subscribed(own)
    assert program.get(first).status_code == 404
    assert program.get(second).status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert program.get(second).status_code == 404
    User.objects.filter(pk=person.pk).update(is_active=True)
    for _ in range(2):
        assert own.post(reverse("desk:calendar_address_end")).status_code == 302
    for path in (second, "/calendar/guessed.ics"):
        assert program.get(path).status_code == 404
    told = AuditEvent.objects.filter(act__startswith="calendar.").order_by("pk")
    assert list(told.values_list("act", flat=True)) == [
        "calendar.address", "calendar.address", "calendar.address_ended",
    ]  # fmt: skip
    # Whoever has lost his post reads no more, though the account is still his.
    third = _subscribed(own)
    person.role_assignments.all().delete()
    assert program.get(third).status_code == 404
