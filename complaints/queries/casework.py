"""What the caseworkers' pages ask: who holds cases, alarms that ring, what a letter may go to."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Q, QuerySet

from complaints import rules
from complaints.models import Complaint, ComplaintFile, Lane, StatementRequest
from complaints.workflow import OPEN, WORKED_ON, ComplaintStatus
from facilities.models import Facility, Transfer
from facilities.queries.leads import known_by_code
from facilities.queries.phrases import phrases_for
from portal.core.models import Attachment, User, staff_with
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from .people import WORKERS

S = ComplaintStatus
BY_DAY: tuple[Any, ...] = (F("finish_due").asc(nulls_first=True), "received_on", "number")
NEWEST: tuple[Any, ...] = ("-received_on", "number")


def people_with_cases(user: User) -> QuerySet[User]:
    """Whoever deals with an open case that the person sees."""
    seen = Complaint.objects.visible_to(user).filter(state__in=OPEN).exclude(handler=None)
    return User.objects.filter(pk__in=seen.order_by().values("handler")).order_by("id")


def ringing(user: User) -> int:
    """How many alarms nobody has acknowledged, of those the person sees."""
    seen = Complaint.objects.visible_to(user).filter(lane=Lane.RED, acknowledged_by=None)
    return seen.filter(state=S.RECEIVED).count()


def waiting_for(user: User) -> QuerySet[Complaint]:
    """What waits for this person's hand: his own cases, new ones nobody has, replies to approve."""
    seen = Complaint.objects.visible_to(user)
    mine = Q(handler=user, state__in=WORKED_ON)
    free = Q(handler=None, parent=None, state__in=WORKED_ON | {S.RECEIVED})
    if user.has_role(Role.HANDLER, Role.RED_LANE):
        anew = Q(first_handler=user) | Q(first_author=user)
        mine |= free & ~anew & ~Q(lane=Lane.DISCIPLINE)
        mine |= Q(handler=user, state=S.RECEIVED)
    if user.has_role(Role.AUDITOR):
        mine |= Q(lane=Lane.DISCIPLINE, state__in=(S.RECEIVED, S.REFERRED, S.REOPENED))
    second = (Q(lane=Lane.NORMAL) if user.has_role(Role.APPROVER) else Q(pk__in=[])) | (
        Q(lane=Lane.RED) if user.has_role(Role.RED_LANE) else Q(pk__in=[])
    )
    mine |= Q(state=S.REPLY_PROPOSED) & second & ~Q(proposed_by=user)
    return seen.filter(mine).order_by(*BY_DAY)


def phrases_of(complaint: Complaint, user: User, use: str, on: dt.date) -> list[tuple[str, str]]:
    """The reusable phrases for this case as they would read in it: key and words."""
    facts = {
        "编号": complaint.number, "日期": cn_date(on),
        "机构": complaint.facility.name if complaint.facility else "这家机构",
    }  # fmt: skip
    return [(key, rules.filled(text, facts)) for key, _use, text in phrases_for(user, use)]


def due_of(complaint: Complaint) -> dt.date | None:
    """The day that counts now: the first answer, then the end; none once it has ended."""
    if complaint.state == S.RECEIVED:
        return complaint.respond_due
    return complaint.finish_due if complaint.state in OPEN else None


def facility_of(code: str) -> Facility | None:
    """The facility of a register number or credit code."""
    return known_by_code(code)[0]


def transfer_of(complaint: Complaint, letter: uuid.UUID) -> Transfer | None:
    """A letter of this case and no other."""
    found: Transfer | None = Transfer.objects.of(complaint).filter(pk=letter).first()
    return found


def file_of(complaint: Complaint, wanted: uuid.UUID) -> ComplaintFile | None:
    """A file of this case that has not been destroyed."""
    file = complaint.files.filter(pk=wanted).exclude(storage_key="").first()
    if file is not None:
        file.complaint = complaint
    return file


def assistants_of(complaint: Complaint) -> list[User]:
    """Who works on it beside the handler."""
    return list(complaint.assistants.order_by("id"))


def answer_files(statements: list[StatementRequest]) -> dict[uuid.UUID, list[Attachment]]:
    """The files of the facility's answers, by request, in one query."""
    found: dict[uuid.UUID, list[Attachment]] = {each.pk: [] for each in statements}
    if not found:
        return found
    kind = ContentType.objects.get_for_model(StatementRequest)
    files = Attachment.objects.filter(noun_type=kind, noun_id__in=found).present()
    for file in files.order_by("id"):
        found[file.noun_id].append(file)
    return found


def is_another_order(number: str, submit_key: str) -> bool:
    """Whether the work order of 12345 is known already, by another form than this one."""
    return Complaint.objects.filter(external_number=number).exclude(submit_key=submit_key).exists()


def workers_for(lanes: Iterable[str], on: dt.date) -> QuerySet[User]:
    """Who deals with cases of these lanes today; whether with each of them, the act decides."""
    people = Q(pk__in=[])
    for role in {WORKERS[Lane(lane)] for lane in lanes}:
        people |= Q(pk__in=staff_with(role, on).order_by().values("pk"))
    return User.objects.filter(people).order_by("post", "display_name")


def held_by(people: QuerySet[User], user: User) -> dict[Any, int]:
    """How many open cases each holds, of those `user` sees: the number tells of no other."""
    seen = Complaint.objects.visible_to(user).filter(state__in=OPEN)
    mine = seen.filter(handler__in=people.order_by().values("pk"))
    counted = mine.order_by().values("handler").annotate(n=Count("pk"))
    return {row["handler"]: row["n"] for row in counted}


def deals_with(complaint: Complaint, user: User) -> bool:
    """Whether the case lies with the person: he handles it or helps with it.

    Among the discipline inspectors nothing is given to one of them.
    """
    if complaint.lane == Lane.DISCIPLINE:
        return user.has_role(Role.AUDITOR)
    return complaint.handler_id == user.pk or complaint.assistants.filter(pk=user.pk).exists()
