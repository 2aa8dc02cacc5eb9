"""Forms of inspections and evaluations, each where its act is the next one."""

from __future__ import annotations

import base64
from typing import Any

from django.urls import reverse

from evaluations import actions as evaluation_acts
from facilities import actions as register
from inspections import actions
from inspections.forms.field import PNG
from inspections.models import DelegatedItem, Inspection
from portal.core.actors import Actor
from tests import makers
from tests.evaluations import makers as rounds
from tests.house.forms_found import Found, choices_of
from tests.house.readying import OWN, Maker, Ready
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, LATER, actor


def with_number(route: str, number: str) -> Ready:
    return Ready(reverse(route, kwargs={"number": number}))


# --- inspections ---------------------------------------------------------------------------------


def team(_world: Any, _form: Found) -> Ready:
    """Two who may go out by law."""
    people = [str(make.certified().pk) for _ in range(2)]
    return Ready(typed={"people": people})


def drawn(_world: Any, _form: Found) -> Ready:
    """A visit whose people the lot chose, with one left who could go instead."""
    for _ in range(3):
        make.inspector()
    plan = make.plan_in_force(percent=100)
    actions.draw_plan(plan, seed="示例", by=actor(makers.clerk()), at=AT)
    visit = Inspection.objects.filter(plan=plan).earliest("number")
    return with_number("desk:inspection_replace", visit.number)


def planned(_world: Any, _form: Found) -> Ready:
    """A plan in which nothing is left to the lot."""
    plan = make.plan_in_force(selection="planned")
    return with_number("desk:plan_schedule", plan.number)


def checked(_world: Any, form: Found) -> Ready:
    """The matter once a clerk has compared it with its original."""
    item = DelegatedItem.objects.get(pk=form.url.rstrip("/").split("/")[-2])
    actions.propose_delegated({}, item=item, by=actor(makers.clerk()), at=AT)
    return Ready()


def grave(world: Any, _form: Found) -> Ready:
    """A finding so grave that it may be named."""
    place = world.filing("registered", OWN).facility
    return with_number("desk:finding_publish", make.finding("ZH-08", place=place).number)


def opposite(world: Any, _form: Found) -> Ready:
    """A facility held high, with the best public grade."""
    place = world.filing("registered", OWN).facility
    make.finding("ZH-08", place=place)
    register.record_grade(place, "A", DAY, 1, by=Actor.calendar(), at=LATER)
    return Ready()


def done(world: Any, _form: Found) -> Ready:
    """The visit with every question answered."""
    visit = Inspection.objects.get(pk=world.states["field inside", OWN].pk)
    make.answered(visit, "ZH-07")
    return Ready()


def signed(_world: Any, form: Found) -> Ready:
    """A name drawn by finger, in the place that is signed."""
    stroke = make.signature()
    text = PNG + base64.b64encode(stroke.content).decode()
    return Ready(typed={name: [text] for name in form.names if name.endswith("-drawn")})


def people_seen(_world: Any, form: Found) -> Ready:
    """The papers of everybody are in order."""
    return Ready(typed={name: ["yes"] for name in form.names if name.endswith("-in_order")})


def self_checked(world: Any, _form: Found) -> Ready:
    """The check with every point answered."""
    check = world.states["my:self_check", OWN]
    by = actor(world.people["operator"])
    for item in check.checklist.items.all():
        picture = make.photo() if item.wants_photo else None
        actions.answer_self_check(check, item, "pass", photo=picture, by=by, at=AT)
    return Ready()


# --- evaluations ---------------------------------------------------------------------------------


def stage(world: Any, state: str) -> rounds.Stage:
    """The world's own round in that state, as it stands."""
    made: rounds.Stage = world.states["evaluation", state, OWN]
    made.again()
    return made


def facts_answered(world: Any, _form: Found) -> Ready:
    made = stage(world, "facts")
    for remark in made.evaluation().remarks.all():
        evaluation_acts.answer_fact(remark, "示例", by=actor(made.clerk), at=AT)
    return Ready()


def nothing_objected(world: Any, _form: Found) -> Ready:
    """The facility has taken its objection back."""
    made = stage(world, "notice")
    objection = made.evaluation().objections.get()
    evaluation_acts.withdraw_objection(objection, by=actor(made.operators[0]), at=AT)
    return Ready()


def everybody_there(_world: Any, form: Found) -> Ready:
    """All of the panel; or all but one."""
    seats = choices_of(form.fields["present"])
    others = [[seat for seat in seats if seat != away] for away in seats]
    return Ready(typed={"present": seats}, others={"present": others})


def voted(vote: str, *, closes: bool = True, decides: bool = False) -> Maker:
    """The meeting in which everybody voted so; its minutes final, and the result decided."""

    def made(world: Any, _form: Found) -> Ready:
        found = stage(world, "decision")
        by, meeting = actor(found.clerk), found.round.meetings.get()
        votes = dict.fromkeys((seat.pk for seat in found.seats), vote)
        evaluation_acts.record_votes(meeting, found.evaluation(), votes, by=by, at=AT)
        if closes:
            meeting = evaluation_acts.close_meeting(meeting, "审定结果。", by=by, at=AT)
        if decides:
            evaluation_acts.decide(found.again(), meeting, by=by, at=AT)
        return Ready()

    return made


def too_few(_world: Any, _form: Found) -> Ready:
    """A facility that three of its five scorers stay away from."""
    made = rounds.scoring()
    for seat in made.seats[:3]:
        by = actor(made.user(seat))
        evaluation_acts.recuse(made.evaluation(), seat, "other", by=by, at=AT)
    found = {"number": made.round.number, "code": made.facilities[0].code}
    return Ready(reverse("desk:evaluation_scorer", kwargs=found))


def scored(_world: Any, form: Found) -> Ready:
    """Points that every item has."""
    return Ready(typed={name: ["1"] for name in form.names if name.endswith("-points")})


READY: dict[str, Maker] = {
    "desk:inspection_propose": team, "desk:inspection_replace": drawn,
    "desk:plan_schedule": planned, "desk:delegated_confirm": checked,
    "desk:finding_publish": grave, "desk:risk_explain": opposite, "desk:field_finish": done,
    "desk:field_sign": signed, "desk:field_staff": people_seen,
    "my:self_check_submit": self_checked,
    "desk:evaluation_notice": facts_answered, "desk:evaluation_close_notice": nothing_objected,
    "desk:meeting_hold": everybody_there, "desk:meeting_close": voted("yes", closes=False),
    "desk:evaluation_decide": voted("yes"), "desk:evaluation_reconsider": voted("no"),
    "desk:evaluation_publish": voted("yes", decides=True),
    "desk:evaluation_scorer": too_few, "panel:dimension": scored,
}  # fmt: skip
