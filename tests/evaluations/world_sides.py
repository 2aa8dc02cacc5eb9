"""Objects for the matrix of the evaluators' and the facilities' routes.

In a round of its `own` the world's evaluator leads the panel and the world's operator works for the
facility; a `foreign` round is of other people.
"""

from __future__ import annotations

import uuid
from typing import Any

from evaluations import actions
from evaluations.models import Evaluator, Moderation, PanelMember
from facilities.models import Membership
from portal.core import attachments
from portal.core.actors import Actor
from portal.core.models import Attachment
from tests import makers

from . import makers as own
from .world import keep_out

AT, DAY = own.AT, own.DAY
# The state of the round a page is asked in; the others are asked of one that is being scored.
STATES = {
    "moderation": "opened", "discuss": "opened", "agree": "opened", "reopen": "agreed",
    "objection": "answering", "evaluation": "facts", "evaluation_facts": "facts",
    "objection_new": "notice", "objection_withdraw": "objected", "evaluation_reply": "final",
    "plan": "final", "plan_again": "accepted", "self_assessment": "started",
    "self_submit": "started", "self_items": "started", "self_autosave": "started",
    "self_evidence": "started", "self_evidence_remove": "started",
}  # fmt: skip
PANEL = ("pledge", "dossier", "evidence", "evidence_new", "evidence_remove", "recuse", "check",
         "dimension", "autosave", "skip", "skip_answer", "moderation", "discuss", "agree",
         "reopen", "objection")  # fmt: skip
MY = ("evaluation", "evaluation_facts", "objection_new", "objection_withdraw", "evaluation_reply",
      "plan", "plan_again", "self_assessment", "self_submit", "self_items", "self_autosave",
      "self_evidence", "self_evidence_remove")  # fmt: skip


def of_sides(world: Any, route: str, whose: str) -> dict[str, Any]:
    """What a route of these sides needs in its address."""
    space, _colon, name = route.partition(":")
    if (space, name in PANEL) != ("panel", True) and (space, name in MY) != ("my", True):
        return {}
    made = _stage(world, STATES.get(name, "scoring"), whose)
    return _keys(f"{space}:{name}", made) | {"no": 1, "code": "4.1.1"}


def _keys(route: str, made: own.Stage) -> dict[str, Any]:
    evaluation = made.evaluation()
    name = route.split(":")[1]
    if name == "pledge":
        return {"number": made.round.number}
    if name in {"objection", "objection_withdraw"}:
        return {"number": evaluation.objections.get().number}
    if name == "evidence_remove":
        sheet = made.sheet(next(each for each in made.seats if each.is_leader))
        return {"id": sheet.pk, "file": _evidence(sheet)}
    if name.startswith("self_"):
        found = evaluation.self_assessment
        return {"id": found.pk, "file": _file(made, found)}
    return {"id": _noun(name, made).pk}


def _noun(name: str, made: own.Stage) -> Any:
    evaluation = made.evaluation()
    if name == "skip_answer":
        return evaluation.skipped.get()
    if name in {"discuss", "agree", "reopen"}:
        return Moderation.objects.get(evaluation=evaluation)
    if name in {"plan", "plan_again"}:
        return evaluation.plan
    if name == "moderation" or name in MY:
        return evaluation
    return made.sheet(next(each for each in made.seats if each.is_leader))


def _file(made: own.Stage, assessment: Any) -> uuid.UUID:
    """A file of the assessment; put there once."""
    items = [each.pk for each in assessment.items.all()]
    stored = Attachment.objects.filter(noun_id__in=items).present().first()
    if stored is None:
        file = attachments.inspected(makers.jpeg())
        by = own.actor(made.operators[0])
        stored = actions.attach_self_evidence(assessment, "4.1.1", file, by=by, at=AT)
    return stored.pk


def _evidence(sheet: Any) -> uuid.UUID:
    """A file of a sheet, by who holds its seat now; put there once."""
    scores = [each.pk for each in sheet.scores.all()]
    stored = Attachment.objects.filter(noun_id__in=scores).present().first()
    if stored is None:
        file = attachments.inspected(makers.jpeg())
        by = own.actor(sheet.member.evaluator.user)
        stored = actions.attach_evidence(sheet, "4.1.1", file, by=by, at=AT)
    return stored.pk


def _stage(world: Any, state: str, whose: str) -> own.Stage:
    key = ("sides", state, whose)
    if key not in world.states:
        world.states[key] = _make(world, state, whose)
        if whose != "own":
            keep_out(world, world.states[key])
    made: own.Stage = world.states[key]
    made.again()
    return made


def _make(world: Any, state: str, whose: str) -> own.Stage:
    made = own.setup(1, slug="longquan" if whose == "own" else "hubin")
    made.panel = actions.draw_panel(made.round, by=own.actor(made.clerk), at=AT)
    if whose == "own":
        _take_part(world, made)
    made.seats = list(own.committee.seats_of(made.round))
    actions.start_round(made.again(), by=own.actor(made.approver), at=AT)
    made.again()
    return made if state == "started" else _scoring(made, state)


def _take_part(world: Any, made: own.Stage) -> None:
    """The world's evaluator leads, the world's operator works for the facility."""
    person, operator = world.people["evaluator"], world.people["operator"]
    member = Evaluator.objects.filter(user=person).first()
    if member is None:
        values = {"field": "education", "unit": "示例单位", "community": None,
                  "term_from": AT.date() - 30 * DAY}  # fmt: skip
        member = actions.add_evaluator(person, values, by=own.actor(made.clerk), at=AT)
    seats = PanelMember.objects.filter(panel=made.panel)
    if not seats.filter(evaluator=member).exists():
        seats.filter(is_leader=True).update(evaluator=member)
    else:
        seats.filter(is_leader=True).update(is_leader=False)
        seats.filter(evaluator=member).update(is_leader=True)
    Membership.objects.create(
        facility=made.facilities[0], user=operator, role="manager", since=AT.date()
    )


def _scoring(made: own.Stage, state: str) -> own.Stage:
    clerk = own.actor(made.clerk)
    actions.open_scoring(made.round, by=clerk, at=AT)
    for seat in made.seats:
        actions.pledge(seat, own.PLEDGE, by=own.actor(made.user(seat)), at=AT)
    made.again()
    if state == "scoring":
        other = next(each for each in made.seats if not each.is_leader)
        item = made.round.indicator_set.dimensions.get(no=2).indicators.first()
        by = own.actor(made.user(other))
        actions.ask_to_skip(made.evaluation(), item, "示例", by=by, at=AT)
        return made
    low = own.marks("0.5" if state in {"final", "accepted"} else "0.9")
    if state in {"opened", "agreed"}:
        values = own.marks()
        values["4.1.1"] |= {"points": 0 * values["4.1.1"]["points"], "reason": "示例"}
        own.score(made, made.seats[0], values=values)
    own.score_all(made, {0: low})
    actions.open_scores(made.again(), by=clerk, at=AT)
    made.again()
    return _opened(made, state, clerk)


def _opened(made: own.Stage, state: str, clerk: Actor) -> own.Stage:
    if state == "agreed":
        item = Moderation.objects.get(evaluation=made.evaluation())
        points = item.indicator.max_points
        actions.agree(item, points, "示例", by=own.actor(made.leader), at=AT)
    if state in {"opened", "agreed"}:
        return made
    before = AT - 30 * DAY
    actions.send_facts(made.round, by=clerk, at=before)
    made.again()
    if state == "facts":
        return made
    text = actions.propose_notice(made.round, by=clerk, at=before + 12 * DAY)
    # The notice runs on the day on which the page is asked, but for what comes after it.
    day = before + 12 * DAY if state in {"final", "accepted"} else AT
    public = own.pass_gate(text, made.approver, at=day)
    actions.announce(made.again(), public, by=Actor.calendar(), at=day)
    made.again()
    return _announced(made, state, clerk)


def _announced(made: own.Stage, state: str, clerk: Actor) -> own.Stage:
    operator = own.actor(made.operators[0])
    if state in {"objected", "answering"}:
        objection = actions.file_objection(
            made.evaluation(), "示例", by=operator, at=AT, token=uuid.uuid4()
        )
        if state == "answering":
            for _ in range(6):
                own.evaluator("parent")
            panel = actions.assign_objection(objection, by=clerk, at=AT)
            _lead_review(made, panel)
    if state in {"notice", "objected", "answering"}:
        return made
    actions.close_notice(made.round, by=clerk, at=AT)
    own.decide(made, at=AT)
    text = actions.propose_result(made.again(), by=clerk, at=AT)
    public = own.pass_gate(text, made.approver, at=AT)
    actions.finish(made.again(), public, by=Actor.calendar(), at=AT)
    made.again()
    if state == "accepted":
        plan = made.evaluation().plan
        plan = actions.submit_plan(plan, "示例", AT.date() + 30 * DAY, by=operator, at=AT)
        actions.accept_plan(plan, by=clerk, at=AT)
    return made


def _lead_review(made: own.Stage, panel: Any) -> None:
    """In a round of the world's own the leader of the panel leads the review too."""
    leader = next(each for each in made.seats if each.is_leader)
    panel.members.filter(is_leader=True).update(evaluator=leader.evaluator)
