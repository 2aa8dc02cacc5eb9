"""Objects of evaluations for the matrix of routes: a round in the state each page is for."""

from __future__ import annotations

import uuid
from typing import Any

from evaluations import actions
from evaluations.models import IndicatorSet, PanelMember
from portal.core.actors import Actor

from . import makers as own

AT, DAY = own.AT, own.DAY
# The state of the round a page is asked in; the rest is asked of one that is being scored.
STATES = {
    "evaluation_setup": "setup", "evaluation_facilities": "setup", "evaluation_draw": "setup",
    "evaluation_start": "drawn", "evaluation_cancel": "setup", "evaluation_open_scoring": "started",
    "evaluation_close_self": "started", "self_reopen": "started",
    "evaluation_open_scores": "scoring",
    "evaluation_send_facts": "opened", "evaluation_notice": "facts", "remark_answer": "facts",
    "evaluation_close_notice": "notice", "objection": "notice", "objection_assign": "notice",
    "objection_hand_back": "answered", "objection_answer": "answered",
    "evaluation_publish": "decision", "evaluation_decide": "decision", "meeting": "decision",
    "evaluation_reconsider": "decision",
    "meeting_hold": "called", "meeting_vote": "decision", "meeting_close": "decision",
    "evaluation_replace": "drawn", "evaluation_bring_up": "facts",
    "evaluation_amend": "final", "amendment_grant": "final", "amendment_refuse": "final",
    "improvement_accept": "final", "improvement_hand_back": "final",
}  # fmt: skip
ABOUT = ("desk:evaluation", "desk:evaluator", "desk:indicator", "desk:meeting", "desk:objection",
         "desk:sheet_", "desk:self_reopen", "desk:remark_", "desk:improvement_", "desk:amendment_",
         "public:evaluation_round")  # fmt: skip


def of_evaluations(world: Any, route: str, whose: str) -> dict[str, Any]:
    """What a route about evaluations needs in its address."""
    if not route.startswith(ABOUT):
        return {}
    name = route.split(":")[1]
    if name.startswith("indicator"):
        return _of_sets(world, name)
    if route == "public:evaluation_round":
        return {"number": stage(world, "final", whose).round.number}
    made = stage(world, STATES.get(name, "scoring"), whose)
    found = {"number": made.round.number, "code": made.facilities[0].code}
    found |= {"seat": made.seats[0].pk} if made.seats else {}
    return found | _keys(name, made)


def _keys(name: str, made: own.Stage) -> dict[str, Any]:
    evaluation = made.evaluation()
    if name.startswith("objection"):
        return {"number": evaluation.objections.get().number}
    if name in {"evaluator_end", "evaluator_tie"}:
        return {"id": made.pool[0].pk}
    if name == "evaluator_tie_end":
        by = Actor.person(made.clerk)
        # Not one of the panel: his sheet would be set aside, and others ask for the page of it.
        seated = {seat.evaluator_id for seat in made.seats}
        member = next(each for each in made.pool if each.pk not in seated)
        tie = actions.declare_tie(member, made.facilities[0], "other", by=by, at=AT)
        return {"id": tie.pk}
    if name == "sheet_return":
        return {"id": made.sheet(made.seats[0]).pk}
    related: dict[str, Any] = {
        "self_reopen": lambda: evaluation.self_assessment,
        "remark_answer": evaluation.remarks.first,
        "improvement_accept": lambda: evaluation.plan,
        "improvement_hand_back": lambda: evaluation.plan,
        "amendment_grant": evaluation.amendments.first,
        "amendment_refuse": evaluation.amendments.first,
    }
    if name in related:
        return {"id": related[name]().pk}
    meeting = made.round.meetings.first()
    return {"id": meeting.pk, "meeting": meeting.pk} if meeting else {}


def _of_sets(world: Any, name: str) -> dict[str, Any]:
    """A draft, a proposed and a published version, and one to compare with."""
    if "indicator_sets" not in world.states:
        if own.indicators.newest_published() is None:
            own.published_set()
        by = own.actor(world.clerk)
        dimensions, leaves = own.small_tree()
        words = {"title": "示例", "standard": "", "note": ""}
        proposed = actions.start_set(words, dimensions, leaves, by=by, at=AT)
        actions.propose_set(proposed, by=by, at=AT)
        draft = actions.start_set(words, dimensions, leaves, by=by, at=AT)
        world.states["indicator_sets"] = {
            "proposed": proposed.version, "draft": draft.version,
            "published": IndicatorSet.objects.filter(state="published").latest("version").version,
        }  # fmt: skip
    versions = world.states["indicator_sets"]
    state = {"indicator_publish": "proposed", "indicator_hand_back": "proposed",
             "indicator_retire": "published"}.get(name, "draft")  # fmt: skip
    return {"version": versions[state], "other": 1}


def stage(world: Any, state: str, whose: str) -> own.Stage:
    """A round in that state, with a facility of the actor's community or of another."""
    key = ("evaluation", state, whose)
    if key not in world.states:
        world.states[key] = _make(state, "longquan" if whose == "own" else "hubin")
        keep_out(world, world.states[key])
    made: own.Stage = world.states[key]
    made.again()
    return made


def keep_out(world: Any, made: own.Stage) -> None:
    """Chance may have drawn the world's evaluator; somebody else holds his seats."""
    drawn = PanelMember.objects.filter(
        panel__round=made.round, evaluator__user=world.people["evaluator"]
    )
    for seat in drawn:
        PanelMember.objects.filter(pk=seat.pk).update(evaluator=own.evaluator("parent"))


def _make(state: str, slug: str) -> own.Stage:
    made = own.setup(1, slug=slug)
    if state == "setup":
        return made
    made.panel = actions.draw_panel(made.round, by=own.actor(made.clerk), at=AT)
    made.seats = list(own.committee.seats_of(made.round))
    if state == "drawn":
        return made
    clerk = own.actor(made.clerk)
    actions.start_round(made.again(), by=own.actor(made.approver), at=AT)
    made.again()
    _assess(made)
    if state == "started":
        return made
    actions.open_scoring(made.round, by=clerk, at=AT)
    for seat in made.seats:
        actions.pledge(seat, own.PLEDGE, by=own.actor(made.user(seat)), at=AT)
    made.again()
    own.score_all(made, {0: own.marks("0.7")})
    if state == "scoring":
        return made
    actions.open_scores(made.again(), by=clerk, at=AT)
    return made if state == "opened" else _later(made, state, clerk)


def _assess(made: own.Stage) -> None:
    by = own.actor(made.operators[0])
    mine = made.evaluation().self_assessment
    values = {c: {k: v for k, v in e.items() if k != "reason"} for c, e in own.marks().items()}
    actions.save_self_assessment(mine, values, by=by, at=AT)  # type: ignore[arg-type]
    actions.submit_self_assessment(mine, "示例", by=by, at=AT)


def _later(made: own.Stage, state: str, clerk: Actor) -> own.Stage:
    """The round as if it had begun a month ago, so that the page is asked today."""
    before = AT - 30 * DAY
    actions.send_facts(made.again(), by=clerk, at=before)
    operator = own.actor(made.operators[0])
    if state == "facts":
        actions.tell_fact(made.evaluation(), None, "x", by=operator, at=before, token=uuid.uuid4())
        return made
    text = actions.propose_notice(made.again(), by=clerk, at=before + 12 * DAY)
    public = own.pass_gate(text, made.approver, at=before + 12 * DAY)
    actions.announce(made.again(), public, by=Actor.calendar(), at=before + 12 * DAY)
    made.again()
    if state in {"notice", "answered"}:
        return _objected(made, state, clerk, operator, before + 13 * DAY)
    actions.close_notice(made.round, by=clerk, at=AT)
    if state == "called":
        actions.call_meeting(made.again(), "decision", AT, "会议室", by=clerk, at=AT)
        return made
    if state == "decision":
        meeting = actions.call_meeting(made.again(), "decision", AT, "会议室", by=clerk, at=AT)
        actions.hold_meeting(meeting, [s.pk for s in made.seats], by=clerk, at=AT)
        return made
    return _final(made, clerk, operator)


def _objected(made: own.Stage, state: str, clerk: Actor, operator: Actor, at: Any) -> own.Stage:
    objection = actions.file_objection(
        made.evaluation(), "x", by=operator, at=at, token=uuid.uuid4()
    )
    if state == "answered":
        for _ in range(3):
            own.evaluator("parent")
        panel = actions.assign_objection(objection, by=clerk, at=AT)
        lead = own.actor(panel.members.get(is_leader=True).evaluator.user)
        objection.refresh_from_db()
        change = {"5.1.1": {"points": "70", "reason": "x"}}
        actions.propose_answer(objection, "x", change, by=lead, at=AT)
    return made


def _final(made: own.Stage, clerk: Actor, operator: Actor) -> own.Stage:
    own.decide(made, at=AT)
    text = actions.propose_result(made.again(), by=clerk, at=AT)
    public = own.pass_gate(text, made.approver, at=AT)
    actions.finish(made.again(), public, by=Actor.calendar(), at=AT)
    made.again()
    plan = made.evaluation().plan
    actions.submit_plan(plan, "x", AT.date() + 30 * DAY, by=operator, at=AT)
    actions.propose_amendment(made.evaluation(), "lower", "D", "x", by=clerk, at=AT)
    return made
