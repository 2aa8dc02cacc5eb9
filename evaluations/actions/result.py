"""From the opened scores to the announced result: agree, compute, check facts, announce."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from django.core.exceptions import PermissionDenied

from evaluations import papers
from evaluations.models import (
    Evaluation,
    EvaluationRound,
    FactRemark,
    Indicator,
    Moderation,
    Remark,
)
from evaluations.models.rounds import NOTICE
from evaluations.queries import committee, scores
from evaluations.queries import results as queries
from evaluations.workflow import RoundStatus
from portal.core import clock, outbox, publishing
from portal.core.actors import Actor
from portal.core.models import Publication, staff_with
from portal.core.queries import working_calendar
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import action, apply, lock, record

from .rounds import NotReady, lapse, operators_of
from .scoring import PointsWrong, require

R = RoundStatus
# What says which evaluation it is, and what is computed.
_WHOSE = ("round_id", "facility_id", "community_id")
_RESULT = ("total", "grade", "result", "computed_at")


@action
def open_scores(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """All sheets are in: the scores are opened to panel and office, wide ones must be agreed on.

    Raises NotReady while a sheet is missing or a facility has too few.
    """
    fresh = require(round_, "moderate", R.SCORING)
    why = ["sheets"] if scores.unfinished(fresh).exists() else []
    evaluations = list(fresh.evaluations.all())
    counted = scores.scorers(fresh)
    if any(counted.get(each.pk, 0) < fresh.terms.least_scorers for each in evaluations):
        why.append("scorers")
    if why:
        raise NotReady(why)
    made: EvaluationRound = apply(fresh, "moderate", by=by, at=at, sheets=sum(counted.values()))
    lapse(made, at)
    opened = _open_wide(made, evaluations)
    record(made, "moderation.open", by=by, at=at, items=opened)
    people = committee.accounts_of(made)
    outbox.notify(people, "round.moderation", made, at=at, once="once", items=opened)
    return made


def _open_wide(round_: EvaluationRound, evaluations: Iterable[Evaluation]) -> int:
    found = scores.material(round_)
    indicators = found.tree.by_code()
    rows = []
    for each in evaluations:
        outcome = scores.outcome(found, each.pk, round_)
        rows += [
            Moderation(
                evaluation=each,
                indicator=indicators[code],
                spread=Decimal(outcome.items[code].spread) / 2,
            )
            for code in outcome.wide
        ]
    return len(Moderation.objects.bulk_create(rows, ignore_conflicts=True))


@action
def discuss(
    moderation: Moderation, text: str, *, by: Actor, at: dt.datetime, token: uuid.UUID
) -> Remark:
    """A member who scored the facility says something; pages show a letter, never the person."""
    seat = committee.seat_of(by.somebody, moderation.evaluation.round)
    if seat is None:
        raise PermissionDenied("only the panel discusses")
    if found := Remark.objects.filter(submit_token=token).first():
        return found
    apply(moderation, "discuss", by=by, at=at)
    return Remark.objects.create(
        moderation=moderation, member=seat, text=text, said_at=at, submit_token=token
    )


@action
def agree(
    moderation: Moderation,
    points: Decimal,
    reason: str,
    *,
    by: Actor,
    at: dt.datetime,
    is_met: bool | None = None,
) -> Moderation:
    """Who leads the panel writes down what was agreed, with the reason.

    The clerks are told when nothing is open any more. Raises PointsWrong.
    """
    require(moderation.evaluation.round, "agree", R.MODERATION, R.FACT_CHECK)
    item = moderation.indicator
    doubled = points * 2
    if not 0 <= points <= item.max_points or doubled != doubled.to_integral_value():
        raise PointsWrong([item.code])
    if item.is_veto and (is_met is None or (is_met is False and points)):
        raise PointsWrong([item.code])
    columns = {"points": points, "is_met": is_met, "reason": reason, "agreed_by": by.user,
               "agreed_at": at}  # fmt: skip
    made: Moderation = apply(
        moderation, "agree", by=by, at=at, reason=reason, sets=lambda _: columns, item=item.code
    )
    round_ = made.evaluation.round
    if not scores.open_moderations(round_).exists():
        clerks = staff_with(Role.CLERK, clock.day_of(at))
        outbox.notify(clerks, "round.agreed", round_, at=at, once=at.isoformat())
    return made


@action
def reopen_agreement(
    moderation: Moderation, reason: str, *, by: Actor, at: dt.datetime
) -> Moderation:
    """The panel takes an agreement up again, with the reason; until the notice."""
    require(moderation.evaluation.round, "reopen", R.MODERATION, R.FACT_CHECK)
    made: Moderation = apply(moderation, "reopen", by=by, at=at, reason=reason)
    return made


@action
def bring_up(
    evaluation: Evaluation, indicator: Indicator, *, by: Actor, at: dt.datetime
) -> Moderation:
    """Put an item before the panel that was not wide: a fact has come to light.

    By who leads the panel here or by a clerk, until the notice.
    """
    round_ = require(evaluation.round, "agree", R.MODERATION, R.FACT_CHECK)
    probe = Moderation(evaluation=evaluation, indicator=indicator)
    if not by.somebody.has_role(Role.CLERK) and not probe.belongs_to(by.somebody):
        raise PermissionDenied("the leader or a clerk brings an item up")
    made, is_new = Moderation.objects.get_or_create(
        evaluation=evaluation, indicator=indicator, defaults={"spread": Decimal(0)}
    )
    if is_new:
        record(made, "moderation.brought_up", by=by, at=at, item=indicator.code)
        people = committee.accounts_of(round_)
        outbox.notify(people, "round.moderation", round_, at=at, once=str(made.pk), items=1)
    return made


# --- computing and telling ------------------------------------------------------------------------


def store_results(round_: EvaluationRound, at: dt.datetime, only: Iterable[Evaluation] = ()) -> int:
    """Compute and keep the results of a round (or of some of it); constant in questions.

    The results of before are not read, and rows that exist are written as if they were new: a
    branch for each facility and column would take longer than the computing.
    """
    wanted = list(only) or list(round_.evaluations.defer("result", "announced"))
    found = scores.material(round_, [each.pk for each in wanted])
    for each in wanted:
        outcome = scores.outcome(found, each.pk, round_)
        each.total, each.grade = outcome.total, outcome.grade
        each.result, each.computed_at = outcome.as_json(), at
    rows = [
        Evaluation(**{name: getattr(each, name) for name in ("pk", *_WHOSE, *_RESULT)})
        for each in wanted
    ]
    Evaluation.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, update_fields=_RESULT, unique_fields=["pk"]
    )
    return len(wanted)


@action
def send_facts(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """Compute, and send each facility its draft to check the facts.

    Raises NotReady while the panel has not agreed on everything.
    """
    fresh = require(round_, "send_facts", R.MODERATION)
    if scores.open_moderations(fresh).exists():
        raise NotReady(["moderation"])
    day = clock.day_of(at)
    due = working_calendar().add_working_days(day, fresh.terms.fact_check_days)
    made: EvaluationRound = apply(
        fresh, "send_facts", by=by, at=at, sets=lambda _: {"facts_due": due}
    )
    store_results(made, at)
    for each in made.evaluations.select_related("facility"):
        outbox.notify(
            operators_of(each.facility), "facts.open", each, at=at, once=str(due), due=due
        )
    return made


@action
def tell_fact(
    evaluation: Evaluation, indicator: Indicator | None, text: str, *, by: Actor, at: dt.datetime,
    token: uuid.UUID,
) -> FactRemark:  # fmt: skip
    """The facility says which fact of the draft is wrong; TransitionNotOpen after the last day."""
    round_ = require(evaluation.round, "tell_fact", R.FACT_CHECK)
    if not evaluation.belongs_to(by.somebody):
        raise PermissionDenied("only the facility checks its draft")
    found: FactRemark | None = FactRemark.objects.filter(submit_token=token).first()
    if found:
        return found
    if round_.facts_due and clock.day_of(at) > round_.facts_due:
        raise TransitionNotOpen("evaluationround", "tell_fact", round_.state)
    made: FactRemark = FactRemark.objects.create(
        evaluation=evaluation, indicator=indicator, text=text, told_by=by.somebody, told_at=at,
        submit_token=token,
    )  # fmt: skip
    record(made, "factremark.told", by=by, at=at, item=indicator.code if indicator else "")
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "facts.told", evaluation, at=at, once=str(made.pk))
    return made


@action
def answer_fact(remark: FactRemark, answer: str, *, by: Actor, at: dt.datetime) -> FactRemark:
    """The office answers; what changes a score goes before the panel (`bring_up`)."""
    if not by.somebody.has_role(Role.CLERK):
        raise PermissionDenied("the office answers")
    require(remark.evaluation.round, "answer_fact", R.FACT_CHECK)
    fresh = cast("FactRemark", lock(remark))
    if not fresh.answer:
        fresh.answer, fresh.answered_by, fresh.answered_at = answer, by.user, at
        fresh.save(update_fields=["answer", "answered_by", "answered_at"])
        record(fresh, "factremark.answered", by=by, at=at)
        people = operators_of(fresh.evaluation.facility)
        outbox.notify(people, "facts.answered", fresh.evaluation, at=at, once=str(fresh.pk))
    return fresh


@action
def propose_notice(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that the results be announced; a second person opens the gate.

    Raises NotReady while the facts may still be checked, a remark has no answer, or the panel has
    something open.
    """
    fresh = require(round_, "propose_notice", R.FACT_CHECK)
    why = []
    if fresh.facts_due and clock.day_of(at) <= fresh.facts_due:
        why.append("facts_due")
    if FactRemark.objects.filter(evaluation__round=fresh, answer="").exists():
        why.append("remarks")
    if scores.open_moderations(fresh).exists():
        why.append("moderation")
    if why:
        raise NotReady(why)
    made: EvaluationRound = apply(fresh, "propose_notice", by=by, at=at)
    store_results(made, at)
    title, body = papers.notice_of_round(made, queries.public_rows(made))
    return publishing.propose_publication(NOTICE, made, title=title, body=body, by=by, at=at)


@action
def announce(
    round_: EvaluationRound, publication: Publication, *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """The notice is public: its days run from the day of publication; what it said is kept."""
    first = cast("dt.date", publication.published_on)
    last = working_calendar().add_working_days(first, round_.terms.notice_days)
    made: EvaluationRound = apply(
        round_, "announce", by=by, at=at, publication=publication.pk,
        sets=lambda _: {"notice_from": first, "notice_until": last},
    )  # fmt: skip
    for each in made.evaluations.select_related("facility"):
        each.announced = {"total": str(each.total), "grade": each.grade, "result": each.result}
        each.save(update_fields=["announced"])
        outbox.notify(
            operators_of(each.facility), "notice.open", each, at=at, once=str(last), due=last
        )
    return made


@action
def close_notice(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """The notice is over and every objection answered: the committee may decide."""
    fresh = require(round_, "close_notice", R.NOTICE)
    why = []
    if fresh.notice_until and clock.day_of(at) <= fresh.notice_until:
        why.append("notice")
    if queries.open_objections(fresh).exists():
        why.append("objections")
    if why:
        raise NotReady(why)
    made: EvaluationRound = apply(fresh, "close_notice", by=by, at=at)
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "round.to_decide", made, at=at, once=at.isoformat())
    return made
