"""What the committee decided, its publication, and later changes as new versions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import cast

from django.core.exceptions import PermissionDenied

from evaluations import papers
from evaluations.models import (
    Amendment,
    Decision,
    Evaluation,
    EvaluationRound,
    FacilityReply,
    ImprovementPlan,
    Meeting,
)
from evaluations.models.choices import AmendmentKind, MeetingKind
from evaluations.models.rounds import REPLY, RESULT
from evaluations.queries import committee
from evaluations.queries import results as queries
from evaluations.queries.facts import grade_told
from evaluations.rules.schedule import add_months
from evaluations.rules.terms import GRADES
from evaluations.workflow import MeetingStatus, RoundStatus
from facilities.actions import record_grade
from inspections.actions import record_risk_fact
from inspections.models import Finding
from portal.core import clock, outbox, publishing
from portal.core.actors import Actor
from portal.core.models import Publication, User, staff_with
from portal.core.papers import content
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, apply, one_at_a_time, record

from .result import store_results
from .rounds import NotReady, operators_of
from .scoring import require

NEEDS_PLAN = GRADES[2:]
SAY = "facilityreply.say"
# Whether a grade may be used is another question than which grade it is.
KEEPS_GRADE = frozenset({AmendmentKind.SUSPEND, AmendmentKind.RESTORE})


@action
def decide(
    round_: EvaluationRound, meeting: Meeting, *, by: Actor, at: dt.datetime
) -> list[Decision]:
    """Freeze the results the committee agreed to in a meeting: the first version of each.

    Raises NotReady when the minutes are not closed, or a result has no majority of those present
    who may vote on it (`votes`).
    """
    fresh = require(round_, "decide", RoundStatus.DECISION)
    if meeting.kind != MeetingKind.DECISION:
        raise NotReady(["too_early"])
    if meeting.round_id != fresh.pk or meeting.state != MeetingStatus.CLOSED:
        raise NotReady(["minutes"])
    if queries.not_agreed(meeting):
        raise NotReady(["votes"])
    made: EvaluationRound = apply(fresh, "decide", by=by, at=at, meeting=meeting.pk)
    panel = committee.scoring_panel(made)
    chairs = queries.chairs_of(meeting)
    if panel is None or {None, by.somebody} & set(chairs.values()):
        raise NotReady(["chair"])
    store_results(made, at)
    for each in made.evaluations.all():
        chair = cast("User", chairs[each.pk])
        _freeze(each, panel.seed, by.user, chair, at, meeting=meeting)
    return list(Decision.objects.filter(evaluation__round=made))


@action
def reconsider(
    round_: EvaluationRound, meeting: Meeting, reason: str, *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """The committee did not agree to a result: the panel takes the disputed items up again.

    Facts, notice and objections follow once more; the notice of before is shown to nobody as the
    result. Raises NotReady unless a closed meeting has voted a result down.
    """
    fresh = require(round_, "reconsider", RoundStatus.DECISION)
    if meeting.kind != MeetingKind.DECISION or meeting.round_id != fresh.pk:
        raise NotReady(["too_early"])
    if meeting.state != MeetingStatus.CLOSED:
        raise NotReady(["minutes"])
    if Decision.objects.filter(evaluation__round=fresh).exists():
        raise NotReady(["decided"])
    down = queries.voted_down(queries.tally(meeting))
    if not down:
        raise NotReady(["agreed"])
    made: EvaluationRound = apply(
        fresh, "reconsider", by=by, at=at, meeting=meeting.pk, reason=reason, facilities=len(down),
        sets=lambda _: {"facts_due": None, "notice_from": None, "notice_until": None},
    )  # fmt: skip
    people = committee.accounts_of(made)
    outbox.notify(people, "round.reconsider", made, at=at, once=str(meeting.pk), reason=reason)
    return made


def _freeze(
    evaluation: Evaluation, seed: str, proposer: User | None, decider: User, at: dt.datetime,
    *, meeting: Meeting,
) -> Decision:  # fmt: skip
    found = evaluation.decisions.filter(version=1).first()
    return found or Decision.objects.create(
        evaluation=evaluation,
        version=1,
        total=cast("Decimal", evaluation.total),
        grade=evaluation.grade,
        result=evaluation.result,
        set_version=evaluation.round.indicator_set.version,
        seed=seed,
        proposed_by=proposer,
        decided_by=decider,
        decided_at=at,
        meeting=meeting,
    )


@action
def propose_result(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that what was decided be published; a second person opens the gate."""
    fresh = require(round_, "propose_result", RoundStatus.DECISION)
    if not Decision.objects.filter(evaluation__round=fresh).exists():
        raise NotReady(["decision"])
    made: EvaluationRound = apply(fresh, "propose_result", by=by, at=at)
    return _propose(made, by, at)


def _propose(round_: EvaluationRound, by: Actor, at: dt.datetime) -> Publication:
    title, body = papers.result_of_round(round_, queries.public_rows(round_))
    return publishing.propose_publication(RESULT, round_, title=title, body=body, by=by, at=at)


@action
def finish(
    round_: EvaluationRound, publication: Publication, *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """The results are public: grades go to the register, papers and plans to the facilities."""
    day = cast("dt.date", publication.published_on)
    made: EvaluationRound = apply(
        round_, "finish", by=by, at=at, publication=publication.pk,
        sets=lambda _: {"finished_on": day},
    )  # fmt: skip
    for each in made.evaluations.select_related("facility"):
        decision = cast("Decision", queries.decision_of(each))  # deciding has stored one for each
        record_grade(each.facility, decision.grade, day, decision.version, by=by, at=at)
        papers.issue_result(each, decision, by=by, at=at)
        papers.issue_grade(each, decision, day, by=by, at=at)
        _tell_risk(each, decision, by=by, at=at)
        _ask_for_plan(each, decision, day)
        people = operators_of(each.facility)
        outbox.notify(people, "result.published", each, at=at, once="once", grade=decision.grade)
    return made


def _ask_for_plan(evaluation: Evaluation, decision: Decision, day: dt.date) -> None:
    """A low grade asks for a plan for improvement, once."""
    if decision.grade not in NEEDS_PLAN or decision.is_suspended:
        return
    due = day + dt.timedelta(days=in_force(day).integer("evaluations.improvement_days"))
    ImprovementPlan.objects.get_or_create(evaluation=evaluation, defaults={"due_on": due})


def _tell_risk(evaluation: Evaluation, decision: Decision, *, by: Actor, at: dt.datetime) -> None:
    """A low grade counts for the risk class for a while; where it comes from is not told (R26)."""
    day = clock.day_of(at)
    told = in_force(day).table("evaluations.grade_as_risk")
    if GRADES.index(decision.grade) < GRADES.index(str(told["grade"])):
        return
    record_risk_fact(
        evaluation.facility, "concern", str(told["severity"]), day,
        add_months(day, int(str(told["months"]))), by=by, at=at,
        once=grade_told(evaluation.pk, decision.version),
    )  # fmt: skip


# --- later changes --------------------------------------------------------------------------------


@action
def ask_for_grade(evaluation: Evaluation, finding: Finding, *, at: dt.datetime) -> int:
    """A grave finding is proven: the office is asked once whether the grade may still be used.

    The grade itself falls by the procedure, by two persons and with a reason (R26).
    """
    day = clock.day_of(at)
    people = staff_with(Role.CLERK, day) | staff_with(Role.APPROVER, day)
    new = outbox.notify(
        people, "grade.asked", evaluation, at=at, once=str(finding.pk), finding=finding.number
    )
    if new:
        by = Actor.calendar()
        record(evaluation, "evaluation.grade_asked", by=by, at=at, finding=finding.number)
    return new


@action
def propose_amendment(
    evaluation: Evaluation,
    kind: str,
    grade: str,
    reason: str,
    *,
    by: Actor,
    at: dt.datetime,
    total: Decimal | None = None,
) -> Amendment:
    """A clerk proposes to change a published result; one open proposal a facility and round."""
    if not by.somebody.has_role(Role.CLERK):
        raise PermissionDenied("clerks propose")
    one_at_a_time(f"amendment:{evaluation.pk}")
    require(evaluation.round, "amend", RoundStatus.FINAL)
    standing = queries.decision_of(evaluation)
    if standing is None or (kind == AmendmentKind.LOWER and not _is_lower(grade, standing.grade)):
        raise NotReady(["grade"])
    if found := evaluation.amendments.filter(state="proposed").first():
        return found
    if kind in KEEPS_GRADE:
        grade, total = standing.grade, None
    made = Amendment.objects.create(
        evaluation=evaluation, kind=kind, grade=grade, reason=reason, proposed_by=by.somebody,
        proposed_at=at, total=standing.total if total is None else total,
    )  # fmt: skip
    record(made, "amendment.propose", by=by, at=at, kind=kind, grade=grade)
    people = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(people, "amendment.proposed", made, at=at, once="once")
    return made


def _is_lower(grade: str, than: str) -> bool:
    return GRADES.index(grade) > GRADES.index(than)


@action
def grant_amendment(amendment: Amendment, *, by: Actor, at: dt.datetime) -> Decision:
    """The second person decides it: a new version, told to register and facility, published anew.

    A suspended grade is not used; the register shows none until it is restored.
    """
    columns = {"decided_by": by.user, "decided_at": at}
    made: Amendment = apply(amendment, "grant", by=by, at=at, sets=lambda _: columns)
    evaluation = made.evaluation
    standing = cast("Decision", queries.decision_of(evaluation))
    suspended = made.kind == AmendmentKind.SUSPEND or (
        made.kind == AmendmentKind.CORRECTION and standing.is_suspended
    )
    decision = Decision.objects.create(
        evaluation=evaluation,
        version=standing.version + 1,
        total=made.total,
        grade=made.grade,
        result=standing.result,
        set_version=standing.set_version,
        seed=standing.seed,
        is_suspended=suspended,
        reason=made.reason,
        proposed_by=made.proposed_by,
        decided_by=by.somebody,
        decided_at=at,
    )
    _tell_change(made, decision, by=by, at=at)
    return decision


def _tell_change(made: Amendment, decision: Decision, *, by: Actor, at: dt.datetime) -> None:
    """Register (unless a later round has spoken since), papers, facility, and the gate."""
    evaluation, day = made.evaluation, clock.day_of(at)
    if queries.is_newest(evaluation):
        grade = "" if decision.is_suspended else decision.grade
        rated = _rated_on(made, day)
        record_grade(evaluation.facility, grade, rated, decision.version, by=by, at=at)
        papers.issue_grade(evaluation, decision, day, by=by, at=at)
        _tell_risk(evaluation, decision, by=by, at=at)
        _ask_for_plan(evaluation, decision, day)
    papers.issue_result(evaluation, decision, by=by, at=at)
    title, body = papers.result_of_round(evaluation.round, queries.public_rows(evaluation.round))
    publishing.propose_publication(
        RESULT, evaluation.round, title=title, body=body, by=by, at=at, proposer=made.proposed_by
    )
    outbox.notify(
        operators_of(evaluation.facility), "result.changed", evaluation, at=at,
        once=str(decision.version), reason=made.reason,
    )  # fmt: skip


def _rated_on(made: Amendment, day: dt.date) -> dt.date:
    """The day from which the next evaluation counts: that of the rating, whatever is amended.

    But who is lowered to the lowest grade is looked at again so many months after that.
    """
    if made.kind == AmendmentKind.LOWER and made.grade == GRADES[-1]:
        return day
    return cast("dt.date", made.evaluation.facility.graded_on)  # publishing has set it


@action
def refuse_amendment(amendment: Amendment, reason: str, *, by: Actor, at: dt.datetime) -> Amendment:
    """The result stays as it is."""
    columns = {"decided_by": by.user, "decided_at": at, "refusal": reason}
    made: Amendment = apply(
        amendment, "refuse", by=by, at=at, reason=reason, sets=lambda _: columns
    )
    outbox.notify([made.proposed_by], "amendment.refused", made, at=at, once="once")
    return made


@action
def reply(evaluation: Evaluation, text: str, *, by: Actor, at: dt.datetime) -> FacilityReply:
    """The facility's one reply beside its published result; a second person opens the gate."""
    if not evaluation.belongs_to(by.somebody) or evaluation.withholds(by.somebody, SAY):
        raise PermissionDenied("only the facility's manager replies")
    round_ = require(evaluation.round, "reply", RoundStatus.FINAL)
    found: FacilityReply | None = FacilityReply.objects.filter(evaluation=evaluation).first()
    if found:
        return found
    made: FacilityReply = FacilityReply.objects.create(
        evaluation=evaluation, text=text, said_by=by.somebody, said_at=at
    )
    record(made, "facilityreply.say", by=by, at=at, length=len(text))
    publishing.propose_publication(
        REPLY, made, title=f"{evaluation.facility.name}的回应（{round_.number}）",
        body=[content.paragraph(text)], by=by, at=at, party=evaluation.facility.code,
        public_numbers=[evaluation.facility.public_phone],
    )  # fmt: skip
    return made
