"""Three years of evaluations for ten facilities: real workers, a real broker, and both misused.

On days on which something must be said workers are killed in the middle of saying it, and the
broker is emptied with a message in it; every reminder and every re-evaluation comes exactly once,
on its Shanghai day. Days on which nothing can be due are left out, but for some.
"""

import datetime as dt
from collections import Counter

import pytest

from evaluations import actions
from evaluations.models import DueEvaluation, EvaluationRound
from portal.core import clock
from portal.core.models import Notification, Outbox, staff_with
from portal.core.roles import Role
from tests import makers as make
from tests.evaluations import makers as own
from tests.evaluations.test_calendar import rated, story
from tests.house.lives import live

DAY, YEARS = own.DAY, (2027, 2028, 2029)
LAST = dt.date(2029, 12, 31)
KINDS = ("due.planned", "due.today", "self.round", "self.open", "self_due.before", "self.closed")


def expected(due, places, clerks):
    """(kind, day) -> how many messages, counted from the dates alone."""
    found = Counter()
    for _place, _why, day in due:
        for kind, said in (("due.planned", day - 30 * DAY), ("due.today", day)):
            if said <= LAST:
                found[kind, said] += clerks
    for year in YEARS:
        found["self.round", dt.date(year, 11, 1)] += clerks
        found["self.open", dt.date(year, 11, 2)] += places
        found["self_due.before", dt.date(year, 11, 23)] += places
        found["self_due.before", dt.date(year, 11, 29)] += places
        found["self.closed", dt.date(year, 12, 1)] += clerks
    return found


def days_of(said):
    """Every day on which something is to be said, some days after one, and some others."""
    marked = {day for _kind, day in said}
    marked |= {day + DAY for day in sorted(marked)[::5]}
    marked |= {dt.date(2027, 1, 4) + n * 140 * DAY for n in range(8)}
    return sorted(day for day in marked if day <= LAST)


@pytest.mark.proves("clause:二(五)2b", "clause:二(五)2c", "sec:F1", "sec:F5")
@pytest.mark.lasting(1)
@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_three_years_of_evaluations_each_word_once_on_its_day(tmp_path):
    own.published_set()
    make.clerk()
    approver = make.approver()
    places = [
        own.facility(registered_on=dt.date(2026, 3, 1) + dt.timedelta(days=31 * n))
        for n in range(10)
    ]
    for place in places:
        own.member_of(place)
    Outbox.objects.all().delete()
    Notification.objects.all().delete()
    due, graded = story(places)

    def before(day, moment):
        """A round was published elsewhere, or the second person starts the yearly one."""
        if day in graded:
            place, grade = graded[day]
            rated(place, grade, day)
        if (day.month, day.day) == (11, 2):
            yearly = EvaluationRound.objects.get(occasion=f"self:{day.year}")
            actions.start_round(yearly, by=own.actor(approver), at=moment)

    said = expected(due, len(places), staff_with(Role.CLERK, LAST).count())
    busy = [day for (_kind, day), _n in said.most_common()]
    busy = sorted(set(busy), key=busy.index)
    killed, flushed = set(busy[1:20:6]), set(busy[2:20:7])
    days = sorted({*days_of(said), *(day for day in graded if day <= LAST)})
    lives = live(tmp_path, days, killed=killed, flushed=flushed, before=before)
    assert lives == 1 + len(killed)
    rows = Notification.objects.filter(kind__in=KINDS).values_list("kind", "to", "noun_id", "at")
    once = Counter((kind, to, noun, clock.day_of(at)) for kind, to, noun, at in rows)
    assert set(once.values()) == {1}
    assert Counter((kind, day) for kind, _to, _noun, day in once) == said
    assert Counter(DueEvaluation.objects.values_list("facility", "why", "due_on")) == due
    assert not Outbox.objects.filter(done_at=None).exists()
