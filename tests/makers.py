"""Makers build one sound thing with the fewest rows; keywords say what matters to the test.

Filings are made through the actions, as people make them, so that audit, papers and messages are
there as in life.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import time
import uuid
from itertools import count
from typing import Any

import pikepdf
from allauth.mfa.totp.internal import auth as totp
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from facilities import actions, rules
from facilities.models import Department, Facility, Filing, OperatingPause
from facilities.models.choices import Proposal
from facilities.queries import national
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.administration import law
from portal.core.identifiers import organisation_check
from portal.core.models import Community, PackProposal, Publication, RoleAssignment, User
from portal.core.papers import content
from portal.core.queries import in_force
from portal.core.regulation.loader import PackData, parse_pack
from portal.core.remembering import remembered
from portal.core.roles import Role
from portal.core.sheets import write_table

PASSWORD = "a-long-test-password"
AT = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # Monday 9:00 in Shanghai
DECLARATION = "以上内容真实、完整。"
STEP = 30  # seconds for which a telephone shows one code (RFC 6238)
_n = count(1)
_OUTER = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OUTER_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def shown_code(secret: str, steps: int = 0) -> str:
    """What a telephone shows now; or so many steps later, by a clock that is off."""
    counter = int(time.time()) // STEP + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def next_number() -> int:
    """A number that no other thing of the process has."""
    return next(_n)


def sha256(text: str) -> str:
    """As acts keep it of what was declared."""
    return hashlib.sha256(text.encode()).hexdigest()


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


def deputy(for_: User, role: str = Role.CLERK, days: int = 30) -> RoleAssignment:
    """Somebody who acts in the post of `for_` from today on."""
    day = AT.date()
    return RoleAssignment.objects.create(
        user=user(), role=role, deputy_for=for_,
        valid_from=day, valid_to=day + dt.timedelta(days=days),
    )  # fmt: skip


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


def services_answers(**changes: Any) -> dict[str, Any]:
    """The services section as understood."""
    return {
        "service_forms": ["full_day", "half_day"],
        "age_from": 12,
        "age_to": 36,
        "open_days": ["mon", "tue", "wed", "thu", "fri"],
        "opens_at": "07:30",
        "closes_at": "17:30",
        "extended_until": "18:30",
        "meal_source": "",
        "is_accessible": True,
        "refund_rule": "当月出勤不足一半的，退还一半保育费。",
        "introduction": "社区里的小型托育园（示例）。",
        "fees": [
            {"service_form": "full_day", "name": "保育费", "amount": "1680.00", "unit": "月"},
            {"service_form": "half_day", "name": "保育费", "amount": "980.00", "unit": "月"},
        ],
    } | changes


def safety_answers(**changes: Any) -> dict[str, Any]:
    """The safety section as understood."""
    return {
        "cameras": 12,
        "covers_entrance": True,
        "covers_living": True,
        "covers_activity": True,
        "in_private_rooms": False,
        "records_all_day": True,
        "retention_days": 90,
        "alarm_armed": True,
        "guards": 1,
        "guards_certified": 1,
        "guard_company": "示例保安服务有限公司",
        "fire_manager": "full_time",
        "smoke_detectors": True,
        "extinguishers": True,
        "plans": [
            "natural_disaster",
            "infectious_disease",
            "food_poisoning",
            "stampede",
            "fire",
            "violence",
        ],
        "drills": 2,
        "last_drill_on": "2026-10-15",
    } | changes


def typed(answers: dict[str, Any], rows: str = "") -> dict[str, Any]:
    """The same answers as a page sends them; `rows` names the list that stands in cards."""
    plain = {name: "" if value is None else value for name, value in answers.items()}
    listed = plain.pop(rows, [])
    sent = {
        name: [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in plain.items()
    }
    if rows:
        sent |= {f"{rows}-TOTAL_FORMS": str(len(listed)), f"{rows}-INITIAL_FORMS": "0"}
    for number, row in enumerate(listed):
        sent |= {f"{rows}-{number}-{name}": str(value) for name, value in row.items()}
    return sent


def identity(number: int | None = None, born: str = "19900307") -> str:
    """A synthetic identity number of this city, the check digit right."""
    body = f"410481{born}{(number if number is not None else next(_n)) % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def staff_person(name: str = "示例甲", post: str = "carer", **changes: Any) -> dict[str, Any]:
    """One person as the form of a person understands it, nothing to remark on 23 November 2026."""
    return {
        "name": name,
        "post": post,
        "identity": identity(),
        "employment": "full_time",
        "qualification": "保安员证" if post == "guard" else "育婴员三级",
        "number": "示例-001",
        "experience_years": 5,
        "is_trained": True,
        "health_until": "2027-08-31",
        "letter_on": "2026-09-01",
        "has_food_duty": False,
    } | changes


def _cheap_key(person: dict[str, Any]) -> str:
    """Stands in for the fingerprint, which costs 50 ms on purpose."""
    return hashlib.sha256(person["identity"].encode()).hexdigest()


def staff_answers(**changes: Any) -> dict[str, Any]:
    """The staff section as understood: enough people for the classes of premises_answers."""
    posts = [("manager", "示例负责人"), ("health", "示例保健"), ("guard", "示例保安")]
    posts += [("carer", f"示例保育{letter}") for letter in "甲乙丙丁戊己"]
    people = [staff_person(name, post) for post, name in posts]
    rows = [
        {**person, "id": str(uuid.uuid4()), "version": 1, "identity_key": _cheap_key(person)}
        for person in people
    ]
    return {"staff": rows} | changes


def filing(by: User | None = None, *, at: dt.datetime = AT) -> Filing:
    """A filing just begun."""
    actor = Actor.person(by or operator())
    return actions.start_filing(uuid.uuid4(), by=actor, at=at)


@remembered()
def fill(
    made: Filing,
    *,
    at: dt.datetime = AT,
    registration: dict[str, Any] | None = None,
    premises: dict[str, Any] | None = None,
    services: dict[str, Any] | None = None,
    safety: dict[str, Any] | None = None,
    staff: dict[str, Any] | None = None,
) -> Filing:
    """Fill every section this kind of facility is asked for with sound answers and papers."""
    actor = Actor.person(made.created_by)
    law = in_force(clock.day_of(at))
    said = {
        "registration": registration_answers(**(registration or {})),
        "premises": premises_answers(**(premises or {})),
        "services": services_answers(**(services or {})),
        "safety": safety_answers(**(safety or {})),
        "staff": staff_answers(**(staff or {})),
    }
    for key in rules.sections_for(said["registration"]["facility_type"], law):
        if key not in said:
            continue
        answers, section = said[key], made.sections.get(key=key)
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


@remembered()
def submitted_filing(by: User | None = None, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing that waits for review."""
    made = complete_filing(by, at=at, **answers)
    actor = Actor.person(made.created_by)
    return actions.submit_filing(made, "示例负责人", DECLARATION, by=actor, at=at)


def taken_filing(by: User, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing under review by the clerk `by`."""
    return actions.take_filing(submitted_filing(at=at, **answers), by=Actor.person(by), at=at)


@remembered()
def proposed_filing(
    by: User, proposal: str = Proposal.REGISTER, *, at: dt.datetime = AT, **answers: Any
) -> Filing:
    """A filing the clerk `by` proposes to register (or decline)."""
    made = taken_filing(by, at=at, **answers)
    return actions.propose_decision(made, proposal, "示例理由", by=Actor.person(by), at=at)


@remembered()
def registered_filing(
    by: User | None = None, decider: User | None = None, *, at: dt.datetime = AT, **answers: Any
) -> Filing:
    """A filing that two officials have brought into the register."""
    made = proposed_filing(by or clerk(), at=at, **answers)
    return actions.register_filing(made, by=Actor.person(decider or approver()), at=at)


@remembered()
def registered_filing_of(owner: User, *, at: dt.datetime = AT, **answers: Any) -> Filing:
    """A filing of this person that two officials have brought into the register."""
    made = submitted_filing(owner, at=at, **answers)
    first, second = Actor.person(clerk()), Actor.person(approver())
    made = actions.take_filing(made, by=first, at=at)
    made = actions.propose_decision(made, Proposal.REGISTER, "示例理由", by=first, at=at)
    return actions.register_filing(made, by=second, at=at)


def national_rows(count: int) -> list[dict[str, Any]]:
    """Sound rows in the shape of the national register's list."""
    return [
        {
            "name": f"名录托育园{next(_n)}（示例）",
            "uscc": uscc(),
            "community": "龙泉社区",
            "address": f"龙泉路{number + 1}号",
            "facility_type": "独立托育机构",
            "legal_form": "营利性",
            "established_on": dt.date(2024, 5, 1),
            "phone": "0375-0000000",
            "status": "已备案",
            "number": f"示例备{number:05d}",
            "filed_on": dt.date(2025, 6, 1),
            "service_forms": "全日托、半日托",
            "indoor_area": 360,
            "floors": "1-2",
            "places": 60,
            "vacancies": 12,
        }
        for number in range(count)
    ]


def national_list(rows: list[dict[str, Any]] | None = None, *, faulty: int = 0) -> bytes:
    """A workbook of these rows (three sound ones); `faulty` more without a name."""
    columns = national.columns()
    given = list(national_rows(3) if rows is None else rows)
    given += [{"uscc": uscc()} for _ in range(faulty)]
    out = io.BytesIO()
    write_table(out, "机构名录", columns, [[row.get(c.name) for c in columns] for row in given])
    return out.getvalue()


def facility(*, at: dt.datetime = AT, **registration: Any) -> Facility:
    """A registered facility."""
    made = registered_filing(at=at, registration=registration)
    assert made.facility is not None
    return made.facility


def lead(by: User, state: str = "new", *, slug: str = "longquan", at: dt.datetime = AT) -> Any:
    """A hint of a place in the community `slug`, brought to `state` by the clerk `by`."""
    actor = Actor.person(by)
    values = {
        "source": "phone",
        "name": f"小天地{next(_n)}（示例）",
        "address": "龙泉路40号二楼",
        "community": community(slug),
    }
    made = actions.start_lead(values, by=actor, at=at)
    if state == "new":
        return made
    made = actions.verify_lead(made, "childcare", "两个班", by=actor, at=at)
    if state == "guided":
        return actions.guide_lead(made, "", by=actor, at=at)
    if state == "closed":
        return actions.close_lead(made, "stopped", "", by=actor, at=at)
    if state == "transferred":
        to = Department.objects.get(slug="health")
        actions.transfer_lead(made, to, "示例", by=actor, at=at)
        made.refresh_from_db()
    return made


def publication(by: User, noun: Any, text: str = "示例", *, at: dt.datetime = AT) -> Publication:
    """A text about `noun` that the clerk `by` proposes for publication."""
    body = [content.facts([("名称", "示例")]), content.paragraph(text)]
    actor = Actor.person(by)
    return publishing.propose_publication(
        "sample", noun, title="示例公示", body=body, by=actor, at=at, party=noun.party
    )


def closure_filing(about: Facility, *, at: dt.datetime = AT, sent: bool = True) -> Filing:
    """The report that a facility closes in forty days; `sent` or still being filled in."""
    by, day = Actor.person(about.memberships.earliest("since").user), clock.day_of(at)
    made = actions.start_closure(about, uuid.uuid4(), by=by, at=at)
    if not sent:
        return made
    plan = {
        "closing_on": (day + dt.timedelta(days=40)).isoformat(),
        "reason": "场地租约到期",
        "children": 29,
        "children_plan": "20 人转到另一家机构，9 人回家",
        "parents_told_on": (day + dt.timedelta(days=5)).isoformat(),
        "staff_plan": "依法解除合同并结清工资",
        "refund_plan": "停办前退完",
        "records_plan": "由法定代表人保管三年",
        "reported_on": day.isoformat(),
    }
    actions.save_section(made, "closure", plan, plan, version=0, by=by, at=at)
    made.refresh_from_db()
    return actions.submit_filing(made, "示例负责人", DECLARATION, by=by, at=at)


def granted(made: Filing, *, at: dt.datetime = AT) -> Filing:
    """A sent filing that a clerk has proposed and an approver has granted."""
    by = Actor.person(clerk())
    taken = actions.take_filing(made, by=by, at=at)
    proposed = actions.propose_decision(taken, Proposal.REGISTER, "", by=by, at=at)
    return actions.register_filing(proposed, by=Actor.person(approver()), at=at)


def pause(about: Facility, *, ahead: int = 0, at: dt.datetime = AT) -> OperatingPause:
    """A pause that begins in so many days; with 0 it is under way."""
    day = clock.day_of(at)
    values = {
        "starts_on": day + dt.timedelta(days=ahead),
        "expected_end": day + dt.timedelta(days=ahead + 10),
        "reason": "更换地板",
        "children": 29,
        "children_plan": "29 人回家",
        "parents_told_on": day,
    }
    by = Actor.person(about.memberships.earliest("since").user)
    return actions.report_pause(about, values, by=by, at=at)


def pack_proposal(key: str, by: Actor, text: str = "", reason: str = "示例") -> PackProposal:
    """Another text of a pack, waiting for the second person: by default one more value."""
    base = law.newest(key)
    assert base
    old = parse_pack(json.loads(base.content), version=base.version)
    pack = law.read(text or more_of(old), key, old)
    return law.propose(base, pack, reason, by=by, at=AT)


def more_of(pack: PackData, since: str = "2027-01-01") -> str:
    """The pack's text with a later value of its first figure."""
    content = pack.content
    values = next(iter(content["entries"].values()))["values"]
    values.append({**values[-1], "since": since})
    return json.dumps(content, ensure_ascii=False)
