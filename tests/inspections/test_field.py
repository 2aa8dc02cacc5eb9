"""What the phone's own acts and questions promise."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from inspections import actions
from inspections.models import ChecklistItem, Finding, Inspection
from inspections.queries import field, visits
from portal.core import dues
from portal.core.models import Attachment
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, LATER, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Inspection:
    return make.on_site()


def item(visit: Inspection, code: str = "ZH-07") -> ChecklistItem:
    return field.item_of(visit, code)


@pytest.mark.proves("prod:F3", "prod:F14")
def test_a_failure_needs_no_typing_and_takes_its_pictures_along(visit: Inspection) -> None:
    question = item(visit)
    actions.keep_question(
        visit, question, actions.Given("fail"), photos=[make.photo(), make.photo()],
        by=actor(make.lead_of(visit)), at=AT,
    )  # fmt: skip
    found = Finding.objects.get()
    assert (found.text, found.severity) == (question.text, "major")
    assert field.saved_of(visit) == {
        "answered": 1, "photos": 2, "total": len(visits.items_of(visit)),
    }  # fmt: skip


def test_all_of_an_answer_or_nothing(visit: Inspection) -> None:
    late = actions.Given("fail", due_on=DAY + dt.timedelta(days=300))
    with pytest.raises(actions.DayNotAllowed):
        actions.keep_question(
            visit, item(visit), late, photos=[make.photo()], by=actor(make.lead_of(visit)), at=AT
        )
    assert field.saved_of(visit)["answered"] == 0
    assert not Attachment.objects.of(visit).exists()


@pytest.mark.proves("prod:F2")
def test_a_late_failure_does_not_bring_back_what_was_put_right(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    newer = actions.Given("pass", token=uuid.uuid4(), given_at=LATER)
    actions.keep_question(visit, item(visit), newer, by=by, at=LATER)
    older = actions.Given("fail", token=uuid.uuid4(), given_at=AT, text="缺记录")
    kept = actions.keep_question(visit, item(visit), older, by=by, at=LATER)
    assert kept.value == "pass"
    assert not Finding.objects.exists()


def test_a_question_that_came_along_is_on_the_list(visit: Inspection) -> None:
    with pytest.raises(ChecklistItem.DoesNotExist):
        item(visit, "XF-03")
    by = actor(make.lead_of(visit))
    actions.answer_item(visit, item(visit, "ZH-02"), "fail", by=by, at=AT)
    assert item(visit, "XF-03").code == "XF-03"


def test_a_facility_objects_once() -> None:
    done = make.completed()
    by = actor(make.member_of(done.facility))
    actions.object_to_inspection(done, "记录在另一本上", by=by, at=LATER)
    with pytest.raises(actions.ObjectedBefore):
        actions.object_to_inspection(done, "再说一次", by=by, at=LATER)
    done.refresh_from_db()
    assert done.objection == "记录在另一本上"


def test_a_picture_of_the_monthly_check_is_kept_once() -> None:
    place = make.facility()
    by = actor(make.member_of(place))
    check = actions.start_self_check(place, by=by, at=AT)
    question, picture = check.checklist.items.all()[0], make.photo()
    for _time in range(2):
        actions.answer_self_check(check, question, "pass", photo=picture, by=by, at=AT)
    assert Attachment.objects.of(check).count() == 1


@pytest.mark.proves("ux:46")
def test_what_is_due_goes_when_it_is_done() -> None:
    """Findings by their day first, then the receipt and the month's check."""
    finding = make.finding()
    owner = make.member_of(finding.facility)
    rows = dues.of(owner, DAY)
    assert [row["due_on"] for row in rows] == [finding.due_on, None, None]
    by = actor(owner)
    actions.acknowledge_inspection(finding.inspection, by=by, at=LATER)
    actions.report_correction(finding, "已补齐", DAY, by=by, at=LATER)
    check = actions.start_self_check(finding.facility, by=by, at=AT)
    assert [row["text"] for row in dues.of(owner, DAY)] == ["本月安全自查"]
    for question in check.checklist.items.all():
        actions.answer_self_check(check, question, "pass", photo=make.photo(), by=by, at=AT)
    actions.submit_self_check(check, by=by, at=AT)
    assert dues.of(owner, DAY) == []


def test_a_source_is_asked_once() -> None:
    dues.register(field.due_for)
    owner = make.member_of(make.facility())
    assert len(dues.of(owner, DAY)) == 1
