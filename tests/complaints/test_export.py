"""The list of cases as a file: what staff wrote and nothing that was told, to those who see it."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import actions
from portal.core import clock
from tests import exporting, makers, register
from tests.complaints import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


def numbers(person: Any, query: str = "state=every") -> set[str]:
    """The numbers in the person's file."""
    return {row[2] for row in exporting.rows(person, "complaints", query)}


@pytest.mark.proves("sec:W17")
def test_nothing_that_was_told_leaves_with_the_list() -> None:
    handler = make.handler()
    case = make.accepted(handler, facility=register.facility(), contact=make.CONTACT)
    assert case.told["happened"] == make.TOLD["happened"]
    for ending in ("csv", "xlsx"):
        content = exporting.fetch(handler, "complaints", "", ending)
        read = content.decode() if ending == "csv" else str(exporting.rows(handler, "complaints"))
        assert case.number in read
        for told in (*make.TOLD.values(), make.CONTACT["name"], make.CONTACT["phone"]):
            assert told not in read
            assert told[:8] not in read


def test_the_columns_say_what_the_list_says() -> None:
    handler = make.handler()
    place = register.facility()
    parent = make.accepted(handler, facility=place)
    child = make.accepted(handler)
    child = actions.merge_complaint(child, parent, by=make.actor(handler), at=AT)
    found = {row[2]: row for row in exporting.rows(handler, "complaints", "state=every")}
    row = found[parent.number]
    assert row[:2] == ["收费问题", parent.get_category_display()]
    assert row[3:6] == [place.name, parent.get_severity_display(), parent.get_state_display()]
    assert row[7] == handler.signature_label
    assert row[8] == parent.finish_due
    assert found[child.number][6] == parent.number


def test_while_the_clock_stands_the_reason_is_told_and_no_day() -> None:
    handler = make.handler()
    case = make.accepted(handler)
    actions.ask_complainant(case, "票据还在吗？", by=make.actor(handler), at=AT)
    (row,) = exporting.rows(handler, "complaints", "state=every")
    assert row[8:] == ["", "等待投诉人补充"]


@pytest.mark.proves("sec:W17")
def test_each_lane_goes_to_its_own_people_and_not_to_who_is_tied() -> None:
    normal, red, inspectors = make.complaint("C8"), make.complaint("C1"), make.complaint("C12")
    assert numbers(make.handler()) == {normal.number}
    assert numbers(make.duty()) == {red.number}
    assert numbers(makers.user("auditor")) == {inspectors.number}
    (row,) = exporting.rows(make.duty(), "complaints")
    assert row[4] == red.get_lane_display()
    tied = make.handler()
    actions.declare_tie("邻居", complaint=normal, by=make.actor(tied), at=AT)
    assert numbers(tied) == set()
