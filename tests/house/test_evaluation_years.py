"""Three years of evaluations for eleven facilities: real workers, a real broker, and both misused.

One of the facilities lives through a whole round, in which people do nothing until they have been
reminded of it. On days on which something must be said workers are killed in the middle of saying
it, and the broker is emptied with a message in it; every reminder and every re-evaluation comes
exactly once, on its Shanghai day. Days on which nothing can be due are left out, but for some.

What must come is counted from the dates alone. The round is laid where no holiday is, so that five
working days are a week, and the days can be written down as they stand in a calendar.
"""

import datetime as dt
import uuid
from collections import Counter

import pytest

from evaluations import actions, tasks
from evaluations.models import DueEvaluation, EvaluationRound, Objection
from evaluations.queries import committee
from portal.core import clock
from portal.core.calendar import SHANGHAI
from portal.core.models import Notification, Outbox, staff_with
from portal.core.queries import remembered
from portal.core.roles import Role
from portal.core.topics import Topic
from tests import makers as make
from tests.evaluations import makers as own
from tests.evaluations.test_calendar import JOBS, rated, story
from tests.house.lives import live

DAY, YEARS = own.DAY, (2027, 2028, 2029)
LAST = dt.date(2029, 12, 31)
# Reminders, and what the calendar says when it moves something on by itself.
KINDS = (
    "due.planned", "due.today", "self.round", "self.open", "self.closed", "round.scoring",
    "notice.open", "round.to_decide", "result.published", "self_start.after", "self_due.before",
    "scoring_due.before", "scoring_due.after", "facts_due.before", "notice_due.before",
    "objection_due.before", "objection_due.after", "plan_due.before", "plan_due.after",
    "term_due.before",
)  # fmt: skip
# A year's self-assessment ends on the day after its last, so nobody is late with it.
NEVER = {"self_due.after"}
BY_HAND = {"round.urged"}
TERM_ENDS = dt.date(2028, 6, 30)


def day(month, number):
    return dt.date(2027, month, number)


class Round:
    """The round one facility lives through in 2027, and what people do in it, on which days."""

    def __init__(self, clerk, approver):
        self.clerk, self.approver = own.actor(clerk), own.actor(approver)
        self.place = own.facility(registered_on=day(1, 4))
        operator = own.member_of(self.place)
        pool = [_evaluator(field, clerk) for field in (*own.FIELDS, "parent", "parent")]
        self.stage = own.Stage(None, clerk, approver, [self.place], [operator], pool)
        self.story = {
            day(5, 31): self.start, day(6, 23): self.one_hands_in, day(8, 2): self.open_scores,
            day(8, 10): self.to_the_notice, day(8, 16): self.object, day(9, 8): self.assign,
            day(9, 14): self.withdraw, day(9, 15): self.decide, day(10, 23): self.plan,
        }  # fmt: skip

    def expected(self, clerks):
        """(kind, day) -> how many messages: one operator, five members, three reviewers."""
        return Counter({
            ("self.open", day(5, 31)): 1,
            ("self_due.before", day(6, 14)): 1, ("self_due.before", day(6, 20)): 1,
            ("round.scoring", day(6, 22)): 5,
            # One of them is done; once they are late the clerks are told too.
            ("scoring_due.before", day(7, 14)): 4, ("scoring_due.before", day(7, 20)): 4,
            ("scoring_due.after", day(7, 22)): 4 + clerks,
            ("scoring_due.after", day(7, 28)): 4 + clerks,
            ("facts_due.before", day(8, 2)): 1, ("facts_due.before", day(8, 8)): 1,
            ("notice.open", day(8, 10)): 1,
            ("notice_due.before", day(8, 10)): 1, ("notice_due.before", day(8, 16)): 1,
            # Nobody looks at the objection until it is late.
            ("objection_due.before", day(8, 30)): clerks,
            ("objection_due.before", day(9, 5)): clerks,
            ("objection_due.after", day(9, 7)): clerks,
            ("objection_due.after", day(9, 8)): 3,  # called in, and it is late already
            ("objection_due.after", day(9, 13)): clerks + 3,
            ("round.to_decide", day(9, 14)): clerks,
            ("result.published", day(9, 15)): 1,
            ("plan_due.before", day(10, 8)): 1, ("plan_due.before", day(10, 14)): 1,
            ("plan_due.after", day(10, 16)): 1, ("plan_due.after", day(10, 22)): 1,
        })  # fmt: skip

    def start(self, at):
        stage = self.stage
        stage.round = actions.create_round(
            "2027年质量评估", "regular", [self.place], by=self.clerk, at=at, occasion="one",
            self_due=day(6, 21),
        )  # fmt: skip
        actions.draw_panel(stage.round, by=self.clerk, at=at, seed="s")
        stage.seats = list(committee.seats_of(stage.round))
        actions.start_round(stage.again(), by=self.approver, at=at)

    def one_hands_in(self, at):
        """The day after the calendar has opened the scoring; the others forget."""
        for seat in self.stage.seats:
            actions.pledge(seat, own.PLEDGE, by=own.actor(self.stage.user(seat)), at=at)
        own.score(self.stage, self.stage.seats[0], 0, own.marks("0.7"), at=at)

    def open_scores(self, at):
        own.score_all(self.stage, {0: own.marks("0.7")}, at=at)
        actions.open_scores(self.stage.again(), by=self.clerk, at=at)
        actions.send_facts(self.stage.again(), by=self.clerk, at=at)

    def to_the_notice(self, at):
        text = actions.propose_notice(self.stage.again(), by=self.clerk, at=at)
        own.pass_gate(text, self.stage.approver, at=at)  # the calendar sees that it is public

    def object(self, at):
        operator = own.actor(self.stage.operators[0])
        actions.file_objection(self.stage.evaluation(), "x", by=operator, at=at, token=uuid.uuid4())

    def assign(self, at):
        actions.assign_objection(Objection.objects.get(), by=self.clerk, at=at)

    def withdraw(self, at):
        operator = own.actor(self.stage.operators[0])
        actions.withdraw_objection(Objection.objects.get(), by=operator, at=at)

    def decide(self, at):
        own.decide(self.stage, at=at)
        text = actions.propose_result(self.stage.again(), by=self.clerk, at=at)
        own.pass_gate(text, self.stage.approver, at=at)

    def plan(self, at):
        plan, operator = self.stage.evaluation().plan, own.actor(self.stage.operators[0])
        actions.submit_plan(plan, "培训", day(12, 31), by=operator, at=at)


def _evaluator(field, clerk, **term):
    """A member of the pool; every message to the clerks goes to few of them."""
    values = {"field": field, "unit": "示例单位", "term_from": own.AT.date() - DAY, **term}
    return actions.add_evaluator(make.user(Role.EVALUATOR), values, by=own.actor(clerk), at=own.AT)


def expected(due, places, clerks, approvers):
    """(kind, day) -> how many messages in the other years, counted from the dates alone."""
    found = Counter()
    for _place, _why, on in due:
        for kind, said in (("due.planned", on - 30 * DAY), ("due.today", on)):
            if said <= LAST:
                found[kind, said] += clerks
    for year in YEARS:
        found["self.round", dt.date(year, 11, 1)] += clerks + approvers
        for after in (3, 10, 20):
            if dt.date(year, 11, 1) + after * DAY < starts(year):
                found["self_start.after", dt.date(year, 11, 1) + after * DAY] += approvers
        found["self.open", starts(year)] += places
        found["self_due.before", dt.date(year, 11, 23)] += places
        found["self_due.before", dt.date(year, 11, 29)] += places
        found["self.closed", dt.date(year, 12, 1)] += clerks
    for before in (60, 14):
        found["term_due.before", TERM_ENDS - before * DAY] += clerks + 1
    return found


def starts(year):
    """The second person is slow in one year."""
    return dt.date(year, 11, 2 if year != 2028 else 14)


def days_of(said):
    """Every day on which something is to be said, some days after one, and some others."""
    marked = {on for _kind, on in said}
    marked |= {on + DAY for on in sorted(marked)[::5]}
    marked |= {dt.date(2027, 1, 4) + n * 140 * DAY for n in range(8)}
    return sorted(on for on in marked if on <= LAST)


def test_every_kind_of_reminder_is_among_those_counted():
    """A reminder somebody adds is one that must come in the three years."""
    reminders = {kind for kind, _words, topic in tasks._MESSAGES if topic == Topic.REMINDER}
    assert reminders - NEVER - BY_HAND <= set(KINDS)


class Street:
    """Ten facilities that are evaluated elsewhere, and one whose round is lived through."""

    def __init__(self):
        own.published_set()
        clerk, self.approver = make.clerk(), make.approver()
        _evaluator("parent", clerk, term_to=TERM_ENDS)
        self.places = [
            own.facility(registered_on=dt.date(2026, 3, 1) + dt.timedelta(days=31 * n))
            for n in range(10)
        ]
        for place in self.places:
            own.member_of(place)
        self.lived = Round(clerk, self.approver)
        self.due, self.graded = story(self.places)
        clerks, approvers = (staff_with(r, LAST).count() for r in (Role.CLERK, Role.APPROVER))
        self.said = expected(self.due, len(self.places) + 1, clerks, approvers)
        self.said += self.lived.expected(clerks)

    def days(self):
        """Those on which something may be said or somebody does something."""
        acted = {*self.lived.story, *(starts(year) for year in YEARS), *self.graded}
        return sorted({*days_of(self.said), *(on for on in acted if on <= LAST)})

    def before(self, on, moment):
        """What people do: a round was published elsewhere, somebody takes the next step."""
        if on in self.graded:
            place, grade = self.graded[on]
            rated(place, grade, on)
        if on in self.lived.story:
            self.lived.story[on](moment)
        if on == starts(on.year):
            yearly = EvaluationRound.objects.get(occasion=f"self:{on.year}")
            actions.start_round(yearly, by=own.actor(self.approver), at=moment)


@pytest.mark.django_db
def test_the_same_three_years_without_workers_owe_the_same():
    """Every run of the tests counts the words; the long run below lives them, and is misused."""
    street = Street()
    Outbox.objects.all().delete()
    with remembered():
        for on in street.days():
            moment = dt.datetime.combine(on, dt.time(8), SHANGHAI)
            street.before(on, moment)
            for job in JOBS:
                job(moment)
    owed = Outbox.objects.filter(kind="notify", payload__kind__in=KINDS)
    found = Counter((row.payload["kind"], clock.day_of(row.due_at)) for row in owed)
    assert found == street.said
    assert Counter(DueEvaluation.objects.values_list("facility", "why", "due_on")) == street.due


@pytest.mark.proves("clause:二(五)2b", "clause:二(五)2c", "sec:F1", "sec:F5")
@pytest.mark.lasting(3)
@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_three_years_of_evaluations_each_word_once_on_its_day(tmp_path):
    street = Street()
    said = street.said
    assert {kind for kind, _on in said} == set(KINDS)
    Outbox.objects.all().delete()
    Notification.objects.all().delete()
    busy = [on for (_kind, on), _n in said.most_common()]
    busy = sorted(set(busy), key=busy.index)
    killed, flushed = set(busy[1:20:6]), set(busy[2:20:7])
    lives = live(tmp_path, street.days(), killed=killed, flushed=flushed, before=street.before)
    assert lives == 1 + len(killed)
    rows = Notification.objects.filter(kind__in=KINDS).values_list("kind", "to", "noun_id", "at")
    once = Counter((kind, to, noun, clock.day_of(at)) for kind, to, noun, at in rows)
    assert set(once.values()) == {1}
    assert Counter((kind, on) for kind, _to, _noun, on in once) == said
    assert Counter(DueEvaluation.objects.values_list("facility", "why", "due_on")) == street.due
    assert not Outbox.objects.filter(done_at=None).exists()
