"""A pause of operation: reported, begun by the calendar, reminded of, ended by the facility."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from facilities import actions, tasks
from facilities.forms.life import CancellationForm, ClosureForm, PauseForm
from facilities.models import Facility, OperatingPause
from portal.core.actors import Actor
from portal.core.models import Notification
from portal.core.outbox import drain
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import FactMissing, NotAllowed
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
DAY = AT.date()
FIRST = DAY + dt.timedelta(days=10)
LAST = DAY + dt.timedelta(days=20)


def noon(day):
    return dt.datetime.combine(day, dt.time(4), tzinfo=dt.UTC)


def values(**changes):
    return {
        "starts_on": FIRST,
        "expected_end": LAST,
        "reason": "更换地板",
        "children": 29,
        "children_plan": "29 人回家",
        "parents_told_on": DAY,
    } | changes


@pytest.fixture
def facility():
    return make.facility()


@pytest.fixture
def me(facility):
    return Actor.person(facility.memberships.get().user)


def told(kind):
    drain(AT + dt.timedelta(days=100))
    return Notification.objects.filter(kind=kind)


def test_an_announced_pause_begins_on_its_first_day_and_once(facility, me):
    clerk = make.clerk()
    pause = actions.report_pause(facility, values(), by=me, at=AT)
    assert pause.state == "planned"
    assert told("pause.reported").filter(to=clerk).count() == 1
    assert tasks.begin_pauses(noon(FIRST - dt.timedelta(days=1))) == 0
    facility.refresh_from_db()
    assert facility.operating == "open"
    assert [tasks.begin_pauses(noon(FIRST)) for _ in range(2)] == [1, 0]
    facility.refresh_from_db()
    assert facility.operating == "suspended"


def test_a_pause_from_today_is_in_force_at_once_and_the_same_report_is_one(facility, me):
    given = values(starts_on=DAY)
    pause = actions.report_pause(facility, given, by=me, at=AT)
    assert actions.report_pause(facility, given, by=me, at=AT) == pause
    facility.refresh_from_db()
    assert (pause.state, facility.operating) == ("running", "suspended")
    with pytest.raises(actions.PauseExists):
        actions.report_pause(facility, values(reason="停水"), by=me, at=AT)


def test_the_facility_opens_again(facility, me):
    pause = actions.report_pause(facility, values(starts_on=DAY), by=me, at=AT)
    over = actions.resume(pause, by=me, at=noon(LAST))
    facility.refresh_from_db()
    assert (over.state, over.ended_on, facility.operating) == ("ended", LAST, "open")
    with pytest.raises(TransitionNotOpen):
        actions.resume(pause, by=me, at=noon(LAST))


def test_an_announced_pause_may_not_come(facility, me):
    pause = actions.report_pause(facility, values(), by=me, at=AT)
    actions.cancel_pause(pause, by=me, at=AT)
    assert tasks.begin_pauses(noon(FIRST)) == 0
    assert actions.report_pause(facility, values(), by=me, at=AT) != pause


def test_the_facility_is_asked_before_the_last_day_and_both_when_it_has_passed(facility, me):
    clerk = make.clerk()
    actions.report_pause(facility, values(starts_on=DAY), by=me, at=AT)
    days = [LAST + dt.timedelta(days=n) for n in (-4, -3, -2, 0, 1, 2)]
    assert [tasks.remind_about_pauses(noon(day)) for day in days[:4]] == [0, 1, 0, 0]
    after = [tasks.remind_about_pauses(noon(day)) for day in days[4:]]
    assert after[0] >= 2
    assert after[1] == 0
    assert told("pause.ending").filter(to=me.user).count() == 1
    assert set(told("pause.overdue").values_list("to", flat=True)) >= {me.user.pk, clerk.pk}


def test_another_last_day_is_reminded_of_anew(facility, me):
    pause = actions.report_pause(facility, values(starts_on=DAY), by=me, at=AT)
    assert tasks.remind_about_pauses(noon(LAST)) == 1
    later = LAST + dt.timedelta(days=5)
    actions.prolong_pause(pause, later, by=me, at=noon(LAST))
    assert tasks.remind_about_pauses(noon(LAST)) == 0
    assert tasks.remind_about_pauses(noon(later)) == 1
    with pytest.raises(FactMissing):
        actions.prolong_pause(pause, DAY, by=me, at=noon(LAST))


def test_only_the_facility_acts_and_the_office_notes(facility, me):
    pause = actions.report_pause(facility, values(starts_on=DAY), by=me, at=AT)
    clerk, stranger = Actor.person(make.clerk()), Actor.person(make.operator())
    noted = actions.note_pause(pause, "已电话核实", by=clerk, at=AT)
    assert (noted.note, noted.noted_by, noted.state) == ("已电话核实", clerk.user, "running")
    for other in (clerk, stranger):
        with pytest.raises(NotAllowed):
            actions.resume(pause, by=other, at=AT)
    assert not OperatingPause.objects.visible_to(stranger.user).exists()


def test_an_editor_does_not_announce_a_pause(client, facility, me):
    _made, code = actions.invite(facility, "editor", by=me, at=AT)
    editor = make.operator()
    actions.join_by_code(code, by=Actor.person(editor), at=AT)
    for first in (FIRST, DAY):
        with pytest.raises(PermissionDenied):
            actions.report_pause(facility, values(starts_on=first), by=Actor.person(editor), at=AT)
    assert not OperatingPause.objects.exists()
    client.force_login(editor)
    assert client.get(reverse("my:pause_new", args=[facility.code])).status_code == 403


def test_nothing_pauses_that_is_not_in_the_register(facility, me):
    Facility.objects.filter(pk=facility.pk).update(registration="cancelled")
    with pytest.raises(actions.NotInRegister):
        actions.report_pause(facility, values(), by=me, at=AT)
    assert not OperatingPause.objects.exists()


def test_a_pause_put_off_or_called_off_does_not_begin_on_its_old_day(facility, me):
    pause = actions.report_pause(facility, values(), by=me, at=AT)
    assert not actions.begin_pause(pause, at=AT)
    actions.cancel_pause(pause, by=me, at=AT)
    assert not actions.begin_pause(pause, at=noon(FIRST))
    facility.refresh_from_db()
    assert facility.operating == "open"


@pytest.mark.parametrize("year", ["0001", "2006", "2062", "9999"])
def test_a_day_with_a_slip_in_the_year_is_asked_about(year):
    sent = values(reason="x") | {"starts_on": f"{year}-12-03", "expected_end": f"{year}-12-13"}
    pause = PauseForm({**sent, "parents_told_on": DAY.isoformat()}, today=DAY)
    assert set(pause.errors) == {"starts_on", "expected_end"}
    cancellation = CancellationForm(
        {"closing_on": f"{year}-12-03", "ground": "示例", "token": uuid.uuid4()}, today=DAY
    )
    assert set(cancellation.errors) == {"closing_on"}
    plan = {"closing_on": f"{year}-12-03", "parents_told_on": DAY.isoformat()}
    closure = ClosureForm(plan, stored={}, version=0, today=DAY)
    assert "closing_on" in closure.errors
    assert "parents_told_on" not in closure.errors
    assert PauseForm(values(), today=DAY).is_valid()
