"""Finding a facility: every condition, every order, few questions, and an index for each."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from facilities import queries
from facilities.models import Facility
from portal.core import clock, search
from portal.core.paging import PUBLIC_PAGE, CappedPaginator
from portal.core.queries import in_force
from portal.site import queries_public
from portal.site.filters import HAS, SORTS, age_choices, fee_choices
from tests import makers
from tests.site.street import found, listed, queries_of, text

pytestmark = pytest.mark.django_db
LIST = "/facilities/"


@pytest.fixture
def street() -> dict[str, Facility]:
    """Four facilities that differ in what parents ask for."""
    full_day, temporary = ["full_day"], ["half_day", "temporary"]
    late, to_six = {"extended_until": dt.time(19)}, {"closes_at": dt.time(18)}
    return {
        "cheap": listed(
            1, name="小太阳托育园（示例）", service_forms=full_day, age_from=6, age_to=36,
            monthly_fee_from=1000, opens_at=dt.time(7, 30), classes=[("toddler", 15, 12)],
            **late, **to_six,
        ),
        "middle": listed(
            2, name="彩虹托育中心（示例）", service_forms=[*full_day, *temporary], age_from=12,
            age_to=36, monthly_fee_from="1000.50", is_accessible=True, community="hubin",
            classes=[("older", 20, 10)],
        ),
        "dear": listed(
            3, name="晨曦托育园（示例）", service_forms=temporary, age_from=24, age_to=36,
            monthly_fee_from=2001, classes=[("older", 20, 20)],
        ),
        "silent": listed(4, name="不说话托育园（示例）", classes=[]),
    }  # fmt: skip


# --- conditions -------------------------------------------------------------------------------


@pytest.mark.proves("prod:A4", "clause:二(三)5", "clause:二(五)2a")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("service=full_day", {"cheap", "middle"}),
        ("service=temporary", {"middle", "dear"}),
        ("service=hourly", set()),
        ("service=full_day&service=temporary", {"cheap", "middle", "dear"}),
        ("age=6-12", {"cheap"}),
        ("age=12-24", {"cheap", "middle"}),
        ("age=24-36", {"cheap", "middle", "dear"}),
        ("fee=-1000", {"cheap"}),
        ("fee=1000-2000", {"middle"}),
        ("fee=2000-", {"dear"}),
        ("has=vacancy", {"cheap", "middle"}),
        ("has=extended", {"cheap"}),
        ("has=accessible", {"middle"}),
        ("has=vacancy&age=6-12&fee=-1000&service=full_day", {"cheap"}),
        ("has=accessible&fee=-1000", set()),
    ],
)
def test_what_parents_ask_first(
    client: Client, street: dict[str, Facility], query: str, names: set[str]
) -> None:
    """Forms of care, age, price, hours and access; all conditions hold together."""
    assert found(client, query) == {street[name].code for name in names}


def test_bands_are_figures_of_the_regulation(client: Client) -> None:
    """Each fee and each month falls into one band, and the page offers exactly these."""
    law = in_force(clock.today())
    fees = [value for value, _label in fee_choices(law)]
    assert fees == ["-1000", "1000-2000", "2000-"]
    assert [value for value, _label in age_choices(law)] == ["6-12", "12-24", "24-36"]
    for fee in (1, 999, 1000, "1000.01", 2000, "2000.01", 9999):
        Facility.objects.all().delete()
        made = listed(1, monthly_fee_from=fee, classes=[], mirror=False)
        hits = [band for band in fees if made.code in found(client, f"fee={band}")]
        assert len(hits) == 1, fee


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("service=never", "服务方式"),
        ("age=0-99", "孩子的月龄"),
        ("fee=1000", "全日托月收费"),
        ("fee=-5;drop", "全日托月收费"),
        ("has=gold", "需要"),
    ],
)
def test_unknown_values_are_left_out_with_a_note(
    client: Client, street: dict[str, Facility], query: str, label: str
) -> None:
    """What cannot be understood does not stop the list, and the page says which it was."""
    page = client.get(f"{LIST}?{query}&has=")
    assert page.status_code == 200
    assert label in page.context["listing"].ignored
    assert f"没有使用：{label}" in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("fee", ["cheap", "middle", "dear", "silent"]),
        ("vacancy", ["middle", "cheap", "dear", "silent"]),
        ("newest", ["cheap", "middle", "dear", "silent"]),
        ("name", ["silent", "middle", "dear", "cheap"]),
    ],
)
def test_orders(client: Client, street: dict[str, Facility], sort: str, names: list[str]) -> None:
    """Price from the lowest with the silent ones last, free places from the most, by pinyin."""
    page = client.get(f"{LIST}?sort={sort}")
    assert [card.facility.code for card in page.context["cards"]] == [
        street[name].code for name in names
    ]
    current = [way["label"] for way in page.context["listing"].sorts if way["current"]]
    assert current == [dict(SORTS)[sort]]


# --- words ------------------------------------------------------------------------------------


@pytest.fixture
def addresses() -> dict[str, Facility]:
    """Addresses as people write them."""
    return {
        "plain": listed(1, name="甲托育园（示例）", address="龙泉路18号"),
        "spaced": listed(2, name="乙托育园（示例）", address="龙泉路 18 号 2 单元"),
        "wide": listed(3, name="丙托育园（示例）", address="龙泉路１８号院"),
        "words": listed(4, name="丁托育园（示例）", address="羊角山小区五号楼101"),
        "other": listed(5, name="戊托育园2号（示例）", address="湖滨大道81号", community="hubin"),
    }


@pytest.mark.proves("prod:A1", "clause:二(五)2a")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("18号", {"plain", "spaced", "wide"}),
        ("１８号", {"plain", "spaced", "wide"}),
        ("十八号", {"plain", "spaced", "wide"}),
        ("龙泉路18号", {"plain", "spaced", "wide"}),
        ("龙泉路 18 号", {"plain", "spaced", "wide"}),
        ("2单元", {"spaced"}),
        ("5号楼", {"words"}),
        ("五号楼", {"words"}),
        ("羊角山5号楼", set()),
        ("羊角山 5号楼", {"words"}),
        ("5号楼101", {"words"}),
        ("101", {"words"}),
        ("81号", {"other"}),
        ("wtyy2", {"other"}),
        ("湖滨 戊", {"other"}),
        ("8号龙", set()),
    ],
)
def test_house_numbers(
    client: Client, addresses: dict[str, Facility], words: str, names: set[str]
) -> None:
    """With and without spaces, full-width, in digits and in Chinese numerals."""
    assert found(client, f"q={words}") == {addresses[name].code for name in names}


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("18号", ["18号", "十八号"]),
        ("十八号", ["十八号", "18号"]),
        ("二十号", ["二十号", "20号"]),
        ("10栋", ["10栋", "十栋"]),
        ("一零一室", ["一零一室", "101室"]),
        ("118号", ["118号"]),
        ("十十号", ["十十号"]),
        ("三十", ["三十"]),
        ("第3托", ["第3托"]),
    ],
)
def test_both_scripts_of_a_number(word: str, spellings: list[str]) -> None:
    """Only numbers that count houses and blocks are written in the other script."""
    assert search.spellings(word) == spellings


@pytest.mark.parametrize("number", range(1, 100))
def test_number_there_and_back(number: int) -> None:
    """Each house number up to 99 comes back from Chinese numerals."""
    plain, written = search.spellings(f"{number}号")
    assert search.spellings(written) == [written, plain]


# --- the page ---------------------------------------------------------------------------------


@pytest.mark.proves("prod:A15", "ux:17")
def test_card_answers_without_a_click(client: Client, street: dict[str, Facility]) -> None:
    """Where, which grade, places with their day, price, last visit; what is not known is said."""
    card = text(client, f"{LIST}?q=小太阳").partition("<article")[2].partition("</article>")[0]
    words = " ".join(card.replace("<", " <").split())
    for label in ("地点", "质量等级", "空余托位", "收费", "最近检查"):
        assert f"<dt>{label} </dt>" in words.replace(" </dt>", " </dt>")
    for said in ("尚未评估", "暂无检查记录", "托小班 3", "全日托 1000 元/月起", "6–36 个月",
                 "7:30–18:00", "可延时", "更新）"):  # fmt: skip
        assert said in card
    silent = text(client, f"{LIST}?q=不说话").partition("<article")[2].partition("</article>")[0]
    assert silent.count("机构还没有填报") == 2


@pytest.mark.proves("prod:A4", "ux:19")
def test_conditions_are_counted_and_removed_one_by_one(
    client: Client, street: dict[str, Facility]
) -> None:
    """The folded button counts what is set; each chip's link leaves one condition out."""
    page = client.get(f"{LIST}?q=托育&has=vacancy&age=6-12&fee=&sort=fee&page=2")
    assert "筛选（已选 2 项）" in page.content.decode()
    chips = page.context["listing"].chips
    assert [chip["label"] for chip in chips] == ["“托育”", "6–12 个月", "有空余托位"]
    left = client.get(LIST + chips[1]["url"]).context["listing"].chips
    assert [chip["label"] for chip in left] == ["“托育”", "有空余托位"]
    assert "筛选（" not in text(client, LIST)


def test_other_communities_are_offered(client: Client, street: dict[str, Facility]) -> None:
    """Nothing here, but the same conditions find something elsewhere: with the way there."""
    page = client.get(f"{LIST}?community=zhongxing&service=full_day&sort=fee")
    assert "没有符合条件的机构" in page.content.decode()
    others = page.context["listing"].elsewhere
    assert {(other["slug"], other["count"]) for other in others} == {("longquan", 1), ("hubin", 1)}
    for other in others:
        there = client.get(LIST + other["url"])
        assert len(there.context["cards"]) == other["count"]
    assert client.get(f"{LIST}?q=没有这家").context["listing"].elsewhere == []


def test_count_stops_where_pages_stop() -> None:
    """Beyond the last page offered nothing is counted, and the page says so."""
    for number in range(1, 8):
        listed(number, classes=[], mirror=False)
    rows = queries.public_facilities()
    exact, capped = CappedPaginator(rows, 3, 9), CappedPaginator(rows, 3, 6)
    assert (exact.count, exact.is_capped, exact.num_pages) == (7, False, 3)
    assert (capped.count, capped.is_capped, capped.num_pages) == (6, True, 2)
    assert len(capped.get_page(99)) == 3


def test_capped_list_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a hundred pages: a floor instead of a number, and advice."""
    monkeypatch.setattr("portal.core.paging.PUBLIC_MOST", PUBLIC_PAGE)
    for number in range(1, PUBLIC_PAGE + 2):
        listed(number, classes=[], mirror=False)
    page = text(client, LIST)
    assert "共 12 家以上" in page
    assert "请用条件缩小范围" in page


# --- few questions, each with an index ----------------------------------------------------------


ASKED = [
    "",
    "q=托育",
    "q=ty",
    "q=龙泉路18号",
    "community=longquan",
    "service=full_day&service=temporary",
    "age=12-24",
    "fee=1000-2000",
    *(f"has={value}" for value, _label in HAS),
    *(f"sort={value}" for value, _label in SORTS),
    "facility_type=independent&statutory=unknown",
    "q=没有这家&community=hubin",
    "q=托育&community=longquan&service=full_day&age=12-24&fee=-1000&has=vacancy&sort=fee&page=2",
]


@pytest.mark.proves("ux:36")
def test_eight_questions_at_most_however_many_rows(client: Client) -> None:
    """Every condition and order: the same number of queries for few and for many."""
    fields: dict[str, Any] = {
        "service_forms": ["full_day"], "age_from": 6, "age_to": 36, "monthly_fee_from": 900,
        "is_affordable": True, "extended_until": dt.time(19), "serves_meals": True,
        "is_accessible": True, "address": "龙泉路18号",
    }  # fmt: skip
    for number in range(1, 3):
        listed(number, **fields)
    few = {query: queries_of(client, f"{LIST}?{query}") for query in ASKED}
    for number in range(3, 40):
        listed(number, **fields)
    many = {query: queries_of(client, f"{LIST}?{query}") for query in ASKED}
    assert few == many
    assert max(many.values()) <= 8, many


def plan_of(rows: Any) -> str:
    """The plan while whole-table reading and sorting are dear: which index could serve."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = on")
    return rows.explain()


@pytest.mark.proves("prod:A1")
@pytest.mark.parametrize(
    ("order", "index"),
    [("name", "facility_public_name"), ("fee", "facility_public_fee"),
     ("vacancy", "facility_public_vacancies"), ("newest", "facility_public_newest")],
)  # fmt: skip
def test_every_order_reads_an_index(order: str, index: str) -> None:
    """Twelve rows come in order from a partial index; nothing is sorted."""
    rows = Facility.objects.public().order_by(*queries_public.ORDERS[order])[:PUBLIC_PAGE]
    plan = plan_of(rows)
    assert f"using {index}" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("need", "index"),
    [("vacancy", "vacant"), ("affordable", "affordable"), ("extended", "extended"),
     ("meals", "meals"), ("accessible", "accessible")],
)  # fmt: skip
def test_every_need_has_an_index(need: str, index: str) -> None:
    """The rows that fulfil it, already in the usual order."""
    rows = Facility.objects.public().filter(queries_public.NEEDS[need])
    plan = plan_of(rows.order_by(*queries_public.BY_NAME)[:PUBLIC_PAGE])
    names = {f"facility_public_{index}", "facility_public_vacancies", "facility_public_name"}
    assert any(f"using {name}" in plan for name in names)
    assert "Sort" not in plan
    count = plan_of(rows.order_by())
    assert "Seq Scan" not in count


@pytest.mark.proves("prod:A4")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_every_condition_reads_an_index_of_its_own() -> None:
    """Rare values are found without reading the others, once the database knows its rows."""
    pattern = listed(1, classes=[], mirror=False)
    values = {f.attname: getattr(pattern, f.attname) for f in Facility._meta.concrete_fields}
    Facility.objects.bulk_create(
        Facility(**{**values, **_varied(number)}) for number in range(2, 3000)
    )
    with connections["owner"].cursor() as cursor:
        # New entries of a GIN index wait in a list until a vacuum comes by: here it comes now.
        cursor.execute("SELECT gin_clean_pending_list('facility_grams')")
        cursor.execute("ANALYZE facilities_facility")
    wanted = {
        "facility_public_services": {"service_forms__overlap": ["hourly"]},
        "facility_grams": {"search_grams__contains": ["稀有"]},
        "facility_public_age": {"age_from__lt": 12, "age_to__gt": 6},
        "facility_public_fee": {"monthly_fee_from__gt": 1000, "monthly_fee_from__lte": 2000},
        "facility_community": {"community": makers.community("hubin")},
        "facility_type_sort": {"facility_type": "family"},
    }
    for index, condition in wanted.items():
        assert index in Facility.objects.public().filter(**condition).order_by().explain()


def _varied(number: int) -> dict[str, Any]:
    is_rare = number % 100 == 0
    return {
        "id": uuid.uuid4(),
        "code": f"SP-TY-{number:04d}",
        "uscc": makers.uscc(number),
        "search_grams": search.grams("稀有" if is_rare else "常见"),
        "service_forms": ["hourly"] if is_rare else ["full_day"],
        "age_from": 6 if is_rare else 24,
        "age_to": 36,
        "monthly_fee_from": 1500 if is_rare else 900,
        "facility_type": "family" if is_rare else "independent",
        "community": makers.community("hubin" if is_rare else "longquan"),
    }


# --- for machines -----------------------------------------------------------------------------


def test_robots_may_read_what_is_public(client: Client) -> None:
    """Not the pages of operators and officials, in either language."""
    page = text(client, "/robots.txt")
    for path in ("/my/", "/desk/", "/panel/", "/en/my/", "/en/desk/"):
        assert f"Disallow: {path}\n" in page
    assert f"Sitemap: {settings.PUBLIC_ORIGIN}/sitemap.xml" in page
    assert "Disallow: /\n" not in page


def test_site_map_lists_the_public_facilities(client: Client) -> None:
    """Open ones only."""
    shown, closed = listed(1), listed(2, operating="closed")
    page = text(client, "/sitemap.xml")
    assert f"<loc>{settings.PUBLIC_ORIGIN}{reverse('public:facility', args=[shown.code])}" in page
    assert closed.code not in page


# --- home and guide ---------------------------------------------------------------------------


@pytest.mark.proves("prod:A15")
def test_home_shows_three_cards_and_the_numbers(client: Client) -> None:
    """The newest three, the sums of the street, the day of the newest update."""
    for number in range(1, 6):
        listed(number, monthly_fee_from=980, classes=[("toddler", 15, 11)])
    page = client.get("/")
    assert len(page.context["cards"]) == 3
    numbers = page.context["numbers"]
    assert (numbers["facilities"], numbers["places"], numbers["vacancies"]) == (5, 75, 20)
    words = page.content.decode()
    assert "全日托 980 元/月起" in words
    assert '<span class="nobr">托育机构</span></h1>' in words


@pytest.mark.proves("prod:P2", "prod:C2")
@pytest.mark.parametrize(("kind", "lines"), [("family", 3), ("independent", 6)])
def test_guide_for_one_kind_of_facility(client: Client, kind: str, lines: int) -> None:
    """Only the papers of that kind, to print; an unknown kind shows all."""
    address = reverse("public:guide_filing")
    page = client.get(f"{address}?kind={kind}")
    (only,) = page.context["lists"]
    assert len(only.lines) == lines
    assert "打印材料清单" in page.content.decode()
    assert "不收费" in page.content.decode()
    everything = client.get(f"{address}?kind=castle")
    assert not everything.context["kind"]
    assert sum(len(each.types) for each in everything.context["lists"]) == 5
