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
    PanelMember,
    Recusal,
    Vote,
)
from evaluations.models.choices import Choice, MeetingKind
from evaluations.queries import committee
from evaluations.workflow import RoundStatus
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.workflow import action, apply, record

from .rounds import NotReady


class NoQuorum(Exception):
    """Too few members are there; carries how many there are and how many sit on the panel."""

    def __init__(self, present: int, members: int) -> None:
        super().__init__(f"{present} of {members}")
        self.present, self.members = present, members


class MayNotVote(Exception):
    """A vote of somebody who is not there or stays away from the facility."""


@action
def call_meeting(
    round_: EvaluationRound, kind: str, when: dt.datetime, place: str, *, by: Actor, at: dt.datetime
) -> Meeting:
    """Call the panel together; everybody is told. The same meeting called twice is one.

    Raises NotReady for a meeting that would decide before the notice is over.
    """
    fresh: EvaluationRound = apply(round_, "call", by=by, at=at, kind=kind)
    if kind == MeetingKind.DECISION and fresh.state != RoundStatus.DECISION:
        raise NotReady(["too_early"])
    made, is_new = Meeting.objects.get_or_create(
        round=fresh, kind=kind, planned_for=when, place=place, defaults={"called_by": by.somebody}
    )
    if is_new:
        seats = list(committee.seats_of(fresh))
        Attendance.objects.bulk_create(Attendance(meeting=made, member=seat) for seat in seats)
        people = [seat.evaluator.user for seat in seats]
        outbox.notify(people, "meeting.called", made, at=at, once="once")
    return made


@action
def hold_meeting(
    meeting: Meeting, present: Collection[uuid.UUID], *, by: Actor, at: dt.datetime
) -> Meeting:
    """Set down who is there (seats by key); raises NoQuorum below two thirds."""
    members = meeting.attendances.count()
    here = meeting.attendances.filter(member__in=present)
    if not meeting.round.terms.has_quorum(here.count(), members):
        raise NoQuorum(here.count(), members)
    made: Meeting = apply(
        meeting, "hold", by=by, at=at, present=here.count(), members=members,
        sets=lambda _: {"held_at": at},
    )  # fmt: skip
    here.update(is_present=True)
    return made


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
    here = PanelMember.objects.filter(attendances__meeting=meeting, attendances__is_present=True)
    away = Recusal.objects.filter(evaluation=evaluation).values("evaluator")
    allowed = set(here.exclude(evaluator__in=away).values_list("pk", flat=True))
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
    """The minutes are final; the meeting is evidence from here on."""
    made: Meeting = apply(
        meeting, "close", by=by, at=at, minutes=minutes, sets=lambda _: {"minutes": minutes}
    )
    record(made, "meeting.minutes", by=by, at=at, length=len(minutes))
    return made
