"""What is near, by distance: the order, the edge, what stays out of addresses and of the log."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import actions
from facilities.forms.points import PlaceForm
from facilities.models import Facility
from portal.core.actors import Actor
from portal.core.models import AuditEvent
from portal.site import queries_near
from tests import makers as make

pytestmark = pytest.mark.django_db
HERE = (Decimal("33.27500"), Decimal("113.51600"))
# Kilometres to the north of it; at this latitude a degree is 111.2 km.
AWAY = {"a": "0.5", "b": "2.9", "c": "3.1", "d": "12"}


def bare(name: str, km: str | None = None, community: str = "longquan", **more: object) -> Facility:
    """A registered facility in one row."""
    latitude = HERE[0] + Decimal(km) / Decimal("111.2") if km is not None else None
    number = make.next_number()
    return Facility.objects.create(
        code=f"SP-TY-{number:04d}", name=f"示例{name}", uscc=make.uscc(number),
        facility_type="independent", legal_form="for_profit", operating_model="private",
        community=make.community(community), address="龙泉路1号", facts_on=make.AT.date(),
        registered_on=make.AT.date(), latitude=latitude and round(latitude, 5),
        longitude=HERE[1] if latitude else None, **more,
    )  # fmt: skip


def names(km: int) -> list[str]:
    return [row.name.removeprefix("示例") for row in queries_near.near(HERE, km)]


@pytest.mark.proves("prod:A2")
def test_the_nearest_first_and_only_within_the_distance() -> None:
    for name, km in reversed(AWAY.items()):
        bare(name, km)
    bare("nowhere")
    bare("closed", "0.1", registration="cancelled")
    assert names(3) == ["a", "b"]
    assert names(30) == ["a", "b", "c", "d"]
    found = {row.name[-1]: row.km for row in queries_near.near(HERE, 30)}
    assert found == {name: pytest.approx(float(km), abs=0.01) for name, km in AWAY.items()}


@pytest.mark.proves("prod:A2", "prod:A3")
def test_a_place_of_ones_own_stands_in_no_address_and_in_no_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    bare("a", "0.5")
    with caplog.at_level(logging.DEBUG):
        sent = {"point": "33.27500，113.51600", "within": "3"}
        answer = client.post(reverse("public:near"), sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "离您填的位置 3 公里以内，1 家" in page
    assert "0.5 公里" in page
    assert "geolocation=(self)" in answer["Permissions-Policy"]
    assert '<text x="0" y="-22"' in page
    assert "33.275" not in caplog.text
    assert not any("33.275" in line for line in page.split('"') if line.startswith(("/", "http")))
    assert "33.275" not in str(client.session.items())


def test_from_a_community_and_from_a_facility(client: Client) -> None:
    url = reverse("public:near")
    sent = {"community": "longquan", "point": "", "within": "5"}
    assert "的机构还没有标出位置" in client.post(url, sent).content.decode()
    first = bare("a", "0.5")
    bare("c", "3.1")
    assert "5 公里以内，2 家" in client.post(url, sent).content.decode()
    page = client.get(url, {"from": first.code.lower()}).content.decode()
    assert "离示例a 3 公里以内，2 家" in page
    assert "公里以内" not in client.get(url, {"from": "x"}).content.decode()
    assert "请选择社区，或者用手机定位" in client.post(url, {"within": "3"}).content.decode()
    far = client.post(url, {"point": "39.90000, 116.40000", "within": "1"}).content.decode()
    assert "这个范围里没有标出位置的机构" in far


@pytest.mark.proves("prod:A2")
def test_thirty_cost_no_more_questions_than_one(client: Client) -> None:
    sent = {"point": "33.27500, 113.51600", "within": "30"}

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.post(reverse("public:near"), sent).status_code == 200
        return len(found)

    bare("0", "0")
    few = asked()
    for number in range(30):
        bare(str(number), f"0.{number:02d}")
    assert asked() == few <= 8
    assert "只列出最近的 30 家" in client.post(reverse("public:near"), sent).content.decode()


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("33.27512, 113.51640", ""),
        ("", ""),
        ("33.2751234 113.5164", ""),
        ("113.51640, 33.27512", "坐标请先写纬度后写经度，例如 33.27512, 113.51640"),
        ("51.50000, 0.12000", "这个坐标不在国内，请核对纬度和经度有没有写反"),
        ("龙泉路", "坐标请先写纬度后写经度，例如 33.27512, 113.51640"),
    ],
)
def test_a_point_is_two_numbers_within_the_country(typed: str, fault: str) -> None:
    assert "".join(PlaceForm({"point": typed}).errors.get("point", [])) == fault


def test_the_database_knows_the_country_too() -> None:
    made = bare("a")
    for point in ((HERE[0], None), (Decimal(60), HERE[1])):
        made.latitude, made.longitude = point
        with pytest.raises(IntegrityError), transaction.atomic():
            made.save()


def test_a_facility_marks_its_door_and_takes_it_back(client: Client) -> None:
    made = bare("a")
    owner = make.operator()
    made.memberships.create(user=owner, since=make.AT.date())
    client.force_login(owner, backend="portal.core.accounts.SignedIn")
    url = reverse("my:place", args=[made.code])
    assert client.post(url, {"point": "33.27512, 113.51640"}).status_code == 302
    made.refresh_from_db()
    assert (made.latitude, made.longitude) == (Decimal("33.27512"), Decimal("113.51640"))
    assert 'value="33.27512, 113.51640"' in client.get(url).content.decode()
    assert client.post(url, {"point": "33.2"}).status_code == 200
    client.post(url, {"point": ""})
    made.refresh_from_db()
    assert made.latitude is None
    marked = AuditEvent.objects.filter(act="facility.place").order_by("seq")
    assert [line.detail for line in marked] == [{"is_marked": True}, {"is_marked": False}]
    Facility.objects.filter(pk=made.pk).update(registration="cancelled")
    with pytest.raises(actions.NotInRegister):
        actions.mark_place(made, HERE, by=Actor.person(owner), at=make.AT)
    assert client.post(url, {"point": ""}).status_code in {302, 403, 404}
