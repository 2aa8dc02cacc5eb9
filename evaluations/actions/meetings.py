"""Meetings of the committee: call, sign in, vote, minutes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping

from evaluations.models import (
    Attendance,
    Evaluation,
    EvaluationRound,
    Meeting,
    Vote,
)
from evaluations.models.choices import Choice, MeetingKind
from evaluations.queries import committee, results
from evaluations.queries import meetings as queries
from evaluations.workflow import RoundStatus
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.workflow import action, apply, record

from .rounds import NotReady


class NoQuorum(Exception):
    """Too few members are there; carries how many there are and how many sit on the panel.

    With a `facility` those who may vote on it are counted.
    """

    def __init__(self, present: int, members: int, facility: str = "") -> None:
        super().__init__(f"{present} of {members}")
        self.present, self.members, self.facility = present, members, facility


class MayNotVote(Exception):
    """A vote of somebody who is not there or stays away from the facility."""


@action
def call_meeting(
    round_: EvaluationRound, kind: str, when: dt.datetime, place: str, *, by: Actor, at: dt.datetime
) -> Meeting:
    """Call the panel as it stands together; everybody is told. Called twice it is one meeting.

    Raises NotReady for a meeting that would decide before the notice is over.
    """
    fresh: EvaluationRound = apply(round_, "call", by=by, at=at, kind=kind)
    if kind == MeetingKind.DECISION and fresh.state != RoundStatus.DECISION:
        raise NotReady(["too_early"])
    made, is_new = Meeting.objects.get_or_create(
        round=fresh, kind=kind, planned_for=when, place=place, defaults={"called_by": by.somebody}
    )
    if is_new:
        seats = list(committee.standing_seats(fresh))
        Attendance.objects.bulk_create(Attendance(meeting=made, member=seat) for seat in seats)
        people = [seat.evaluator.user for seat in seats]
        outbox.notify(people, "meeting.called", made, at=at, once="once")
    return made


@action
def hold_meeting(
    meeting: Meeting, present: Collection[uuid.UUID], *, by: Actor, at: dt.datetime
) -> Meeting:
    """Set down who is there (seats by key); raises NoQuorum below two thirds.

    Of the panel for the round; where it decides, also of those who may vote on each facility, for
    without them no result of the round could be decided.
    """
    here = meeting.attendances.filter(member__in=present)
    members = meeting.attendances.filter(member__for_round=True).count()
    _need_quorum(meeting, here.filter(member__for_round=True).count(), members)
    if meeting.kind == MeetingKind.DECISION:
        there = set(present)
        voters = queries.voters(meeting, present_only=False)
        for each in meeting.round.evaluations.select_related("facility"):
            may = [seat.pk in there for seat in voters[each.pk]]
            _need_quorum(meeting, sum(may), len(may), each.facility.name)
    made: Meeting = apply(
        meeting, "hold", by=by, at=at, present=here.count(), members=members,
        sets=lambda _: {"held_at": at},
    )  # fmt: skip
    here.update(is_present=True)
    return made


def _need_quorum(meeting: Meeting, present: int, members: int, facility: str = "") -> None:
    if not meeting.round.terms.has_quorum(present, members):
        raise NoQuorum(present, members, facility)


@action
def record_votes(
    meeting: Meeting,
    evaluation: Evaluation,
    choices: Mapping[uuid.UUID, str],
    *,
    by: Actor,
    at: dt.datetime,
) -> int:
    """Set down how the members present voted on one facility (seat -> choice).

    Raises MayNotVote for who is absent or stays away. Sent twice it is once; a slip of the pen is
    put right until the minutes are closed.
    """
    allowed = {seat.pk for seat in queries.voters_of(meeting, evaluation)}
    if not set(choices) <= allowed or not set(choices.values()) <= set(Choice.values):
        raise MayNotVote
    if evaluation.round_id != meeting.round_id:
        raise MayNotVote
    made: Meeting = apply(meeting, "vote", by=by, at=at, votes=len(choices))
    for seat, choice in choices.items():
        Vote.objects.update_or_create(
            meeting=made, evaluation=evaluation, member_id=seat, defaults={"choice": choice}
        )
    return len(choices)


@action
def close_meeting(meeting: Meeting, minutes: str, *, by: Actor, at: dt.datetime) -> Meeting:
    """The minutes are final; the meeting is evidence from here on.

    Raises NotReady while a vote is missing in a meeting that decides: silence is no vote.
    """
    if meeting.kind == MeetingKind.DECISION and results.unvoted(meeting):
        raise NotReady(["unvoted"])
    made: Meeting = apply(
        meeting, "close", by=by, at=at, minutes=minutes, sets=lambda _: {"minutes": minutes}
    )
    record(made, "meeting.minutes", by=by, at=at, length=len(minutes))
    return made
