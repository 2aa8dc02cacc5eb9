"""Forms of accounts, reports, facilities and complaints, each where its act is the next one."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from complaints import actions as complaint_acts
from facilities import actions
from facilities.models.review import Verdict
from facilities.queries import desk as desk_queries
from facilities.views.desk import judging, reading
from portal.core import clock, staffing
from portal.core.actors import Actor
from portal.core.administration import law
from portal.core.models import GrantChange, PackProposal
from portal.core.queries import in_force
from portal.core.regulation.loader import parse_pack
from tests import makers as make
from tests import register
from tests.complaints import makers as complaints
from tests.house import workbooks
from tests.house.forms_found import Found
from tests.house.readying import OWN, Maker, Ready

AT = make.AT
FRESH = "13912345678"  # a telephone nobody has signed up with
PASSWORDS = (
    "another-long-password",
    "很长的密码示例一二三四",
    " with spaces around ",
    "\U0001f469\u200d" * 9,
)


def actor(world: Any, role: str) -> Actor:
    return Actor.person(world.people[role])


# --- accounts ------------------------------------------------------------------------------------


def signing_up(_world: Any, _form: Found) -> Ready:
    return Ready(typed={"username": [FRESH]})


def invited(world: Any, _form: Found) -> Ready:
    """A colleague with the code he was given."""
    by = actor(world, "sysadmin")
    person, code = staffing.invite("new.colleague", "新同事", "经办人", by=by, at=AT)
    return with_code(person.username, code)


def with_code(name: str, code: str) -> Ready:
    """The code as it is printed or as people type it; other passwords, twice the same."""
    groups = [code[at : at + 4] for at in range(0, len(code), 4)]
    codes = [code.lower(), "-".join(groups), " ".join(groups)]
    both = [{"password1": [each], "password2": [each]} for each in PASSWORDS]
    others = {"username": [f" {name} "], "code": codes, "password1": both, "password2": both}
    return Ready(typed={"username": [name], "code": [code]}, others=others)


def recovering(world: Any, _form: Found) -> Ready:
    """Somebody of a facility with the code from the counter."""
    name = world.people["operator"].username
    code = staffing.give_operator_code(
        name, resets_factor=False, by=Actor.person(world.clerk), at=AT
    )
    assert code
    return with_code(name, code)


def at_the_counter(world: Any, _form: Found) -> Ready:
    return Ready(typed={"username": [world.people["operator"].username]})


def role_nobody_gave(_world: Any, _form: Found) -> Ready:
    """The colleague acts for a clerk; he may go out as well."""
    return Ready(typed={"role": ["inspector"], "community": [""]})


def deputy(world: Any, _form: Found) -> Ready:
    """A clerk whose post is his own, and an inspector who could act in it."""
    page = reverse("desk:user_deputy", kwargs={"id": world.clerk.pk})
    return Ready(page, {"deputy": [str(make.user("inspector").pk)]})


def right_nobody_asked_for(_world: Any, form: Found) -> Ready:
    """No other change of the right of the table waits for the second person."""
    role, right = form.url.rstrip("/").split("/")[-3:-1]
    for waiting in GrantChange.objects.filter(role=role, right=right, state="proposed"):
        staffing.rights.withdraw(waiting, by=Actor.person(waiting.proposed_by), at=AT)
    return Ready()


def pack(_world: Any, _form: Found) -> Ready:
    """A text of the law in which something is new, and no other waits for the second person."""
    base = law.newest("filing")
    assert base
    for waiting in PackProposal.objects.filter(key=base.key, state="proposed"):
        law.decline(waiting, "示例", by=Actor.person(make.approver()), at=AT)
    text = make.more_of(parse_pack(json.loads(base.content), version=base.version))
    return Ready(typed={"text": [text], "file": []})


# --- reports and facilities ----------------------------------------------------------------------


def judged(world: Any, _form: Found) -> Ready:
    """The report with a verdict on each of its parts."""
    filing = world.filing("in_review", OWN)
    dossier = desk_queries.dossier(filing, in_force(clock.day_of(AT)))
    papers = reading.judged_papers(dossier)
    for unit in judging.judge(dossier, papers, judging.differences(dossier)).units:
        if unit.said is None:
            by = Actor.person(world.clerk)
            actions.give_verdict(filing, unit.section, unit.item, Verdict.PASS, by=by, at=AT)
    return Ready()


def changing(world: Any, _form: Found) -> Ready:
    """A facility of his about which nothing is under way."""
    register.registered(world.people["operator"], world.clerk)
    return Ready()


def facility_code(field: str) -> Maker:
    """The number of a facility in the register."""

    def known(world: Any, _form: Found) -> Ready:
        others = [register.facility().code for _ in range(2)]
        code = world.filing("registered", OWN).facility.code
        return Ready(typed={field: [code]}, others={field: others})

    return known


def told_at_the_counter(world: Any, _form: Found) -> Ready:
    """What somebody tells of a facility in the register."""
    code = world.filing("registered", OWN).facility.code
    return Ready(typed={"code": [code], "place": [""]})


def workbook(field: str, books: Any) -> Maker:
    """A workbook with the rows of its template, and others of the kind."""

    def filled(_world: Any, _form: Found) -> Ready:
        first, *rest = books()
        return Ready(typed={field: [first]}, others={field: rest})

    return filled


def people(world: Any, form: Found) -> Ready:
    """A list of people; a person sends a file or pasted lines, never both."""
    made = workbook("workbook", workbooks.of_people)(world, form)
    return Ready(typed=made.typed | {"pasted": [""]}, others=made.others)


# --- complaints ----------------------------------------------------------------------------------


def followed(_world: Any, _form: Found) -> Ready:
    """Number and code as they stand on the receipt."""
    case, code = complaints.submitted()
    return Ready(typed={"number": [case.number], "code": [code], "challenge": [""], "answer": [""]})


def merged(world: Any, _form: Found) -> Ready:
    """Another case of the same matter, and two more."""
    first, *rest = [complaints.accepted(world.people["handler"]).number for _ in range(3)]
    return Ready(typed={"number": [first]}, others={"number": rest})


def contact(world: Any, form: Found) -> Ready:
    """A case of somebody who has told how to reach him."""
    case = complaints.accepted(world.people[form.actor], contact=complaints.CONTACT)
    return Ready(reverse("desk:complaint_ask_contact", kwargs={"id": case.pk}))


def category(route: str) -> Maker:
    """A case of which a colleague says that it is another matter."""

    def proposed(_world: Any, _form: Found) -> Ready:
        by = complaints.handler()
        case = complaints.accepted(by)
        complaint_acts.propose_category(case, "C9", "示例", by=Actor.person(by), at=AT)
        return Ready(reverse(route, kwargs={"id": case.pk}))

    return proposed


def answered(_world: Any, _form: Found) -> Ready:
    """That it was not true: what was true needs something that follows."""
    return Ready(typed={"result": ["not_upheld"]})


READY: dict[str, Maker] = {
    "account_signup": signing_up, "account_invited": invited, "account_recover": recovering,
    "desk:operator_code": at_the_counter, "desk:user_role": role_nobody_gave,
    "desk:user_deputy": deputy, "desk:right_new": right_nobody_asked_for, "desk:pack_new": pack,
    "desk:propose": judged, "my:change_new": changing, "desk:lead_link": facility_code("code"),
    "desk:evaluator_tie": facility_code("facility"), "desk:complaint_new": told_at_the_counter,
    "desk:import": workbook("file", workbooks.of_facilities),
    "desk:compare": workbook("file", workbooks.of_facilities),
    "desk:complaint_orders": workbook("file", workbooks.of_orders),
    "desk:indicator_import": workbook("workbook", workbooks.of_indicators),
    "my:staff": people, "my:staff_ledger_import": people,
    "complaints:track": followed, "desk:complaint_merge": merged,
    "desk:complaint_ask_contact": contact, "desk:complaint_propose_reply": answered,
    "desk:complaint_confirm_category": category("desk:complaint_confirm_category"),
    "desk:complaint_refuse_category": category("desk:complaint_refuse_category"),
}  # fmt: skip
