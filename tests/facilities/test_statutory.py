"""The mirror of the county's filing: what may be seen after what, kept with each look."""

import datetime as dt

import pytest

from facilities import actions, tasks
from facilities.models import StatutoryCheck
from facilities.workflow import STATUTORY, STATUTORY_ACTS, StatutoryFilingStatus
from portal.core.actors import Actor
from portal.core.models import Notification
from portal.core.outbox import drain
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import FactMissing, NotAllowed
from tests import makers as make

AT = make.AT
DAY = AT.date()
M = StatutoryFilingStatus
# Written by hand: what the county's system may show after what stood there.
MAY_FOLLOW = {
    M.UNKNOWN: {M.NONE, M.SUBMITTED, M.FILED, M.NONCONFORMING, M.CHANGED, M.CANCELLED},
    M.NONE: {M.SUBMITTED, M.FILED, M.NONCONFORMING, M.CHANGED, M.CANCELLED, M.UNKNOWN},
    M.SUBMITTED: {M.NONE, M.FILED, M.NONCONFORMING, M.UNKNOWN},
    M.FILED: {M.CHANGED, M.CANCELLED, M.UNKNOWN},
    M.NONCONFORMING: {M.SUBMITTED, M.FILED, M.UNKNOWN},
    M.CHANGED: {M.CANCELLED, M.UNKNOWN},
    M.CANCELLED: {M.SUBMITTED, M.FILED, M.UNKNOWN},
}


def seen(status, **changes):
    return {
        "status": status,
        "number": "豫0481-0001",
        "filed_on": DAY,
        "reason": "示例理由",
        "public_link": "",
    } | changes


@pytest.mark.parametrize("was", list(M))
@pytest.mark.parametrize("now", list(M))
def test_what_may_be_seen_after_what(was, now):
    allowed = was in STATUTORY[STATUTORY_ACTS[now]].sources
    assert allowed == (now in MAY_FOLLOW[was])


@pytest.mark.django_db
def test_every_look_is_kept_with_day_and_person():
    facility, clerk = make.facility(), make.clerk()
    by = Actor.person(clerk)
    actions.record_statutory_filing(facility, seen(M.SUBMITTED), by=by, at=AT)
    later = AT + dt.timedelta(days=20)
    for _ in range(2):
        mirror = actions.record_statutory_filing(facility, seen(M.FILED), by=by, at=later)
    looks = StatutoryCheck.objects.order_by("checked_on").values_list("status", "checked_by")
    assert list(looks) == [("submitted", clerk.pk), ("filed", clerk.pk)]
    assert (mirror.status, mirror.number, mirror.checked_on) == (
        "filed",
        "豫0481-0001",
        later.date(),
    )


@pytest.mark.django_db
def test_a_filed_facility_does_not_become_unfiled_by_itself():
    facility, by = make.facility(), Actor.person(make.clerk())
    actions.record_statutory_filing(facility, seen(M.FILED), by=by, at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.record_statutory_filing(facility, seen(M.NONE), by=by, at=AT)
    actions.record_statutory_filing(facility, seen(M.UNKNOWN), by=by, at=AT)
    actions.record_statutory_filing(facility, seen(M.NONE, number=""), by=by, at=AT)


@pytest.mark.django_db
def test_filed_needs_its_number_and_nonconforming_its_reason():
    facility, by = make.facility(), Actor.person(make.clerk())
    for wrong in (seen(M.FILED, number=""), seen(M.NONCONFORMING, reason="")):
        with pytest.raises(FactMissing):
            actions.record_statutory_filing(facility, wrong, by=by, at=AT)
    operator = Actor.person(facility.memberships.get().user)
    with pytest.raises(NotAllowed):
        actions.record_statutory_filing(facility, seen(M.FILED), by=operator, at=AT)


@pytest.mark.django_db
def test_an_old_look_is_asked_for_again_and_once():
    facility, clerk = make.facility(), make.clerk()
    actions.record_statutory_filing(facility, seen(M.FILED), by=Actor.person(clerk), at=AT)
    days = (89, 90, 91)
    asked = [tasks.watch_statutory_filings(AT + dt.timedelta(days=n)) for n in days]
    assert asked[0] == 0
    assert asked[1] >= 1
    assert asked[2] == 0
    drain(AT + dt.timedelta(days=100))
    assert Notification.objects.filter(kind="statutory.recheck", to=clerk).count() == 1


@pytest.mark.django_db
def test_a_registered_facility_without_a_filing_is_named_to_the_clerk_and_never_blamed():
    facility, clerk = make.facility(), make.clerk()
    by = Actor.person(clerk)
    actions.record_statutory_filing(facility, seen(M.NONE, number="", filed_on=None), by=by, at=AT)
    assert tasks.watch_statutory_filings(AT) >= 1
    assert tasks.watch_statutory_filings(AT) == 0
    actions.remind_of_statutory_filing(facility, by=by, at=AT)
    mirror = actions.note_county_told(facility, by=by, at=AT)
    assert (mirror.reminded_on, mirror.county_told_on) == (DAY, DAY)
    drain(AT + dt.timedelta(days=1))
    found = Notification.objects.filter(kind__startswith="statutory.")
    assert {n.kind for n in found} == {"statutory.missing", "statutory.remind"}
    assert not any(word in n.title + n.body for n in found for word in ("非法", "违法", "无证"))
