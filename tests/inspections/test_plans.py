"""Plans and draws through the acts."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from facilities.models import Facility
from inspections import actions
from inspections.models import Inspection, RandomDraw
from inspections.queries import people as people_queries
from inspections.queries import plans as queries
from inspections.queries import risk, visits
from portal.core.models import OfficialPaper, Outbox
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers, register
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, actor
from tests.inspections.test_carrying import words_of

pytestmark = pytest.mark.django_db


@pytest.mark.proves("prod:E1")
def test_a_plan_is_approved_by_another_person_and_scheduled() -> None:
    places = [make.facility() for _ in range(3)]
    both = makers.user("clerk", "approver")
    token = uuid.uuid4()
    values = make.plan_values(selection="planned")
    plan = actions.start_plan(values, token=token, by=actor(both), at=AT)
    assert actions.start_plan(values, token=token, by=actor(both), at=AT) == plan
    plan = actions.edit_plan(plan, {"name": "春季检查（示例）"}, by=actor(both), at=AT)
    plan = actions.propose_plan(plan, by=actor(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.approve_plan(plan, by=actor(both), at=AT)
    plan = actions.hand_back_plan(plan, "请写明范围", by=actor(makers.approver()), at=AT)
    plan = actions.propose_plan(plan, by=actor(both), at=AT)
    plan = actions.approve_plan(plan, by=actor(makers.approver()), at=AT)
    made = actions.schedule_plan(plan, by=actor(both), at=AT)
    assert {each.facility for each in made} == set(places)
    days = sorted(each.planned_on for each in made)
    assert (days[0], days[-1]) == (plan.starts_on, plan.ends_on)
    assert actions.schedule_plan(plan, by=actor(both), at=AT) == []
    make.facility()
    assert len(actions.schedule_plan(plan, by=actor(both), at=AT)) == 1
    assert queries.progress(plan) == {"planned": 4}
    assert actions.close_plan(plan, by=actor(both), at=AT).state == "closed"


def test_a_plan_that_began_before_goes_on_from_today_and_keeps_to_its_way() -> None:
    for _ in range(2):
        make.facility()
    clerk, begun = actor(makers.clerk()), DAY - dt.timedelta(days=20)
    plan = make.plan_in_force(selection="planned", starts_on=begun)
    assert min(v.planned_on for v in actions.schedule_plan(plan, by=clerk, at=AT)) == DAY
    with pytest.raises(actions.WrongKind):
        actions.draw_plan(plan, by=clerk, at=AT)
    with pytest.raises(actions.WrongKind):
        actions.schedule_plan(make.plan_in_force(), by=clerk, at=AT)


def test_a_plan_leaves_out_whose_year_is_full() -> None:
    full, free = make.facility(), make.facility()
    for _ in range(4):
        make.opened(full, "administrative", selection="planned")
    plan = make.plan_in_force(
        kind="administrative", selection="planned", delegated=make.confirmed(),
        checklist=make.checklist("fire"),
    )  # fmt: skip
    made = actions.schedule_plan(plan, by=actor(makers.clerk()), at=AT)
    assert [each.facility for each in made] == [free]


@pytest.mark.parametrize(
    ("scope", "values", "count"),
    [
        ("communities", ["hubin"], 1), ("communities", ["longquan"], 2),
        ("types", ["independent"], 3), ("types", ["family"], 0), ("classes", ["high"], 0),
    ],
)  # fmt: skip
def test_a_plan_covers_its_scope(scope: str, values: list[str], count: int) -> None:
    make.facility()
    make.facility()
    register.registered(premises={"community": "hubin"})
    plan = make.plan_in_force(scope=scope, scope_values=values)
    assert queries.in_scope(plan).count() == count


@pytest.mark.proves("prod:E3")
def test_the_draw_can_be_made_again_and_is_made_once() -> None:
    for _ in range(6):
        make.facility()
    people = [make.inspector() for _ in range(4)]
    plan, clerk = make.plan_in_force(), actor(makers.clerk())
    drawing = actions.draw_plan(plan, seed="2026-示例", by=clerk, at=AT)
    assert actions.draw_plan(plan, seed="other", by=clerk, at=AT) == drawing
    again = [[each.facility, list(each.people)] for each in queries.replay(drawing)]
    assert again == drawing.result
    assert len(drawing.result) == 3
    drawn = Inspection.objects.filter(plan=plan)
    assert {v.state for v in drawn} == {"assigned"}
    assert {v.selection for v in drawn} == {"random"}
    who = {member.user for visit in drawn for member in visits.team_of(visit)}
    assert who <= set(people_queries.visitors(DAY))
    assert {str(person.pk) for person in people} <= set(drawing.people)
    record = words_of(OfficialPaper.objects.of(drawing).get())
    assert "2026-示例" in record
    assert all(code in record for code, _people in drawing.result)


@pytest.mark.proves("prod:E3")
def test_ties_and_expired_certificates_are_not_drawn() -> None:
    places = [make.facility() for _ in range(4)]
    one, two, expired = make.certified(), make.certified(), make.certified(-1)
    makers.user("community", community=places[0].community)
    for place in places[:2]:
        actions.declare_tie(one, place, "interest", by=actor(one), at=AT)
    plan = make.plan_in_force(
        kind="administrative", delegated=make.confirmed(), percent=100,
        checklist=make.checklist("fire"),
    )  # fmt: skip
    drawing = actions.draw_plan(plan, by=actor(makers.clerk()), at=AT)
    out = dict(drawing.people_excluded)
    assert out[str(expired.pk)] == "no_certificate"
    assert str(two.pk) in drawing.people
    for code, people in drawing.result:
        assert str(expired.pk) not in people
        if code in {place.code for place in places[:2]}:
            assert str(one.pk) not in people
    # The record names who was kept away and why, by post; what the tie is stays with the office.
    record = words_of(OfficialPaper.objects.of(drawing).get())
    assert f"{expired.signature_label}（没有有效的行政执法证）" in record
    assert all(f"{one.signature_label}（{place.code}）" in record for place in places[:2])
    assert "利害关系" not in record
    # Two of the four wait for approval; where only one person was left, nobody is sent.
    states = sorted(Inspection.objects.filter(plan=plan).values_list("state", flat=True))
    assert states == ["awaiting_approval"] * 2 + ["planned"] * 2


def test_a_joint_plan_without_a_department_that_leads_is_none() -> None:
    clerk = actor(makers.clerk())
    with pytest.raises(actions.NoLead):
        actions.start_plan(make.plan_values(kind="joint"), by=clerk, at=AT)
    plan = actions.start_plan(make.plan_values(), by=clerk, at=AT)
    with pytest.raises(actions.NoLead):
        actions.edit_plan(plan, {"kind": "joint"}, by=clerk, at=AT)
    led = {"kind": "joint", "lead_department": "卫生健康委员会", "partners": ["消防救援机构"]}
    make.facility()
    people = [make.inspector() for _ in range(2)]
    plan = make.plan_in_force(percent=100, **led)
    actions.draw_plan(plan, seed="示例", by=clerk, at=AT)
    visit = Inspection.objects.get(plan=plan)
    assert (visit.lead_department, visit.partners) == ("卫生健康委员会", ["消防救援机构"])
    assert {member.user for member in visits.team_of(visit)} <= {
        *people,
        *people_queries.visitors(DAY),
    }


def test_a_draw_without_people_or_places_says_so() -> None:
    plan, clerk = make.plan_in_force(scope="types", scope_values=["family"]), makers.clerk()
    make.inspector()
    with pytest.raises(actions.NothingToDraw):
        actions.draw_plan(plan, by=actor(clerk), at=AT)
    assert not RandomDraw.objects.exists()


def test_a_drawn_person_is_replaced_for_recusal_or_illness_only() -> None:
    place = make.facility()
    people = [make.inspector() for _ in range(3)]
    plan = make.plan_in_force(percent=100)
    clerk = actor(makers.clerk())
    drawing = actions.draw_plan(plan, seed="s", by=clerk, at=AT)
    visit = Inspection.objects.get(plan=plan)
    leaving = visits.team_of(visit)[0].user
    with pytest.raises(ValueError, match="recusal"):
        actions.replace_member(visit, leaving, "holiday", "", by=clerk, at=AT)
    made = actions.replace_member(visit, leaving, "illness", "病假", by=clerk, at=AT)
    with pytest.raises(TransitionNotOpen):  # sent twice
        actions.replace_member(visit, leaving, "illness", "病假", by=clerk, at=AT)
    team = [member.user for member in visits.team_of(visit)]
    assert leaving not in team
    assert made.user in team
    assert drawing.replacements.get().instead == made.user
    others = len(drawing.people) - len(visits.team_of(visit))
    while visit.replacements.count() < others:  # until everybody was called once
        next_out = visits.team_of(visit)[0].user
        actions.replace_member(visit, next_out, "recusal", "", by=clerk, at=AT)
    last = visits.team_of(visit)[0].user
    with pytest.raises(actions.NobodyLeft):
        actions.replace_member(visit, last, "recusal", "", by=clerk, at=AT)
    other = make.assigned(place=place)
    with pytest.raises(actions.WrongKind):
        actions.replace_member(other, people[0], "illness", "", by=clerk, at=AT)


@pytest.mark.proves("prod:E3")
def test_a_community_worker_is_drawn_for_his_own_community_only() -> None:
    communities = ["longquan", "hubin"]
    here, there = (register.registered(premises={"community": c}).facility for c in communities)
    assert here
    assert there
    one, two = (makers.user("community", community=place.community) for place in (here, there))
    other, clerk = makers.user("community", community=here.community), actor(makers.clerk())
    plan = make.plan_in_force(percent=100, scope="communities", scope_values=communities)
    drawing = actions.draw_plan(plan, seed="s", by=clerk, at=AT)
    again = [[each.facility, list(each.people)] for each in queries.replay(drawing)]
    assert again == drawing.result
    assert [str(one.pk), there.code, "elsewhere"] in drawing.ties
    assert [str(two.pk), here.code, "elsewhere"] in drawing.ties
    for visit in Inspection.objects.filter(plan=plan):
        assert visit.state == "assigned"  # nobody who is refused there was drawn
        far = {two} if visit.facility == here else {one, other}
        assert not far & {member.user for member in visits.team_of(visit)}
        far_keys = {str(person.pk) for person in far}
        assert not far_keys & set(queries.pool_instead(visit).people)
    record = words_of(OfficialPaper.objects.of(drawing).get())
    assert f"{two.signature_label}（1家）" in record


@pytest.mark.proves("prod:E3")
def test_nobody_is_drawn_for_a_day_on_which_his_certificate_is_over() -> None:
    for _ in range(2):
        make.facility()
    ending = make.certified(10)
    make.certified()
    make.certified()
    plan = make.plan_in_force(
        kind="administrative", delegated=make.confirmed(), percent=100,
        checklist=make.checklist("fire"),
    )  # fmt: skip
    drawing = actions.draw_plan(plan, seed="s", by=actor(makers.clerk()), at=AT)
    again = [[each.facility, list(each.people)] for each in queries.replay(drawing)]
    assert again == drawing.result
    late = Inspection.objects.filter(plan=plan).latest("planned_on")
    assert late.planned_on > DAY + dt.timedelta(days=10)
    assert queries.lapsed_pairs(drawing) == [(str(ending.pk), late.facility.code)]
    assert ending not in {member.user for member in visits.team_of(late)}
    states = set(Inspection.objects.filter(plan=plan).values_list("state", flat=True))
    assert states == {"awaiting_approval"}
    record = words_of(OfficialPaper.objects.of(drawing).get())
    assert f"{ending.signature_label}（{late.facility.code}）" in record


@pytest.mark.proves("prod:E3")
def test_the_lot_is_not_overridden_by_hand() -> None:
    make.facility()
    people, clerk = [make.inspector() for _ in range(4)], actor(makers.clerk())
    plan = make.plan_in_force(percent=100)
    # Whoever presses the button chooses nobody: a tie of his stops no draw.
    tied = makers.clerk()
    actions.declare_tie(tied, Facility.objects.get(), "family", by=clerk, at=AT)
    actions.draw_plan(plan, seed="s", by=actor(tied), at=AT)
    visit = Inspection.objects.get(plan=plan)
    drawn = [member.user for member in visits.team_of(visit)]
    others = [person for person in (*people, makers.clerk()) if person not in drawn]
    for team in ([others[0], drawn[0]], drawn[:1]):
        with pytest.raises(actions.NotByLot):
            actions.assign_team(visit, team, by=clerk, at=AT)
    later = DAY + dt.timedelta(days=3)
    moved = actions.assign_team(visit, drawn, planned_on=later, by=clerk, at=AT)
    assert (moved.state, moved.planned_on) == ("assigned", later)
    made = actions.replace_member(visit, drawn[0], "illness", "病假", by=clerk, at=AT)
    with pytest.raises(actions.NotByLot):  # who was replaced does not come back by hand
        actions.assign_team(visit, drawn, by=clerk, at=AT)
    actions.assign_team(visit, [made.user, drawn[1]], by=clerk, at=AT)
    assert set(queries.who_may_be_sent(moved)) == {made.user, drawn[1]}


@pytest.mark.proves("prod:E3")
def test_a_drawn_inspection_that_was_handed_back_keeps_its_officers() -> None:
    make.facility()
    for _ in range(3):
        make.certified()
    clerk, approver = actor(makers.clerk()), actor(makers.approver())
    plan = make.plan_in_force(
        kind="administrative", delegated=make.confirmed(), percent=100,
        checklist=make.checklist("fire"),
    )  # fmt: skip
    actions.draw_plan(plan, seed="s", by=clerk, at=AT)
    visit = Inspection.objects.get(plan=plan)
    drawn = [member.user for member in visits.team_of(visit)]
    visit = actions.hand_back_inspection(visit, "改期", by=approver, at=AT)
    with pytest.raises(actions.NotByLot):
        actions.assign_team(visit, [drawn[0], make.certified()], by=clerk, at=AT)
    made = actions.replace_member(visit, drawn[0], "recusal", "", by=clerk, at=AT)
    done = actions.assign_team(visit, [made.user, drawn[1]], by=clerk, at=AT)
    assert done.state == "awaiting_approval"


def test_a_person_completes_a_team_for_which_the_lot_had_too_few() -> None:
    make.facility()
    one, clerk = make.certified(), makers.clerk()
    plan = make.plan_in_force(
        kind="administrative", delegated=make.confirmed(), percent=100,
        checklist=make.checklist("fire"),
    )  # fmt: skip
    actions.draw_plan(plan, seed="s", by=actor(clerk), at=AT)
    visit = Inspection.objects.get(plan=plan)
    assert (visit.state, [m.user for m in visits.team_of(visit)]) == ("planned", [one])
    later = DAY + dt.timedelta(days=3)
    visit = actions.postpone_inspection(visit, later, by=actor(clerk), at=AT)
    before = Outbox.objects.filter(payload__to=str(one.pk)).count()
    # Nobody is told to go before the team is whole.
    assert not Outbox.objects.filter(payload__kind="inspection.assigned").exists()
    actions.remind_of_visit(visit, at=AT + dt.timedelta(days=9))
    told = Outbox.objects.filter(payload__kind="inspection.due_soon")
    assert told.filter(payload__to=str(clerk.pk)).exists()
    assert Outbox.objects.filter(payload__to=str(one.pk)).count() == before
    two, three = make.certified(), make.certified()
    with pytest.raises(actions.NotByLot):
        actions.assign_team(visit, [two, three], by=actor(clerk), at=AT)
    assert actions.assign_team(visit, [one, two], by=actor(clerk), at=AT).state == (
        "awaiting_approval"
    )


@pytest.mark.proves("prod:E10", "diff:11", "clause:二(五)1b")
def test_whom_nobody_visited() -> None:
    seen, never = make.facility(), make.facility()
    make.completed(place=seen)
    clerk = makers.clerk()
    soon = DAY + dt.timedelta(days=1)
    assert set(visits.not_visited_since(soon, clerk)) == {seen, never}
    found = list(visits.not_visited_since(DAY, clerk))
    assert found == []  # registered today, visited today
    later = DAY + dt.timedelta(days=200)
    rows = list(visits.not_visited_since(later, clerk))
    assert [row.last_visit_on for row in rows] == [None, DAY]  # type: ignore[attr-defined]


@pytest.mark.proves("prod:E10")
@pytest.mark.parametrize("access", ["nobody", "refused"])
def test_a_closed_door_is_no_visit(access: str) -> None:
    place = make.facility()
    made = make.assigned(place=place)
    by = actor(make.lead_of(made))
    made = actions.start_inspection(made, by=by, at=AT)
    made = actions.record_access(made, access, note="敲门无人应答", by=by, at=AT)
    actions.end_inspection(made, by=by, at=AT)
    later = DAY + dt.timedelta(days=200)
    (row,) = visits.not_visited_since(later, makers.clerk())
    assert row.last_visit_on is None  # type: ignore[attr-defined]
    assert risk.grounds([place], later)[place.pk].last_visit_on is None
    make.completed(place=place)
    assert risk.grounds([place], later)[place.pk].last_visit_on == DAY
