"""A year of reminders for twenty facilities: real workers, a real broker, and both misused.

    YEAR_FACILITIES=40 ./test tests/house/test_reminder_year.py --full    # another number of them

The worker lives in simulated days. It is killed five times in the middle of its deliveries, and
the broker is emptied twice with messages in it; in the end every reminder has arrived exactly
once, on its Shanghai day. (The database is the tests' own: nothing here kills that, so whether it
syncs its disk does not matter.)
"""

import datetime as dt
import os
from collections import Counter, defaultdict

import pytest

from facilities.models import Certificate, Facility, Membership
from facilities.models.staff import StaffMember, StaffPaper
from portal.core import clock
from portal.core.models import Notification, Outbox, User
from tests import makers as make
from tests.house.lives import live

FACILITIES = int(os.environ.get("YEAR_FACILITIES", "20"))
DAYS = 365
FIRST = dt.date(2027, 1, 1)
KILLS, FLUSHES = 5, 2
SOON = (30, 7, 1)


def street(count):
    """So many facilities; a certificate, the lease and a staff paper of each end in the year.

    However many there are, their last days lie between the end of January and the middle of
    December: the moduli share no factor with the steps, so they spread over all days there.
    """
    for n in range(count):
        facility = make.facility()
        Certificate.objects.filter(facility=facility).update(valid_until=None)
        first = facility.certificates.get(material="business_licence")
        Certificate.objects.filter(pk=first.pk).update(valid_until=_day(31 + n * 15 % 301))
        Facility.objects.filter(pk=facility.pk).update(lease_end=_day(330 - n * 13 % 301))
        person = StaffMember.objects.create(
            facility=facility, name="示例年度", post="carer", identity="示例", identity_key=str(n),
            joined_on=FIRST,
        )  # fmt: skip
        ends = _day(60 + n * 7 % 289)
        StaffPaper.objects.create(member=person, kind="health", expires_on=ends, recorded_on=FIRST)
    StaffPaper.objects.exclude(member__name="示例年度").update(expires_on=None)
    # The officials who registered them have left; four others are told.
    officials = User.objects.filter(role_assignments__role__in=["clerk", "approver"])
    User.objects.filter(pk__in=officials.values("pk")).update(is_active=False)
    make.clerk()
    make.clerk(community=make.community("longquan"))
    make.clerk(community=make.community("hubin"))
    make.approver()
    Outbox.objects.all().delete()
    Notification.objects.all().delete()


def _day(n):
    return FIRST + dt.timedelta(days=n)


def expected():
    """Counted paper by paper: (person, noun, day) of every reminder of the year."""
    ends = {}
    for each in Certificate.objects.exclude(valid_until=None):
        ends[each.pk] = (each.facility, each.valid_until)
    for facility in Facility.objects.all():
        ends[facility.pk] = (facility, facility.lease_end)
    for each in StaffPaper.objects.exclude(expires_on=None):
        ends[each.pk] = (each.member.facility, each.expires_on)
    told = {facility.pk: _people(facility) for facility in Facility.objects.all()}
    found = Counter()
    for noun, (facility, until) in ends.items():
        people = told[facility.pk]
        days = {until - dt.timedelta(days=n): n for n in SOON}
        days |= {until + dt.timedelta(days=1 + 7 * k): -1 for k in range(12)}
        for day, step in days.items():
            if FIRST <= day < _day(DAYS) and not (_stopped(noun, day)):
                for who in _told(people, step):
                    found[who, noun, day] += 1
    return found


STOPS = {}


def _stopped(noun, day):
    return noun in STOPS and day >= STOPS[noun]


def _people(facility):
    found = defaultdict(set)
    found["members"] = set(
        Membership.objects.filter(facility=facility).values_list("user", flat=True)
    )
    for person in User.objects.filter(is_active=True).prefetch_related("role_assignments"):
        for given in person.role_assignments.all():
            if given.community_id in {None, facility.community_id}:
                found[given.role].add(person.pk)
    return found


def _told(people, step):
    told = set(people["members"])
    if step in {7, 1, -1}:
        told |= people["clerk"]
    if step == -1:
        told |= people["approver"]
    return told


def renew(day, _moment):
    """In the middle of the year every third certificate is renewed, so its reminders stop."""
    if day != _day(DAYS // 2):
        return
    for each in list(Certificate.objects.exclude(valid_until=None).order_by("pk"))[::3]:
        Certificate.objects.filter(pk=each.pk).update(is_current=False)
        STOPS[each.pk] = day


def lived(folder):
    """The year of the facilities that stand there; how many reminders have arrived, each once."""
    STOPS.clear()
    busy = [day for day, _n in Counter(d for _w, _n, d in expected()).most_common()]
    killed, flushed = set(busy[:KILLS]), set(busy[KILLS : KILLS + FLUSHES])
    days = [_day(n) for n in range(DAYS)]
    assert live(folder, days, killed=killed, flushed=flushed, before=renew) == 1 + KILLS
    rows = Notification.objects.filter(kind="expiry.reminder").values_list("to", "noun_id", "at")
    arrived = Counter((to, noun, clock.day_of(at)) for to, noun, at in rows)
    assert arrived == expected()
    assert not Outbox.objects.filter(done_at=None).exists()
    return len(arrived)


@pytest.mark.proves("sec:F1", "sec:F2", "prod:C3", "prod:M3", "sec:F5", "sec:G4")
@pytest.mark.full
@pytest.mark.lasting(10)
@pytest.mark.django_db(transaction=True)
def test_a_year_of_reminders_each_once_on_its_day(tmp_path):
    street(FACILITIES)
    assert lived(tmp_path) > 50 * FACILITIES
