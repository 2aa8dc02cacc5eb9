"""The page of one facility: what parents ask first, said plainly; doors, moves, pauses, weight."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from facilities.models import Certificate, Facility, FeeItem, OperatingPause
from facilities.workflow import OperatingStatus
from portal.core import clock
from portal.core.templatetags.portal import cn_date
from tests import makers
from tests.site.street import listed, queries_of, text

pytestmark = pytest.mark.django_db


def page_of(facility: Facility) -> str:
    """The address of a facility's page."""
    return reverse("public:facility", args=[facility.code])


def told(number: int = 1) -> Facility:
    """A facility that has reported all there is to report."""
    made = listed(
        number, name="小太阳托育园（示例）", service_forms=["full_day", "temporary"], age_from=6,
        age_to=36, opens_at=dt.time(7, 30), closes_at=dt.time(18), extended_until=dt.time(19, 30),
        open_days="周一至周五", monthly_fee_from=980, serves_meals=True, meal_source="own_kitchen",
        refund_rule="按未入托天数退费", is_accessible=True, introduction="园里有一棵树。",
        address="龙泉路18号", classes=[("toddler", 15, 11), ("older", 20, 20)],
    )  # fmt: skip
    FeeItem.objects.bulk_create(
        FeeItem(facility=made, name=name, amount=amount, unit=unit, service_form=form, order=order)
        for order, (name, amount, unit, form) in enumerate(
            [("保育费", 980, "月", "full_day"), ("餐费", "12.50", "天", "")]
        )
    )
    return made


def paused(facility: Facility, state: str, *, starts_in: int) -> OperatingPause:
    """A pause of ten days."""
    start = clock.today() + dt.timedelta(days=starts_in)
    return OperatingPause.objects.create(
        facility=facility, state=state, starts_on=start, expected_end=start + dt.timedelta(days=9),
        reason="装修", children=3, children_plan="家长接回", parents_told_on=clock.today(),
        reported_by=makers.operator(), reported_at=clock.now(),
    )  # fmt: skip


def section(page: str, name: str) -> str:
    """The words of one block."""
    return page.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


# --- what parents ask first -----------------------------------------------------------------------


@pytest.mark.proves("clause:二(五)2a", "clause:二(三)5", "prod:A5")
def test_services_and_fees(client: Client) -> None:
    """Forms, ages, hours, meals, refunds, and a line for each price."""
    page = text(client, page_of(told()))
    services = section(page, "services")
    for said in ("全日托、临时托", "6–36 个月", "周一至周五", "7:30–18:00", "可延时到 19:30",
                 "自办食堂", "按未入托天数退费", "980 元/月", "12.50 元/天", "保育费",
                 "餐费"):  # fmt: skip
        assert said in services
    assert "机构还没有填报" not in services
    assert "园里有一棵树。" in page


@pytest.mark.proves("clause:二(五)2a")
def test_what_is_not_known_is_said(client: Client) -> None:
    """A facility from before these questions: every block stands and says that nothing is there."""
    page = text(client, page_of(listed(1, classes=[])))
    assert section(page, "services").count("机构还没有填报") == 5
    for block, said in {
        "classes": "机构还没有填报班型和托位",
        "staff": "尚无公开的人员情况",
        "certificates": "尚无可以公开的证照信息",
        "photos": "尚无照片",
        "visits": "没有记录，不等于检查过且没有问题",
        "grade": "尚未评估",
    }.items():
        assert said in section(page, block)


@pytest.mark.proves("prod:A5", "ux:17")
def test_sentence_stands_before_everything(client: Client) -> None:
    """Plain words first, then the two lines, each with its own explanation."""
    page = text(client, page_of(told()))
    sentence = page.index("在卫健部门的备案情况正在核实；已在街道登记。", page.index("<h1"))
    assert sentence < page.index("怎么看懂？") < page.index('id="services"')


def test_classes_with_age_and_cap_in_words(client: Client) -> None:
    """What the standard says of the kinds of class that are there, and of no others."""
    words = section(text(client, page_of(told())), "classes")
    assert "托小班：12–24 个月的孩子，每班不超过 15 人。" in words
    assert "托大班：24–36 个月的孩子，每班不超过 20 人。" in words
    assert "乳儿班" not in words
    home = listed(2, facility_type="family", classes=[("mixed", 5, 2)])
    words = section(text(client, page_of(home)), "classes")
    assert "家庭托育点：最多收托 5 名孩子。" in words
    assert "每班不超过" not in words


@pytest.mark.proves("prod:A15")
@pytest.mark.parametrize(("age", "is_stale"), [(30, False), (31, True)])
def test_old_prices_say_so(client: Client, age: int, is_stale: bool) -> None:
    """The day of the facts stands beside them; older than the rule allows, it says to call."""
    day = clock.today() - dt.timedelta(days=age)
    words = section(text(client, page_of(listed(1, facts_on=day))), "services")
    assert f"{day.year}年{day.month}月{day.day}日更新" in words
    assert ("信息较旧，请电话核实。" in words) == is_stale


@pytest.mark.proves("clause:二(五)2a")
def test_certificates_by_kind_and_end(client: Client) -> None:
    """The kinds of the papers and until when; never a number, an issuer or an older paper."""
    facility = makers.facility(at=clock.now())
    paper = facility.certificates.filter(is_current=True).first()
    assert paper is not None
    for ends, words in ((clock.today(), "有效期到"), (clock.today() - dt.timedelta(1), "已经过了")):
        Certificate.objects.filter(pk=paper.pk).update(
            number="秘密编号123", issuer="秘密机关", valid_until=ends
        )
        page = text(client, page_of(facility))
        assert words in section(page, "certificates")
        assert "秘密" not in page
    assert section(page, "certificates").count("<dt>") == facility.certificates.count()


@pytest.mark.proves("prod:A16")
def test_ways_to_reach_it(client: Client) -> None:
    """A tappable phone with hours, the address to copy, a map of one's own, the complaint."""
    made = told()
    page = text(client, page_of(made))
    place = section(page, "place")
    assert 'href="tel:03750000000"' in place
    assert "周一至周五 7:30–18:00" in re.sub(r"<[^>]+>", "", place)
    assert '<span id="address-text">龙泉路18号</span>' in place
    geo = re.search(r'href="(geo:[^"]+)"', place)
    assert geo
    assert unquote(geo[1]) == "geo:0,0?q=龙泉路18号"
    assert f"{settings.PUBLIC_ORIGIN}/f/{made.code}/" in place
    assert 'href="tel:12345"' in section(page, "complain")
    assert 'href="tel:110"' in section(page, "complain")
    bar = page.partition('<nav class="bottom-bar')[2].partition("</nav>")[0]
    assert re.findall(r"<span[^>]*>([^<]+)</span>", bar) == ["打电话", "投诉 12345", "分享"]
    assert 'href="#share"' in bar, "without JavaScript it leads to the address"


def test_nobody_is_named(client: Client) -> None:
    """The manager, the legal representative and the sealed phone stay inside (D12)."""
    made = told()
    made.manager, made.legal_representative = "不公开甲", "不公开乙"
    made.contact = {"manager_phone": "13900000001"}
    made.save()
    page = text(client, page_of(made))
    assert "不公开" not in page
    assert "13900000001" not in page


# --- out of the ordinary ------------------------------------------------------------------------


def test_pause_with_its_days(client: Client) -> None:
    """Under way: a warning; announced: a notice; over: nothing."""
    made = listed(1, operating=OperatingStatus.SUSPENDED)
    pause = paused(made, "running", starts_in=-2)
    page = text(client, page_of(made))
    first, last = cn_date(pause.starts_on), cn_date(pause.expected_end)
    assert f"这家机构暂停运营，从{first}到{last}不收托。" in page
    later = listed(2)
    coming = paused(later, "planned", starts_in=5)
    assert "这家机构预告：从" in text(client, page_of(later))
    OperatingPause.objects.filter(pk=coming.pk).update(state="ended", ended_on=clock.today())
    assert "暂停运营" not in text(client, page_of(later))


def test_closing_and_closed(client: Client) -> None:
    """A day to come is told on the page; from then on the page is gone, with the day."""
    day = clock.today() + dt.timedelta(days=20)
    made = listed(1, closes_on=day)
    words = f"{day.year}年{day.month}月{day.day}日停办"
    assert words in text(client, page_of(made))
    Facility.objects.filter(pk=made.pk).update(operating=OperatingStatus.CLOSED)
    page = text(client, page_of(made), 410)
    assert words in page
    assert made.name not in page
    assert not client.get("/facilities/").context["cards"]


@pytest.mark.parametrize("registration", ["registered", "cancelled"])
def test_merged_facility_leads_to_the_one_that_stays(client: Client, registration: str) -> None:
    """For ever, and it is in no list, whatever its own registration says."""
    stays = listed(1)
    merged = listed(2, merged_into=stays, registration=registration)
    response = client.get(page_of(merged))
    assert response.status_code == 301
    assert response["Location"] == page_of(stays)
    cards = client.get("/facilities/").context["cards"]
    assert [card.facility for card in cards] == [stays]


# --- the door -----------------------------------------------------------------------------------


@pytest.mark.proves("prod:A16")
@pytest.mark.parametrize(
    "typed",
    [
        "SP-TY-0012",
        "sp-ty-0012",
        "ＳＰ－ＴＹ－００１２",
        "SP-TY-12",
        "spty12",
        "0012",
        "12",
        " sp ty 12 ",
    ],
)
def test_short_link_as_people_type_it(client: Client, typed: str) -> None:
    """Any case and width, without hyphens and leading zeros."""
    made = listed(12)
    response = client.get(f"/f/{typed}/")
    assert response.status_code == 302
    assert unquote(response["Location"]) == page_of(made)


@pytest.mark.parametrize("typed", ["SP-TY-0", "XX-12", "12-13-x", "十二", "SP-TY-99999999999"])
def test_short_link_that_means_nothing(client: Client, typed: str) -> None:
    """It ends at a page that says so, never at another facility."""
    listed(12)
    response = client.get(f"/f/{typed}/", follow=True)
    assert response.status_code == 404


@pytest.mark.proves("prod:A16")
def test_sign_for_the_door(client: Client) -> None:
    """Name, code, the address in words and as a code of its own; for public facilities only."""
    made = listed(12)
    page = text(client, reverse("public:facility_sign", args=[made.code]))
    address = f"{settings.PUBLIC_ORIGIN}/f/{made.code}/"
    assert made.name in page
    assert address in page
    assert 'src="data:image/svg+xml' in page
    english = text(client, f"/en/facilities/{made.code}/sign/")
    assert address in english, "the language of who prints it does not stick to the door"
    closed = listed(13, operating=OperatingStatus.CLOSED)
    text(client, reverse("public:facility_sign", args=[closed.code]), 404)
    text(client, reverse("public:facility_sign", args=["SP-TY-9999"]), 404)


@pytest.mark.proves("prod:A16")
def test_office_finds_the_sign(client: Client) -> None:
    """A link on the facility's file."""
    made = listed(12)
    client.force_login(makers.clerk())
    page = text(client, reverse("desk:facility", args=[made.code]))
    assert reverse("public:facility_sign", args=[made.code]) in page


# --- few questions, little weight ---------------------------------------------------------------


@pytest.mark.proves("ux:36")
def test_eight_questions_at_most(client: Client) -> None:
    """With everything there is to show, and as many for thirty prices as for none."""
    bare, full = listed(1), told(2)
    paused(full, "planned", starts_in=3)
    few = queries_of(client, page_of(bare))
    FeeItem.objects.bulk_create(
        FeeItem(facility=full, name=f"费用{n}", amount=n, unit="次", order=n) for n in range(30)
    )
    assert queries_of(client, page_of(full)) == few <= 8


def weight_of(client: Client, address: str) -> tuple[int, int, int]:
    """Compressed bytes of the page, of everything it asks for at first, and how many requests."""
    html = client.get(address).content
    linked = re.findall(rb'<link rel="(?:stylesheet|icon)" href="([^"]+)"', html)
    linked += re.findall(rb'<(?:script|img)[^>]+src="(?!data:)([^"]+)"', html)
    size = len(gzip.compress(html))
    total = size
    for link in linked:
        name = link.decode().removeprefix(settings.STATIC_URL)
        path = finders.find(name)
        assert path, name
        total += len(gzip.compress(Path(path).read_bytes()))
    return size, total, 1 + len(linked)


@pytest.mark.proves("ux:36", "prod:U6")
@pytest.mark.parametrize(
    "address", ["/", "/facilities/", "/facilities/SP-TY-0001/", "/guide/filing/"]
)
def test_first_view_is_light(client: Client, address: str) -> None:
    """HTML of 20 KB, 120 KB in all, eight requests (performance.md P12), full pages."""
    told(1)
    for number in range(2, 20):
        listed(number, service_forms=["full_day"], monthly_fee_from=980)
    html, total, requests = weight_of(client, address)
    assert html <= 20 * 1024
    assert total <= 120 * 1024
    assert requests <= 8
