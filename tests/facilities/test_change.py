"""A change filing: only what changed is asked, reviewed and written (prod:B15, diff:22)."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from facilities import actions, queries
from facilities.models import Facility, Filing, FilingSubmission, StaffPaper
from facilities.queries import life
from facilities.rules import life as life_rules
from facilities.workflow import FilingStatus
from portal.core.actors import Actor
from portal.core.models import AuditEvent, OfficialPaper
from portal.core.queries import in_force
from tests import makers as make
from tests.house.test_law import law

LATER = make.AT + dt.timedelta(days=30)


def member_of(facility):
    return Actor.person(facility.memberships.get().user)


def begin(facility, *tiles, by=None, token=None):
    by = by or member_of(facility)
    return actions.start_change(facility, tiles, token or uuid.uuid4(), by=by, at=LATER)


def answer(filing, key, **changes):
    """Fill in one task as the operator does: what is there, and what is different."""
    section = filing.sections.get(key=key)
    answers = section.answers | changes
    by = member_of(filing.facility)
    actions.save_section(filing, key, answers, answers, version=section.version, by=by, at=LATER)


def send(filing):
    by = member_of(filing.facility)
    filing.refresh_from_db()
    return actions.submit_filing(filing, "示例负责人", make.DECLARATION, by=by, at=LATER)


def grant(filing, by=None):
    clerk = Actor.person(make.clerk())
    taken = actions.take_filing(filing, by=clerk, at=LATER)
    proposed = actions.propose_decision(taken, "register", "", by=clerk, at=LATER)
    return actions.register_filing(proposed, by=by or Actor.person(make.approver()), at=LATER)


def changed(facility, tile, key, **changes):
    filing = begin(facility, tile)
    answer(filing, key, **changes)
    return grant(send(filing))


def _people(answers):
    """The people by identity number; the register has ids of its own and no drafts."""
    own = ("id", "version", "identity_key")
    return {
        row["identity"]: {name: row[name] for name in row if name not in own}
        for row in answers["staff"]
    }


# --- rules --------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(sorted(life_rules.change_tiles(law())))))
def test_tasks_are_the_parts_of_the_tiles_and_the_papers_when_one_is_asked_for(tiles):
    tasks = life_rules.tasks_of_tiles(tiles, law())
    table = law().table("life.change_sections")
    papers = law().table("life.change_materials")
    wanted = {table[tile] for tile in tiles}
    if any(papers[tile] for tile in tiles):
        wanted.add("certificates")
    assert set(tasks) == wanted
    assert len(tasks) == len(set(tasks))


def test_what_takes_effect_at_once_and_what_is_another_facility_is_data():
    assert life_rules.takes_effect_at_once("enrolment", law())
    assert not life_rules.takes_effect_at_once("manager", law())
    assert life_rules.needs_new_filing("move", law())
    assert not life_rules.needs_new_filing("premises", law())


# --- the act ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:B15", "diff:22")
def test_only_what_changed_is_a_task_the_rest_is_there():
    facility = make.facility()
    filing = begin(facility, "manager")
    states = {s.key: s.status for s in filing.sections.all()}
    assert states.pop("registration") == "not_started"
    assert set(states.values()) == {"complete"}
    assert {"premises", "certificates"} <= set(states)
    registration = filing.sections.get(key="registration").draft
    assert registration["manager"] == "示例负责人"
    assert registration["manager_phone"] == "13800000001"


@pytest.mark.django_db
@pytest.mark.proves("diff:22")
def test_what_the_register_holds_now_is_what_was_filed_and_what_changed_since():
    facility = make.facility()
    sent = facility.filings.get().submissions.get().answers
    held = life.current_answers(facility)
    assert _people(held.pop("staff")) == _people(sent.pop("staff"))
    assert held == sent
    group = facility.classes.get(name="托小一班")
    actions.update_enrolment(facility, {str(group.pk): 3}, by=member_of(facility), at=LATER)
    facility.refresh_from_db()
    rows = {r["name"]: r["enrolled"] for r in life.current_answers(facility)["premises"]["classes"]}
    assert rows == {"托小一班": 3, "托大一班": 18}


@pytest.mark.django_db
@pytest.mark.proves("prod:B15")
def test_a_change_of_manager_writes_the_manager_and_nothing_else():
    facility = make.facility()
    papers = list(facility.certificates.values_list("pk", "is_current"))
    done = changed(facility, "manager", "registration", manager="新负责人")
    facility.refresh_from_db()
    assert done.facility == facility
    assert facility.manager == "新负责人"
    assert facility.facts_on == LATER.date()
    assert facility.registered_on == make.AT.date()
    assert list(facility.certificates.values_list("pk", "is_current")) == papers
    assert [f.state for f in facility.filings.order_by("created_at")] == [
        FilingStatus.SUPERSEDED,
        FilingStatus.REGISTERED,
    ]


@pytest.mark.django_db
def test_the_filing_before_gives_way_by_itself_and_the_approver_is_who_registered():
    facility = make.facility()
    first = facility.filings.get()
    approver = make.approver()
    filing = begin(facility, "manager")
    answer(filing, "registration", manager="新负责人")
    grant(send(filing), by=Actor.person(approver))
    line = AuditEvent.objects.get(act="filing.supersede", object_id=str(first.pk))
    assert (line.actor_label, line.detail["successor"]) == ("calendar", filing.number)
    decided = AuditEvent.objects.get(act="filing.register", object_id=str(filing.pk))
    assert (decided.actor_id, decided.txid) == (approver.pk, line.txid)


@pytest.mark.django_db
def test_the_receipt_has_its_own_series_and_replaces_the_one_before():
    facility = make.facility()
    done = changed(facility, "manager", "registration", manager="新负责人")
    new = OfficialPaper.objects.get(noun_id=done.pk)
    old = OfficialPaper.objects.get(kind="registration_receipt")
    assert new.number.startswith("寺街托变〔2026〕1号")
    assert (old.status, old.replaced_by) == ("replaced", new)


@pytest.mark.django_db
def test_a_new_name_asks_for_a_new_licence_and_keeps_the_other_papers():
    facility = make.facility()
    filing = begin(facility, "name")
    answer(filing, "registration", facility_name="大太阳托育园（示例）")
    filing.refresh_from_db()
    with pytest.raises(actions.Incomplete):
        send(filing)
    assert [m.code for m in queries.required_for(filing, in_force(LATER.date()))] == [
        "business_licence"
    ]
    make.give(filing, "business_licence", at=LATER)
    old = facility.certificates.get(material="business_licence", is_current=True)
    grant(send(filing))
    facility.refresh_from_db()
    new = facility.certificates.get(material="business_licence", is_current=True)
    assert facility.name == "大太阳托育园（示例）"
    assert new != old
    assert facility.certificates.filter(is_current=True).count() == 4


@pytest.mark.django_db
def test_children_counted_during_the_review_stay_counted():
    facility = make.facility()
    filing = begin(facility, "classes")
    rows = [
        {"class_type": "toddler", "name": "托小一班", "capacity": 12, "enrolled": 11},
        {"class_type": "older", "name": "托大一班", "capacity": 20, "enrolled": 17},
        {"class_type": "mixed", "name": "混合一班", "capacity": 10, "enrolled": 0},
    ]
    answer(filing, "premises", classes=rows)
    sent = send(filing)
    group = facility.classes.get(name="托小一班")
    actions.update_enrolment(facility, {str(group.pk): 5}, by=member_of(facility), at=LATER)
    grant(sent)
    facility.refresh_from_db()
    now = {g.name: (g.capacity, g.enrolled) for g in facility.classes.all()}
    assert now == {"托小一班": (12, 5), "托大一班": (20, 17), "混合一班": (10, 0)}
    assert (facility.places, facility.vacancies) == (42, 7 + 3 + 10)


@pytest.mark.django_db
def test_one_open_change_at_a_time_and_a_form_sent_twice_is_one():
    facility = make.facility()
    token = uuid.uuid4()
    first = begin(facility, "manager", token=token)
    assert begin(facility, "manager", token=token) == first
    with pytest.raises(actions.OpenFilingExists) as refused:
        begin(facility, "classes")
    assert refused.value.filing == first
    actions.withdraw_filing(first, by=member_of(facility), at=LATER)
    assert begin(facility, "classes") != first


@pytest.mark.django_db
def test_a_taken_credit_code_is_refused():
    other = make.facility()
    facility = make.facility()
    filing = begin(facility, "licence")
    answer(filing, "registration", uscc=other.uscc)
    make.give(filing, "business_licence", at=LATER)
    with pytest.raises(actions.AlreadyRegistered):
        grant(send(filing))


@pytest.mark.django_db
def test_a_new_credit_code_waits_for_a_first_report_under_the_same_code():
    """Both would look first and write later: the lock of the code is taken before any row's."""
    facility, code = make.facility(), make.uscc()
    filing = begin(facility, "licence")
    answer(filing, "registration", uscc=code)
    make.give(filing, "business_licence", at=LATER)
    sent = send(filing)
    with CaptureQueriesContext(connection) as asked:
        grant(sent)
    assert any("advisory" in q["sql"] and f"facility:{code}" in q["sql"] for q in asked)


@pytest.mark.django_db
def test_what_the_register_said_is_frozen_beside_what_was_sent():
    facility = make.facility()
    filing = begin(facility, "manager")
    answer(filing, "registration", manager="新负责人")
    sent = send(filing)
    rounds = FilingSubmission.objects.filter(filing=sent).order_by("round")
    said = [s.answers["registration"]["manager"] for s in rounds]
    assert said == ["示例负责人", "新负责人"]


@pytest.mark.django_db(transaction=True)
def test_two_changes_begun_at_once_are_one():
    facility = make.facility()
    by = member_of(facility)
    gate = Barrier(2)

    def run(tile):
        connection.ensure_connection()
        gate.wait()
        try:
            return actions.start_change(facility, [tile], uuid.uuid4(), by=by, at=LATER)
        except actions.OpenFilingExists as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, ["manager", "classes"]))
    assert sorted(type(d).__name__ for d in done) == ["Filing", "OpenFilingExists"]
    assert Filing.objects.filter(kind="change").count() == 1


# --- people and papers that move on meanwhile -----------------------------------------------------

RENEWED = {
    "title": "", "number": "", "issuer": "", "issued_on": None,
    "valid_until": dt.date(2028, 5, 1),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.proves("diff:22")
def test_people_who_left_or_came_and_papers_renewed_are_what_a_change_begins_with():
    facility = make.facility()
    by = member_of(facility)
    gone, renewed = facility.staff.present().filter(post="carer").order_by("id")[:2]
    actions.record_leaving(gone, LATER.date(), "resigned", by=by, at=LATER)
    actions.renew_staff_paper(renewed, "health", RENEWED, by=by, at=LATER)
    values = make.staff_person("示例新人")
    new = actions.add_staff(facility, uuid.uuid4(), values, by=by, at=LATER)
    held = begin(facility, "manager").sections.get(key="staff").answers
    rows = {row["id"]: row for row in held["staff"]}
    assert str(gone.pk) not in rows
    assert rows[str(renewed.pk)]["health_until"] == "2028-05-01"
    assert rows[str(new.pk)]["name"] == "示例新人"
    assert set(held["known"]) == set(rows)


@pytest.mark.django_db
@pytest.mark.proves("prod:B15")
def test_a_change_of_other_parts_touches_nobody_and_no_paper_of_theirs():
    facility = make.facility()
    filing = begin(facility, "manager")
    answer(filing, "registration", manager="新负责人")
    sent = send(filing)
    by, member = member_of(facility), facility.staff.present().filter(post="carer").first()
    actions.record_leaving(member, LATER.date(), "resigned", by=by, at=LATER)
    new = actions.add_staff(facility, uuid.uuid4(), make.staff_person("新人"), by=by, at=LATER)

    def people():
        return list(facility.staff.order_by("id").values_list("pk", "left_on", "leave_reason"))

    before = people()
    papers = list(StaffPaper.objects.order_by("id").values_list("pk", "is_current"))
    grant(sent)
    assert people() == before
    assert list(StaffPaper.objects.order_by("id").values_list("pk", "is_current")) == papers
    assert facility.staff.present().filter(pk=new.pk).exists()


@pytest.mark.django_db
def test_a_list_of_people_corrected_in_a_change_changes_those_and_no_others():
    facility = make.facility()
    filing = begin(facility, "manager")
    answer(filing, "registration", manager="新负责人")
    clerk, by = Actor.person(make.clerk()), member_of(facility)
    taken = actions.take_filing(send(filing), by=clerk, at=LATER)
    actions.add_correction(taken, "staff", "", "保育人员请核对", by=clerk, at=LATER)
    actions.request_correction(taken, by=clerk, at=LATER)
    changed, left, taken_off, renewed = facility.staff.present().filter(post="carer")[:4]
    rows = {r["id"]: r for r in filing.sections.get(key="staff").answers["staff"]}
    said = {k: v for k, v in rows[str(changed.pk)].items() if k not in {"id", "version"}}
    said["employment"] = "part_time"
    actions.keep_staff_row(filing, changed.pk, said, version=1, by=by, at=LATER)
    actions.remove_staff_row(filing, taken_off.pk, by=by, at=LATER)
    actions.finish_staff(filing, by=by, at=LATER)
    again = send(filing)
    actions.record_leaving(left, LATER.date(), "resigned", by=by, at=LATER)
    actions.renew_staff_paper(renewed, "health", RENEWED, by=by, at=LATER)
    taken = actions.take_filing(again, by=clerk, at=LATER)
    actions.propose_decision(taken, "register", "", by=clerk, at=LATER)
    actions.register_filing(taken, by=Actor.person(make.approver()), at=LATER)
    people = {member.pk: member for member in facility.staff.all()}
    assert people[changed.pk].employment == "part_time"
    assert people[left.pk].leave_reason == "resigned"
    assert people[taken_off.pk].leave_reason == "not_listed"
    health = renewed.papers.get(kind="health", is_current=True)
    assert health.valid_until == dt.date(2028, 5, 1)
    assert len(people) == len(rows)


# --- another place --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "another"),
    [
        ("龙泉路18号", False),
        ("河南省舞钢市 龙泉路 18 号", False),
        ("龙泉路18号（邮局对面）", False),
        ("龙泉路81号", True),
        ("祥和街18号", True),
    ],
)
@pytest.mark.proves("prod:B17")
def test_another_place_is_told_from_another_way_of_writing(address, another):
    before = {"community": "longquan", "address": "龙泉路18号"}
    assert life_rules.is_another_place(before, before | {"address": address}) is another
    assert life_rules.is_another_place(before, before | {"community": "hubin"})


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_another_address_is_refused_unless_it_is_stated_to_be_the_same_place():
    facility = make.facility()
    filing = begin(facility, "premises")
    make.give(filing, "premises_proof", at=LATER)
    answer(filing, "premises", address="祥和街9号")
    with pytest.raises(actions.AnotherPlace):
        send(filing)
    filing.refresh_from_db()
    assert filing.state == FilingStatus.DRAFT
    by = member_of(facility)
    sent = actions.submit_filing(
        filing, "示例负责人", make.DECLARATION, by=by, at=LATER, same_place=True
    )
    line = AuditEvent.objects.get(act="filing.submit", object_id=str(sent.pk))
    assert line.detail["address"] == "corrected"
    grant(sent)
    facility.refresh_from_db()
    assert facility.address == "祥和街9号"


@pytest.mark.django_db
def test_what_left_the_register_during_the_review_is_not_changed():
    facility = make.facility()
    filing = begin(facility, "manager")
    answer(filing, "registration", manager="新负责人")
    sent = send(filing)
    Facility.objects.filter(pk=facility.pk).update(registration="cancelled", operating="closed")
    with pytest.raises(actions.NotInRegister):
        grant(sent)
    facility.refresh_from_db()
    assert facility.manager == "示例负责人"
    assert Filing.objects.get(pk=filing.pk).state == "proposed"


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_a_move_begun_twice_keeps_what_was_typed_since():
    facility = make.facility()
    by, token = member_of(facility), uuid.uuid4()
    begun = actions.start_elsewhere(facility, token, by=by, at=LATER)
    section = begun.sections.get(key="registration")
    assert section.draft["manager"] == "示例负责人"
    typed = section.draft | {"manager": "示例新负责人"}
    actions.save_section(
        begun, "registration", typed, None, version=section.version, by=by, at=LATER
    )
    assert actions.start_elsewhere(facility, token, by=by, at=LATER) == begun
    assert begun.sections.get(key="registration").draft["manager"] == "示例新负责人"


@pytest.mark.django_db
@pytest.mark.proves("prod:B15")
def test_a_part_that_is_not_reported_as_changed_is_not_written_to():
    facility = make.facility()
    filing = begin(facility, "manager")
    with pytest.raises(actions.SectionLocked):
        answer(filing, "premises", address="祥和街9号")
    assert filing.sections.get(key="premises").answers["address"] != "祥和街9号"
