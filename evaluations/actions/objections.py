"""An objection: told by the facility, looked at by other members, answered by two persons."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied

from evaluations import papers
from evaluations.models import Evaluation, Objection, Panel, PanelMember
from evaluations.models.choices import PanelKind
from evaluations.queries import indicators
from evaluations.workflow import OPEN_OBJECTIONS, RoundStatus
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.identifiers import filing_number
from portal.core.models import User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.seeds import fresh_seed
from portal.core.workflow import action, apply, one_at_a_time, record

from .result import store_results
from .rounds import Wanted, draw_from_pool, operators_of
from .scoring import PointsWrong, require

EVIDENCE = "evidence"
OBJECT = "objection.file"


class TooLate(Exception):
    """The notice is over."""


@action
def file_objection(
    evaluation: Evaluation,
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
    token: uuid.UUID,
    files: tuple[Accepted, ...] = (),
) -> Objection:
    """The facility objects to its announced result, with evidence; one open objection each.

    Raises TooLate after the last day of the notice.
    """
    round_ = require(evaluation.round, "object", RoundStatus.NOTICE)
    if not evaluation.belongs_to(by.somebody) or evaluation.withholds(by.somebody, OBJECT):
        raise PermissionDenied("only the facility's manager objects")
    day = clock.day_of(at)
    found = Objection.objects.filter(submit_token=token).first()
    found = found or evaluation.objections.filter(state__in=OPEN_OBJECTIONS).first()
    if found:
        return found
    if round_.notice_until is None or day > round_.notice_until:
        raise TooLate
    template = in_force(day).text("evaluations.objection_template")
    made = Objection.objects.create(
        number=filing_number(day.year, next_serial("objection", day.year), template),
        submit_token=token,
        evaluation=evaluation,
        text=text,
        filed_by=by.somebody,
        filed_on=day,
        due_on=working_calendar().add_working_days(day, round_.terms.objection_days),
    )
    for file in files:
        attachments.attach(made, file, slot=EVIDENCE, by=by, at=at)
    record(made, "objection.file", by=by, at=at, number=made.number)
    outbox.notify(
        staff_with(Role.CLERK, day), "objection.filed", made, at=at, once="once", due=made.due_on
    )
    return made


@action
def assign_objection(objection: Objection, *, by: Actor, at: dt.datetime, seed: str = "") -> Panel:
    """Draw the members who look at it again: nobody who scored, nobody with a conflict."""
    one_at_a_time(f"objection:{objection.pk}")
    if found := Panel.objects.filter(objection=objection).first():
        return found
    seed = seed or fresh_seed()
    made: Objection = apply(objection, "assign", by=by, at=at, seed=seed)
    evaluation = made.evaluation
    scored = PanelMember.objects.filter(
        panel__round=evaluation.round, panel__kind=PanelKind.SCORING
    ).values_list("evaluator__user", flat=True)
    wanted = Wanted(PanelKind.OBJECTION, seed, evaluation.round.terms.for_review, frozenset(scored))
    panel, _drawn, _conflicts = draw_from_pool(evaluation.round, [evaluation], wanted, by=by, at=at)
    panel.objection = made
    panel.save(update_fields=["objection"])
    outbox.notify(_reviewers(made), "objection.assigned", made, at=at, once="once", due=made.due_on)
    return panel


def _reviewers(objection: Objection) -> list[User]:
    seats = PanelMember.objects.filter(panel__objection=objection).values("evaluator__user")
    return list(User.objects.filter(pk__in=seats, is_active=True).order_by("id"))


@action
def propose_answer(
    objection: Objection,
    answer: str,
    amendments: Mapping[str, Mapping[str, Any]],
    *,
    by: Actor,
    at: dt.datetime,
) -> Objection:
    """Who leads the review proposes the answer; without amendments the result stands.

    `amendments`: by code `points` (a text), `reason`, and `met` for a basic item. Raises
    PointsWrong.
    """
    tree = indicators.tree_of(objection.evaluation.round.indicator_set_id).by_code()
    wrong = [code for code, each in amendments.items() if not _fits(tree.get(code), each)]
    if wrong:
        raise PointsWrong(wrong)
    columns = {
        "answer": answer,
        "amendments": {code: dict(each) for code, each in amendments.items()},
        "proposed_by": by.user,
    }
    made: Objection = apply(
        objection, "propose", by=by, at=at, answer=answer, sets=lambda _: columns,
        items=len(amendments),
    )  # fmt: skip
    approvers = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(approvers, "objection.proposed", made, at=at, once=at.isoformat())
    return made


def _fits(indicator: Any, given: Mapping[str, Any]) -> bool:
    if indicator is None or not given.get("reason"):
        return False
    points = Decimal(given["points"])
    steps = (points * 2) == (points * 2).to_integral_value()
    met = given.get("met")
    sound_verdict = not indicator.is_veto or met is True or (met is False and not points)
    return bool(steps and 0 <= points <= indicator.max_points and sound_verdict)


@action
def hand_back_answer(objection: Objection, reason: str, *, by: Actor, at: dt.datetime) -> Objection:
    """The approver wants the answer looked at again."""
    made: Objection = apply(
        objection, "hand_back", by=by, at=at, reason=reason,
        sets=lambda _: {"return_reason": reason},
    )  # fmt: skip
    outbox.notify(_reviewers(made), "objection.handed_back", made, at=at, once=at.isoformat())
    return made


@action
def answer_objection(objection: Objection, *, by: Actor, at: dt.datetime) -> Objection:
    """The approver lets the answer go out: upheld where something changes, else the result stands.

    The result is computed anew with what the review changed; the answer is a paper.
    """
    name = "uphold" if objection.amendments else "reject"
    columns = {"decided_by": by.user, "decided_on": clock.day_of(at)}
    made: Objection = apply(
        objection, name, by=by, at=at, sets=lambda _: columns, items=len(objection.amendments)
    )
    evaluation = made.evaluation
    before = (evaluation.total, evaluation.grade)
    if made.amendments:
        store_results(evaluation.round, at, [evaluation])
    papers.issue_objection_answer(made, evaluation, before, by=by, at=at)
    outbox.notify(operators_of(evaluation.facility), "objection.answered", made, at=at, once="once")
    return made


@action
def withdraw_objection(objection: Objection, *, by: Actor, at: dt.datetime) -> Objection:
    """The facility takes it back."""
    evaluation = objection.evaluation
    if not evaluation.belongs_to(by.somebody) or evaluation.withholds(by.somebody, OBJECT):
        raise PermissionDenied("only the facility's manager withdraws it")
    made: Objection = apply(objection, "withdraw", by=by, at=at)
    return made
