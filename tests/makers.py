"""Makers build one sound thing with the fewest rows; keywords say what matters to the test.

Filings are made through the actions, as people make them, so that audit, papers and messages are
there as in life.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from itertools import count
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from facilities import actions
from facilities.models import Facility, Filing
from facilities.models.choices import Proposal
from portal.core import clock
from portal.core.actors import Actor
from portal.core.identifiers import organisation_check
from portal.core.models import Community, RoleAssignment, User
from portal.core.roles import Role

PASSWORD = "a-long-test-password"
AT = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # Monday 9:00 in Shanghai
DECLARATION = "以上内容真实、完整。"
_n = count(1)
_OUTER = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OUTER_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def user(
    *roles: str,
    community: Community | None = None,
    on: dt.date | None = None,
    password: str = "",
    **fields: Any,
) -> User:
    """A person holding `roles` since a year, in `community` or for the whole street."""
    number = next(_n)
    made = User(username=f"user{number}", display_name=f"岗位{number}", **fields)
    if password:
        made.set_password(password)
    made.save()
    since = (on or AT.date()) - dt.timedelta(days=365)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=made, role=role, community=community, valid_from=since)
        for role in roles
    )
    return made


def operator(**fields: Any) -> User:
    """A person who files for a facility."""
    return user(Role.OPERATOR, **fields)


def clerk(**fields: Any) -> User:
    """A person who reviews."""
    return user(Role.CLERK, **fields)


def approver(**fields: Any) -> User:
    """A person who decides."""
    return user(Role.APPROVER, **fields)


def community(slug: str = "longquan") -> Community:
    """One of the communities the reference data bring."""
    return Community.objects.get(slug=slug)


def uscc(number: int | None = None, prefix: str = "91") -> str:
    """A synthetic credit code, both check digits right."""
    body = f"MA{number if number is not None else next(_n):06d}"
    start = f"{prefix}410481{body}"
    code = start + organisation_check(body)
    total = sum(_OUTER.index(c) * w for c, w in zip(code, _OUTER_WEIGHTS, strict=True))
    return code + _OUTER[(31 - total % 31) % 31]


def pdf(pages: int = 1, name: str = "paper.pdf") -> SimpleUploadedFile:
    """A small sound PDF; each one differs."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842 + next(_n) % 50))
    out = io.BytesIO()
    document.save(out)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def jpeg(name: str = "photo.jpg", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    """A small sound picture; each one differs."""
    colour = (next(_n) * 37 % 256, next(_n) * 11 % 256, 90)
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def registration_answers(**changes: Any) -> dict[str, Any]:
    """The registration section as understood."""
    return {
        "facility_name": "小太阳托育园（示例）",
        "short_name": "小太阳",
        "uscc": uscc(),
        "facility_type": "independent",
        "legal_form": "for_profit",
        "operating_model": "private",
        "registration_authority": "舞钢市市场监督管理局",
        "business_scope": "托育服务",
        "established_on": "2025-05-01",
        "legal_representative": "示例法人",
        "manager": "示例负责人",
        "manager_phone": "13800000001",
        "public_phone": "0375-0000000",
        "chain_name": "",
        "is_affordable": False,
    } | changes


def premises_answers(**changes: Any) -> dict[str, Any]:
    """The premises section as understood."""
    return {
        "community": "longquan",
        "address": "龙泉路18号",
        "floor_lowest": 1,
        "floor_highest": 2,
        "has_basement": False,
        "building_area": "420.00",
        "indoor_area": "360.00",
        "outdoor_area": "150.00",
        "tenure": "leased",
        "lease_start": "2025-05-01",
        "lease_end": "2030-04-30",
        "serves_meals": False,
        "classes": [
            {"class_type": "toddler", "name": "托小一班", "capacity": 15, "enrolled": 11},
            {"class_type": "older", "name": "托大一班", "capacity": 20, "enrolled": 18},
        ],
    } | changes


def filing(by: User | None = None, *, at: dt.datetime = AT) -> Filing:
    """A filing just begun."""
    actor = Actor.person(by or operator())
    return actions.start_filing(uuid.uuid4(), by=actor, at=at)


def fill(
    made: Filing,
    *,
    at: dt.datetime = AT,
    registration: dict[str, Any] | None = None,
    premises: dict[str, Any] | None = None,
) -> Filing:
    """Fill all three sections of a filing with sound answers and papers."""
    actor = Actor.person(made.created_by)
    for key, answers in (
        ("registration", registration_answers(**(registration or {}))),
        ("premises", premises_answers(**(premises or {}))),
    ):
        section = made.sections.get(key=key)
        actions.save_section(made, key, answers, answers, version=section.version, by=actor, at=at)
    for material in ("business_licence", "premises_proof", "hygiene_report", "fire_certificate"):
        give(made, material, at=at)
    made.refresh_from_db()
    return made


def give(made: Filing, material: str, *, at: dt.datetime = AT, upload: Any = None) -> None:
    """Hand in one paper with number, dates and a file."""
    actor = Actor.person(made.created_by)
    values = {
        "number": f"示例-{next(_n):06d}",
        "issuer": "示例发证机关",
        "issued_on": clock.day_of(at) - dt.timedelta(days=200),
        "valid_until": clock.day_of(at) + dt.timedelta(days=800),
    }
    actions.save_certificate(made, material, values, version=0, by=actor, at=at)
    actions.attach_file(made, material, upload or pdf(), by=actor, at=at)


def complete_filing(by: User | None = None, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing that may be sent."""
    return fill(filing(by, at=at), at=at, **answers)


def submitted_filing(by: User | None = None, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing that waits for review."""
    made = complete_filing(by, at=at, **answers)
    actor = Actor.person(made.created_by)
    return actions.submit_filing(made, "示例负责人", DECLARATION, by=actor, at=at)


def taken_filing(by: User, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing under review by the clerk `by`."""
    return actions.take_filing(submitted_filing(at=at, **answers), by=Actor.person(by), at=at)


def proposed_filing(
    by: User, proposal: str = Proposal.REGISTER, *, at: dt.datetime = AT, **answers: Any
) -> Filing:
    """A filing the clerk `by` proposes to register (or decline)."""
    made = taken_filing(by, at=at, **answers)
    return actions.propose_decision(made, proposal, "示例理由", by=Actor.person(by), at=at)


def registered_filing(
    by: User | None = None, decider: User | None = None, *, at: dt.datetime = AT, **answers: Any
) -> Filing:
    """A filing that two officials have brought into the register."""
    made = proposed_filing(by or clerk(), at=at, **answers)
    return actions.register_filing(made, by=Actor.person(decider or approver()), at=at)


def facility(*, at: dt.datetime = AT, **registration: Any) -> Facility:
    """A registered facility."""
    made = registered_filing(at=at, registration=registration)
    assert made.facility is not None
    return made.facility
