"""Entering people into the register, following them, and finding the same person elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from facilities import actions, queries
from facilities.actions.persons import identity_key, manager_key, person_keys, with_keys
from facilities.actions.staff import write_staff
from facilities.forms import sentence
from facilities.forms.misses_staff import staff_sentences
from facilities.forms.staff_table import COLUMNS, judge, read_lines
from facilities.models import Facility, StaffMember, StaffPaper
from facilities.rules import Miss
from portal.core.actors import Actor
from portal.core.models import AuditEvent
from portal.core.queries import in_force
from portal.core.sheets import Row, SheetRefused
from tests import makers

pytestmark = pytest.mark.django_db
DAY = makers.AT.date()


@pytest.fixture
def facility() -> Facility:
    return makers.facility()


def rows_of(facility: Facility) -> list[dict[str, Any]]:
    return queries.staff_answers(facility)["staff"]


def state_of(facility: Facility) -> list[Any]:
    members = facility.staff.order_by("name").values_list("id", "name", "post", "left_on")
    papers = StaffPaper.objects.filter(member__facility=facility).order_by("id")
    return [list(members), list(papers.values_list("id", "kind", "expires_on", "is_current"))]


# --- the register -------------------------------------------------------------------------------


@pytest.mark.proves("prod:D1")
def test_a_registered_filing_brings_its_people_and_their_papers(facility: Facility) -> None:
    manager = facility.staff.get(post="manager")
    assert facility.staff.count() == 9
    assert manager.joined_on == DAY
    papers = {paper.kind: paper for paper in manager.papers.all()}
    assert set(papers) == {"health", "letter", "qualification", "training"}
    assert papers["health"].expires_on == dt.date(2027, 8, 31)
    assert papers["letter"].expires_on == dt.date(2027, 9, 1)
    assert papers["training"].expires_on is None
    guard = facility.staff.get(post="guard")
    assert guard.papers.get(kind="guard").number == "示例-001"


def test_written_twice_reads_as_written_once(facility: Facility) -> None:
    before = state_of(facility)
    answers = facility.filings.get().submissions.latest("round").answers["staff"]
    write_staff(facility, answers, DAY)
    write_staff(facility, queries.staff_answers(facility), DAY)
    assert state_of(facility) == before


def test_a_newer_paper_replaces_the_old_one_which_stays(facility: Facility) -> None:
    answers = queries.staff_answers(facility)
    answers["staff"][0] |= {"health_until": "2028-01-01", "name": "示例改名"}
    write_staff(facility, answers, DAY)
    member = facility.staff.get(name="示例改名")
    held = member.papers.filter(kind="health").values_list("valid_until", "is_current")
    assert sorted(held) == [(dt.date(2027, 8, 31), False), (dt.date(2028, 1, 1), True)]
    assert facility.staff.count() == 9


def test_only_who_was_known_and_is_not_listed_any_more_has_left(facility: Facility) -> None:
    answers = queries.staff_answers(facility)
    later = actions.add_staff(
        facility, uuid.uuid4(), makers.staff_person("示例后来"),
        by=Actor.person(makers.operator()), at=makers.AT,
    )  # fmt: skip
    gone = answers["staff"].pop()
    write_staff(facility, answers, DAY)
    left = facility.staff.exclude(left_on=None).get()
    assert (str(left.pk), left.left_on, left.leave_reason) == (gone["id"], DAY, "not_listed")
    later.refresh_from_db()
    assert later.left_on is None
    without_known = {"staff": answers["staff"][:1]}
    write_staff(facility, without_known, DAY)
    assert facility.staff.present().count() == 9


def test_one_person_works_once_in_a_facility_and_may_come_back(facility: Facility) -> None:
    by, values = Actor.person(makers.operator()), makers.staff_person("示例回来")
    first = actions.add_staff(facility, uuid.uuid4(), values, by=by, at=makers.AT)
    with pytest.raises(actions.AlreadyListed):
        actions.add_staff(facility, uuid.uuid4(), values, by=by, at=makers.AT)
    actions.record_leaving(first, DAY, "resigned", by=by, at=makers.AT)
    again = actions.add_staff(facility, uuid.uuid4(), values, by=by, at=makers.AT)
    assert again.pk != first.pk
    assert again.identity_key == first.identity_key


def test_the_database_refuses_what_cannot_be(facility: Facility) -> None:
    member = facility.staff.earliest("id")
    wrong = [{"left_on": DAY, "leave_reason": ""}, {"left_on": None, "leave_reason": "other"},
             {"left_on": DAY - dt.timedelta(days=1), "leave_reason": "other"}]  # fmt: skip
    for columns in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffMember.objects.filter(pk=member.pk).update(**columns)


def test_a_paper_is_renewed_once_and_a_change_of_nothing_is_nothing(facility: Facility) -> None:
    member, by = facility.staff.earliest("id"), Actor.person(makers.operator())
    values = {"title": "", "number": "示例-2", "issuer": "", "issued_on": DAY, "valid_until": None}
    first = actions.renew_staff_paper(member, "letter", values, by=by, at=makers.AT)
    again = actions.renew_staff_paper(member, "letter", values, by=by, at=makers.AT)
    assert first == again
    assert first.expires_on == dt.date(2027, 11, 23)
    actions.change_staff(member, {"post": member.post}, by=by, at=makers.AT)
    assert not AuditEvent.objects.filter(act="staff.changed").exists()
    assert AuditEvent.objects.filter(act="staff.paper_renewed").count() == 1


def test_a_person_changed_in_a_filing_keeps_a_paper_whose_end_was_reckoned(
    facility: Facility,
) -> None:
    member, by = facility.staff.earliest("id"), Actor.person(makers.operator())
    values = {"title": "", "number": "示例-3", "issuer": "示例医院", "issued_on": DAY,
              "valid_until": None}  # fmt: skip
    paper = actions.renew_staff_paper(member, "health", values, by=by, at=makers.AT)
    answers = queries.staff_answers(facility)
    row = next(row for row in answers["staff"] if row["id"] == str(member.pk))
    assert row["health_until"] == paper.expires_on.isoformat()
    row["employment"] = "part_time"
    write_staff(facility, answers, DAY)
    assert member.papers.get(kind="health", is_current=True) == paper


def test_a_person_without_papers_comes_in_and_brings_them_later(facility: Facility) -> None:
    by = Actor.person(makers.operator())
    bare = makers.staff_person(
        "示例无证", health_until=None, letter_on=None, qualification="", number="",
        is_trained=False,
    )  # fmt: skip
    member = actions.add_staff(facility, uuid.uuid4(), bare, by=by, at=makers.AT)
    assert not member.papers.exists()
    values = {"title": "", "number": "", "issuer": "", "issued_on": DAY, "valid_until": None}
    paper = actions.renew_staff_paper(member, "health", values, by=by, at=makers.AT)
    assert list(member.papers.all()) == [paper]
    assert paper.is_current


# --- the same person elsewhere --------------------------------------------------------------------


def test_the_fingerprint_is_reckoned_from_the_number_alone() -> None:
    number = "41048120240229004X"
    assert identity_key(number) == identity_key("４１０４８１ 20240229 004x")
    assert identity_key(number) != identity_key("410481202406150028")
    assert manager_key("示例 甲", "138 0000 0001") == manager_key("示例甲", "13800000001")
    assert manager_key("示例甲", "13800000001") != manager_key("示例乙", "13800000001")


def test_a_known_fingerprint_is_taken_over() -> None:
    known = makers.staff_answers()["staff"]
    bare = [{k: v for k, v in row.items() if k != "identity_key"} for row in known[:2]]
    fresh = [makers.staff_person() for _ in range(2)]
    keyed = with_keys([*bare, *fresh], known)
    assert [row["identity_key"] for row in keyed[:2]] == [r["identity_key"] for r in known[:2]]
    assert [row["identity_key"] for row in keyed[2:]] == [
        identity_key(row["identity"]) for row in fresh
    ]


@pytest.mark.proves("prod:D1")
def test_what_is_sent_carries_the_fingerprints_of_everybody() -> None:
    filing = makers.submitted_filing()
    answers = filing.submissions.latest("round").answers
    filing.refresh_from_db()
    assert filing.person_keys == person_keys(answers)
    assert len(filing.person_keys) == 10
    said = answers["registration"]
    assert manager_key(said["manager"], said["manager_phone"]) in filing.person_keys


# --- many at once -----------------------------------------------------------------------------


def test_a_report_without_manager_or_staff_names_nobody() -> None:
    assert person_keys({}) == []
    assert person_keys({"registration": {"manager": "示例甲", "manager_phone": ""}}) == []


def test_lines_without_titles_follow_the_template() -> None:
    table = read_lines("示例甲\t保育员\t４１０４８１\n\n示例乙\t保安", most=5)
    assert [(row.number, row.raw["name"]) for row in table.rows] == [(1, "示例甲"), (3, "示例乙")]
    assert table.rows[0].raw["identity"] == "410481"
    with pytest.raises(SheetRefused):
        read_lines("姓名\t岗位\t身份证号", most=5)


def test_a_number_that_excel_has_cut_is_said_so() -> None:
    row = Row(2, {}, {"name": "示例甲", "post": "保育员", "identity": "410481199003070000"},
              {"identity": "digits_lost"})  # fmt: skip
    judged = judge([row], {}, today=DAY)
    assert "后几位已经丢失" in judged.faults[2]["identity"]
    assert judged.sound == []


def test_a_person_on_the_list_is_brought_up_to_date_under_the_same_name_only() -> None:
    number = makers.identity()
    raw = {"name": "示例甲", "post": "保育员", "identity": number, "is_trained": "是"}
    rows = [Row(2, {}, raw), Row(3, {}, raw | {"name": "示例乙"})]
    judged = judge(rows[:1], {number: "示例甲"}, today=DAY)
    assert judged.sound[0]["is_trained"] is True
    assert set(judge(rows[1:], {number: "示例甲"}, today=DAY).faults[3]) == {"identity"}
    assert set(judge(rows, {}, today=DAY).faults) == {3}


def test_the_columns_of_the_template_are_the_fields_of_a_person() -> None:
    assert {column.name for column in COLUMNS} == set(makers.staff_person())


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("post", ["carer", "food_safety", "guard"])
def test_every_finding_has_a_sentence(post: str) -> None:
    params = {"post": post, "needed": 3, "present": 1, "short": 2, "names": ("示例甲", "示例乙"),
              "limit": 18, "months": 12, "years": 3}  # fmt: skip
    for code in staff_sentences():
        said = sentence(Miss(code, "staff", "staff", params, None))
        assert "%" not in said
        assert "示例甲、示例乙" in said or "还差 2 名" in said


def test_the_register_answers_what_a_facility_lacks(facility: Facility) -> None:
    law = in_force(DAY)
    assert queries.facility_staffing(facility, law).missing == ()
    facility.staff.filter(post="guard").delete()
    (need,) = queries.facility_staffing(facility, law).missing
    assert (need.post, need.short) == ("guard", 1)


def test_the_people_of_a_closed_facility_stay_as_they_are(facility: Facility) -> None:
    by = Actor.person(facility.memberships.get().user)
    member = facility.staff.all()[0]
    values = makers.staff_person("示例乙")
    paper = {"title": "", "number": "", "issuer": "", "issued_on": None, "valid_until": DAY}
    Facility.objects.filter(pk=facility.pk).update(registration="cancelled")
    before = state_of(facility)
    for act, given in (
        (actions.add_staff, (facility, uuid.uuid4(), values)),
        (actions.import_staff, (facility, [values])),
        (actions.change_staff, (member, {"post": "cook"})),
        (actions.renew_staff_paper, (member, "health", paper)),
        (actions.record_leaving, (member, DAY, "resigned")),
    ):
        with pytest.raises(actions.NotInRegister):
            act(*given, by=by, at=makers.AT)
    assert state_of(facility) == before
