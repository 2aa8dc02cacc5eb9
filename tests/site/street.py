"""Registered facilities without their history, and what the public pages answer about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import ClassGroup, Facility, StatutoryFiling
from facilities.queries import notices
from facilities.workflow import StatutoryFilingStatus
from portal.core import clock, search
from portal.core.models import Publication, User
from portal.core.publishing import content_digest
from tests import makers

_OF_THE_FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT")


def listed(number: int, **fields: Any) -> Facility:
    """A registered facility without its history: for lists of many."""
    today = clock.today()
    name = fields.pop("name", f"第{number}托育园（示例）")
    address = fields.pop("address", f"龙泉路{number}号")
    status = fields.pop("statutory", StatutoryFilingStatus.UNKNOWN)
    has_mirror = fields.pop("mirror", True)
    classes = fields.pop("classes", [("toddler", 15, 11)])
    updated_on = fields.pop("updated_on", today)
    community = makers.community(fields.pop("community", "longquan"))
    short = fields.get("short_name", "")
    made = Facility.objects.create(
        **{
            "code": f"SP-TY-{number:04d}",
            "name": name,
            "uscc": makers.uscc(number),
            "facility_type": "independent",
            "legal_form": "for_profit",
            "operating_model": "private",
            "registration_authority": "舞钢市市场监督管理局",
            "business_scope": "托育服务",
            "established_on": today - dt.timedelta(days=400),
            "legal_representative": "示例",
            "manager": "示例",
            "public_phone": "0375-0000000",
            "community": community,
            "address": address,
            "floor_lowest": 1,
            "floor_highest": 1,
            "building_area": 300,
            "indoor_area": 200,
            "outdoor_area": 100,
            "tenure": "owned",
            "registered_on": today - dt.timedelta(days=number),
            "facts_on": updated_on,
            "places": sum(capacity for _kind, capacity, _taken in classes),
            "vacancies": sum(max(capacity - taken, 0) for _kind, capacity, taken in classes),
            "search_grams": search.grams(
                name, short, address, community.name, spoken=(name, short)
            ),
            "sort_key": search.sort_key(name),
        }
        | fields
    )
    ClassGroup.objects.bulk_create(
        ClassGroup(
            facility=made, class_type=kind, name=f"{kind}{n}", capacity=capacity,
            enrolled=enrolled, updated_on=updated_on,
        )
        for n, (kind, capacity, enrolled) in enumerate(classes)
    )  # fmt: skip
    if has_mirror:
        _mirror(made, status)
    _publish(made)
    return made


def _publish(made: Facility) -> None:
    """The notice of the registration, as two persons decided it."""
    two = [
        User.objects.get_or_create(username=name, defaults={"display_name": name})[0]
        for name in ("street-clerk", "street-approver")
    ]
    body = notices.registration_notice(made)
    Publication.objects.create(
        noun=made, kind="registration", party=made.code, title=made.name, body=body,
        content_sha256=content_digest(made.name, body), state="published",
        proposed_by=two[0], proposed_at=clock.now(), decided_by=two[1], decided_at=clock.now(),
        published_on=clock.today(),
    )  # fmt: skip


def _mirror(made: Facility, status: str) -> None:
    today = clock.today()
    filed = status == StatutoryFilingStatus.FILED
    StatutoryFiling.objects.create(
        facility=made,
        status=status,
        number="示例备案20260001" if filed else "",
        filed_on=today if filed else None,
        checked_on=None if status == StatutoryFilingStatus.UNKNOWN else today,
    )


def text(client: Client, address: str, status: int = 200) -> str:
    """The page, once it answers with this status."""
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def found(client: Client, query: str) -> set[str]:
    """The codes on the list for a query string."""
    page = client.get(f"{reverse('public:facilities')}?{query}")
    return {card.facility.code for card in page.context["cards"]}


def queries_of(client: Client, address: str) -> int:
    """What a page asks the database, without the frame of its transaction."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return sum(not query["sql"].startswith(_OF_THE_FRAME) for query in asked.captured_queries)
