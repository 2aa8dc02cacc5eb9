"""Pages as they stand when something has happened: the table of permissions names each once.

Every line is a route, some words, the role that looks, and the object that is made for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from django.urls import reverse

from facilities import actions
from facilities.models import Filing, Transfer
from portal.core import jobs, publishing
from portal.core.actors import Actor
from tests import makers as make
from tests.complaints import cases as complaint_cases
from tests.evaluations import world_sides
from tests.house.test_matrix import OWN, World
from tests.inspections import field_pages
from tests.inspections import makers as supervision

AT = make.AT
_n = count(1)


def registered(world: World) -> Any:
    """A facility of the operator's own that nothing has happened to yet."""
    return World._make(world, "registered", OWN).facility


def own(world: World) -> Actor:
    """The operator of the world."""
    return Actor.person(world.people["operator"])


def changing(world: World, *, sent: bool = False) -> Filing:
    """The report that the manager is another: still with the operator, or at the office."""
    facility = registered(world)
    made = actions.start_change(facility, ["manager"], uuid.uuid4(), by=own(world), at=AT)
    section = made.sections.get(key="registration")
    answers = section.answers | {"manager": "新负责人"}
    actions.save_section(
        made, "registration", answers, answers, version=section.version, by=own(world), at=AT
    )
    made.refresh_from_db()
    if not sent:
        return made
    return actions.submit_filing(made, "新负责人", make.DECLARATION, by=own(world), at=AT)


def came_back(world: World) -> Filing:
    """A filing that was corrected, with the operator's new value beside the old one."""
    clerk = Actor.person(world.people["clerk"])
    made = World._make(world, "in_review", OWN)
    asked = actions.request_correction(made, by=clerk, at=AT)
    section = asked.sections.get(key="premises")
    answers = section.answers | {"address": "龙泉路20号"}
    actions.save_section(
        asked, "premises", answers, answers, version=section.version, by=own(world), at=AT
    )
    asked.refresh_from_db()
    sent = actions.submit_filing(asked, "示例负责人", make.DECLARATION, by=own(world), at=AT)
    return actions.take_filing(sent, by=clerk, at=AT)


def brought_in(world: World, state: str) -> Any:
    """A list of facilities in this state; done, it can be taken back."""
    clerk = Actor.person(world.people["clerk"])
    name = f"名单{next(_n)}.xlsx"
    job = actions.start_import(make.national_list(faulty=2), name, by=clerk, at=AT)
    if state == "done":
        jobs.confirm(job, by=clerk, at=AT)
        jobs.work(AT)
    return job


def compared(world: World) -> Any:
    """A comparison with something in each of its three lists."""
    clerk = Actor.person(world.people["clerk"])
    known = registered(world)
    rows = make.national_rows(2)
    rows.append(make.national_rows(1)[0] | {"uscc": known.uscc, "name": "另一个名字（示例）"})
    name = f"名单{next(_n)}.xlsx"
    job = actions.start_comparison(make.national_list(rows), name, by=clerk, at=AT)
    jobs.work(AT)
    return job


def public_text(world: World, *, withdrawn: bool = False) -> Any:
    """A publication that stands open to everybody, or was taken back."""
    text = make.publication(world.clerk, registered(world), "经核实，内容属实。")
    decider = Actor.person(make.approver())
    made = publishing.publish(text, by=decider, at=AT)
    if withdrawn:
        publishing.withdraw_publication(made, "内容有误", by=decider, at=AT)
    return made


def lead(state: str) -> Callable[[World], Any]:
    """A hint of a place in this state."""
    return lambda world: world.lead(state, OWN).number


def number(make_it: Callable[[World], Any]) -> Callable[[World], Any]:
    """The number of what is made."""
    return lambda world: make_it(world).number


def key(make_it: Callable[[World], Any]) -> Callable[[World], Any]:
    """The id of what is made."""
    return lambda world: make_it(world).pk


def paused(world: World) -> Any:
    """A facility that is closed for some days."""
    facility = registered(world)
    make.pause(facility)
    return facility.code


def full_case(world: World) -> Any:
    """A case with two of everything that its pages show."""
    return complaint_cases.grow(world, 2)


def on_the_phone(world: World, *, state: str) -> Any:
    """A visit of the world's inspector, as far as this."""
    place, team = registered(world), [world.people["inspector"]]
    if state == "done":
        return supervision.completed("ZH-07", place=place, team=tuple(team))
    if state == "signed":
        return supervision.signed(supervision.answered(supervision.on_site(*team, place=place)))
    if state == "noted":
        return supervision.answered(supervision.on_site(*team, place=place), "ZH-07")
    return field_pages.made(f"field {state}", place, team)


def reported_finding(world: World) -> Any:
    """A finding the operator says is put right."""
    return supervision.reported(place=registered(world))


def handed_in(world: World) -> Any:
    """A monthly check that is over."""
    made = world_check(world)
    by = own(world)
    for item in made.checklist.items.all():
        supervision.actions.answer_self_check(
            made, item, "pass", photo=supervision.photo(), by=by, at=AT
        )
    return supervision.actions.submit_self_check(made, by=by, at=AT)


def world_check(world: World) -> Any:
    """A monthly check that was begun."""
    return supervision.actions.start_self_check(registered(world), by=own(world), at=AT)


def told(world: World) -> Any:
    """The number of a finding of the operator's own."""
    return supervision.finding(place=registered(world)).number


def evaluated(world: World, *, state: str) -> Any:
    """The evaluation of the operator's facility in a round in this state."""
    return world_sides._stage(world, state, OWN).evaluation()


def its_round(world: World, *, state: str) -> Any:
    """The round of the operator's facility in this state."""
    return world_sides._stage(world, state, OWN).round


def own_sheet(world: World, *, state: str) -> Any:
    """The sheet of the evaluator, who leads the panel."""
    made = world_sides._stage(world, state, OWN)
    return made.sheet(next(seat for seat in made.seats if seat.is_leader))


def nothing(_world: World) -> Any:
    """The page is about no object."""
    return None


def merged(world: World) -> Any:
    """Two records that became one."""
    source, target, by = registered(world), registered(world), Actor.person(world.clerk)
    waiting = actions.propose_merge(source, target, "示例", uuid.uuid4(), by=by, at=AT)
    return actions.merge_facilities(waiting, by=Actor.person(make.approver()), at=AT)


# Route and words, the role, the object, what is asked for.
STANDING: list[tuple[str, str, Callable[[World], Any], str]] = [
    ("my:filing change", "operator", number(changing), ""),
    ("my:check change", "operator", number(changing), ""),
    ("my:registration change", "operator", number(changing), ""),
    ("my:filing closing", "operator", number(lambda w: w.closure("closing", OWN)), ""),
    ("my:check closure", "operator", number(lambda w: w.closure("closure_draft", OWN)), ""),
    ("my:pause planned", "operator", key(lambda w: make.pause(registered(w), ahead=9)), ""),
    ("my:pause running", "operator", key(lambda w: make.pause(registered(w))), ""),
    ("my:change_new tile", "operator", nothing, "?tile=manager"),
    ("desk:filing change", "clerk", number(lambda w: changing(w, sent=True)), ""),
    ("desk:filing closure", "clerk", number(lambda w: w.closure("closing", OWN)), ""),
    ("desk:filing again", "clerk", number(came_back), ""),
    ("desk:facility paused", "clerk", paused, ""),
    ("public:facility paused", "anonymous", paused, ""),
    ("desk:pause running", "clerk", key(lambda w: make.pause(registered(w))), ""),
    ("desk:import_job checked", "clerk", key(lambda w: brought_in(w, "waiting")), ""),
    ("desk:import_job done", "clerk", key(lambda w: brought_in(w, "done")), ""),
    ("desk:compare_job here", "clerk", key(compared), ""),
    ("desk:compare_job there", "clerk", key(compared), "?part=missing_there"),
    ("desk:compare_job different", "clerk", key(compared), "?part=different"),
    ("desk:jobs full", "clerk", nothing, ""),
    *(
        (f"desk:lead {state}", "clerk", lead(state), "")
        for state in ("verified", "guided", "transferred", "closed")
    ),
    ("desk:complaints urgent", "red_lane", nothing, "?state=received"),
    ("desk:complaints none", "handler", nothing, "?q=没有这样的"),
    ("desk:complaint work", "handler", key(full_case), "?tab=work"),
    ("desk:complaint people", "handler", key(full_case), "?tab=people"),
    ("desk:complaint red", "red_lane", key(lambda _w: complaint_cases.make.complaint("C1")), ""),
    ("desk:merge_new sides", "clerk", lambda w: registered(w).code, "?target=SP-TY-0001"),
    ("desk:merge done", "approver", key(merged), ""),
    ("desk:leads none", "clerk", nothing, "?q=没有这样的"),
    ("desk:leads all", "clerk", nothing, "?state="),
    ("desk:disclosure public", "clerk", nothing, "?state=published"),
    ("desk:disclosure all", "clerk", nothing, "?state=all"),
    ("desk:publication public", "approver", key(public_text), ""),
    ("desk:publication gone", "approver", key(lambda w: public_text(w, withdrawn=True)), ""),
    ("desk:expiries over", "clerk", nothing, "?state=overdue"),
    ("desk:expiries soon", "clerk", nothing, "?state=soon"),
    ("desk:expiries none", "clerk", nothing, "?q=没有这样的"),
    *(
        (f"desk:field_visit {state}", "inspector", number(partial(on_the_phone, state=state)), "")
        for state in ("started", "refused", "inside", "signing", "done")
    ),
    ("desk:field_sign signed", "inspector", number(partial(on_the_phone, state="signed")), ""),
    ("desk:field_check noted", "inspector", number(partial(on_the_phone, state="noted")), ""),
    ("my:finding reported", "operator", number(reported_finding), ""),
    ("my:self_check submitted", "operator", key(handed_in), ""),
    ("my:findings all", "operator", nothing, "?state=all"),
    ("panel:pledge before", "evaluator", number(partial(its_round, state="started")), ""),
    ("panel:dossier scoring", "evaluator", key(partial(own_sheet, state="scoring")), ""),
    ("panel:moderation agreed", "evaluator", key(partial(evaluated, state="agreed")), ""),
    ("my:evaluation notice", "operator", key(partial(evaluated, state="notice")), ""),
    ("my:evaluation objected", "operator", key(partial(evaluated, state="objected")), ""),
    ("my:evaluation final", "operator", key(partial(evaluated, state="final")), ""),
    ("public:publication gone", "anonymous", key(lambda w: public_text(w, withdrawn=True)), ""),
]


def person(world: World) -> Any:
    """The id of somebody who works in a facility of the operator's own."""
    return registered(world).staff.earliest("id").pk


@dataclass(frozen=True)
class Form:
    """The address of a route, for objects that are made when it is opened."""

    route: str
    made: tuple[Callable[[World], Any], ...]

    def __call__(self, world: World) -> str:
        """Make them."""
        return reverse(self.route, args=[each(world) for each in self.made])


def of(route: str, *made: Callable[[World], Any]) -> Form:
    """A form and what it is about."""
    return Form(route, made)


def draft(world: World) -> Any:
    """The number of a filing that is filled in, not sent."""
    return World._make(world, "draft", OWN).number


def code(world: World) -> Any:
    """The code of a facility of the operator's own."""
    return registered(world).code


def waiting_text(world: World) -> Any:
    """The id of a text that waits for the second person."""
    return make.publication(world.clerk, registered(world), "经核实，内容属实。").pk


def waiting_merge(world: World) -> Any:
    """The id of a merge that waits for the second person."""
    return World.merge(world, OWN).pk


def case(act: str) -> Callable[[World], Any]:
    """The id of a complaint in the state of this act."""
    route = f"desk:complaint_{act}"
    return lambda world: complaint_cases.for_route(world, route, red=False)["id"]


def planned(world: World) -> Any:
    """The id of a pause that has not begun."""
    return make.pause(registered(world), ahead=9).pk


def new_row(_world: World) -> Any:
    """A person of the list who is not there yet."""
    return uuid.uuid4()


def reviewed(world: World) -> Any:
    """The number of a filing under review."""
    return World._make(world, "in_review", OWN).number


# Address, role, and how many faults the empty form has at least.
EMPTY_FORMS: list[tuple[Form, str, int]] = [
    (of("my:services", draft), "operator", 5),
    (of("my:safety", draft), "operator", 5),
    (of("my:staff_person", draft, new_row), "operator", 3),
    (of("my:change_new"), "operator", 1),
    (of("my:closure", number(lambda w: w.closure("closure_draft", OWN))), "operator", 7),
    (of("my:pause_new", code), "operator", 5),
    (of("my:pause_prolong", planned), "operator", 1),
    (of("my:enrolment", code), "operator", 2),
    (of("my:join"), "operator", 1),
    (of("my:staff_add", code, new_row), "operator", 3),
    (of("my:staff_ledger_import", code), "operator", 1),
    (of("my:staff_leave", person), "operator", 1),
    (of("my:inspection_object", number(lambda w: on_the_phone(w, state="done"))), "operator", 1),
    (of("my:finding_plan", told), "operator", 1),
    (of("my:finding_report", told), "operator", 2),
    (of("my:finding_extension", told), "operator", 2),
    (of("my:finding_dispute", told), "operator", 1),
    (of("desk:field_door", number(lambda w: on_the_phone(w, state="started"))), "inspector", 1),
    (of("desk:field_other", number(lambda w: on_the_phone(w, state="inside"))), "inspector", 1),
    (of("desk:field_refuse", number(lambda w: on_the_phone(w, state="signing"))), "inspector", 2),
    (of("desk:counter_new"), "clerk", 2),
    (of("desk:phrase_new"), "clerk", 1),
    (of("desk:department_new"), "clerk", 2),
    (of("desk:lead_new"), "clerk", 3),
    (of("desk:complaint_new"), "handler", 3),
    (of("desk:complaint_orders"), "handler", 1),
    (of("desk:complaint_reject", case("reject")), "handler", 2),
    (of("desk:complaint_report", case("report")), "red_lane", 4),
    (of("desk:complaint_propose_reply", case("propose_reply")), "handler", 3),
    (of("desk:complaint_refer", case("refer")), "handler", 2),
    (of("desk:lead_verify", lead("new")), "clerk", 1),
    (of("desk:lead_transfer", lead("verified")), "clerk", 1),
    (of("desk:lead_close", lead("verified")), "clerk", 1),
    (of("desk:transfer_answer", lambda w: Transfer.objects.of(w.lead("transferred", OWN)).get().pk),
     "clerk", 1),
    (of("desk:cancellation", code), "clerk", 2),
    (of("desk:merge_decide", waiting_merge), "approver", 1),
    (of("desk:pause_note", planned), "clerk", 1),
    (of("desk:staff_reveal", person), "clerk", 1),
    (of("desk:import"), "clerk", 1),
    (of("desk:compare"), "clerk", 1),
    (of("desk:publication_hand_back", waiting_text), "approver", 1),
    (of("desk:publication_withdraw", key(public_text)), "approver", 1),
]  # fmt: skip


def address_of(world: World, name: str) -> tuple[str, str]:
    """The address of a line of STANDING and the role; what it is about is made now."""
    _name, role, made, query = next(line for line in STANDING if line[0] == name)
    about = made(world)
    route = name.partition(" ")[0]
    return reverse(route, args=[] if about is None else [about]) + query, role
