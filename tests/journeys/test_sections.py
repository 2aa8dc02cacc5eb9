"""The sections of a filing by kind of facility, as a web without JavaScript goes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from facilities import actions
from facilities.forms import field_label
from facilities.models import Filing
from facilities.workflow import SectionStatus
from portal.core.actors import Actor
from portal.core.models import User
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(makers.AT, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return makers.operator()


@pytest.fixture
def web(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"my:{name}", args=args)


def html(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def keep(filing: Filing, key: str, answers: dict[str, Any]) -> None:
    section, by = filing.sections.get(key=key), Actor.person(filing.created_by)
    actions.save_section(
        filing, key, answers, answers, version=section.version, by=by, at=makers.AT
    )


@pytest.mark.proves("prod:B1", "prod:B4")
def test_the_task_list_stands_in_three_groups(web: Client, person: User) -> None:
    text = html(web, page("filing", makers.filing(person).number))
    places = [
        text.index(words)
        for words in (
            "一、机构信息", "登记信息", "场所与托位", "服务与收费",
            "二、人员与安全", "证照材料", "视频监控与安保", "三、提交", "核对并提交",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert "项都完成后，就可以核对并提交" in text


@pytest.mark.proves("prod:B5")
def test_fees_are_added_and_removed_without_javascript(web: Client, person: User) -> None:
    filing = makers.filing(person)
    url = page("services", filing.number)
    sent = makers.typed(makers.services_answers(refund_rule=""), rows="fees")
    response = web.post(url, sent | {"version": "0", "add_row": "1"})
    assert response.url == f"{url}#id_fees-2-service_form"
    text = html(web, url)
    assert 'name="fees-2-amount"' in text
    assert text.count("checked") >= 7  # two forms, five days
    response = web.post(url, sent | {"version": "1", "remove_row": "0"})
    assert response.url == f"{url}#fees"
    text = html(web, url)
    assert "1680.00" not in text
    assert "980.00" in text


@pytest.mark.proves("prod:B5", "ux:12")
def test_bad_input_is_kept_with_the_words_why(web: Client, person: User) -> None:
    filing = makers.filing(person)
    sent = makers.typed(makers.services_answers(closes_at="７点", age_to="abc"), rows="fees")
    sent["fees-1-amount"] = "一千"
    text = web.post(page("services", filing.number), sent | {"version": "0"}).content.decode()
    assert "<title>错误：" in text
    assert "有 3 处需要修改" in text
    assert 'value="abc"' in text
    assert 'value="一千"' in text
    kept = filing.sections.get(key="services")
    assert (kept.status, kept.draft["age_to"]) == (SectionStatus.IN_PROGRESS, "abc")


def test_safety_saves_itself_while_it_is_typed(web: Client, person: User) -> None:
    filing = makers.filing(person)
    response = web.post(page("autosave", filing.number, "safety"), {"cameras": "1", "version": "0"})
    assert response.headers["X-Saved"] == "1"
    whole = makers.typed(makers.safety_answers()) | {"version": "1"}
    assert web.post(page("autosave", filing.number, "safety"), whole).headers["X-Saved"] == "2"
    assert filing.sections.get(key="safety").status == SectionStatus.COMPLETE


def test_the_list_of_people_is_not_made_whole_by_saving_itself(web: Client, person: User) -> None:
    filing = makers.filing(person)
    answer = web.post(page("autosave", filing.number, "staff"), {"version": "0"})
    assert answer.status_code == 404
    assert not filing.sections.filter(key="staff", status=SectionStatus.COMPLETE).exists()


@pytest.mark.proves("prod:B4")
def test_a_family_point_sees_the_short_form(web: Client, person: User) -> None:
    filing = makers.filing(person)
    text = html(web, page("safety", filing.number))
    assert 'name="guards"' in text
    assert "监控和报警做到了哪些" in text
    keep(filing, "registration", makers.registration_answers(facility_type="family"))
    text = html(web, page("safety", filing.number))
    assert 'name="guards"' not in text
    assert 'name="retention_days"' in text
    assert "监控做到了哪些" in text  # an alarm is not asked about
    assert "报警做到了" not in text


@pytest.mark.proves("prod:B4")
def test_meals_are_asked_about_once(web: Client, person: User) -> None:
    filing = makers.filing(person)
    assert "在“场所与托位”里填了供餐的才填" in html(web, page("services", filing.number))
    keep(filing, "premises", makers.premises_answers(serves_meals=False))
    assert 'name="meal_source"' not in html(web, page("services", filing.number))
    keep(filing, "premises", makers.premises_answers(serves_meals=True))
    assert 'name="meal_source"' in html(web, page("services", filing.number))


@pytest.mark.proves("diff:9", "clause:二(四)1", "clause:二(四)3c", "clause:二(四)3b")
def test_six_wrong_answers_give_six_named_remarks_and_stop_nothing(
    web: Client, person: User
) -> None:
    classes = [{"class_type": "toddler", "name": "托小一班", "capacity": 16, "enrolled": 0}]
    filing = makers.complete_filing(
        person,
        premises={"classes": classes, "floor_highest": 4, "lease_end": "2028-04-29"},
        services={"age_to": 24, "service_forms": ["full_day", "half_day", "hourly"]},
        safety={"retention_days": 89, "guards": 0, "guards_certified": None, "guard_company": ""},
    )
    url = page("check", filing.number)
    text = html(web, url)
    number = filing.number
    for words, key, field in (
        ("托小班每班不超过 15 人，“托小一班”填了 16 个托位", "premises", "classes-0-capacity"),
        ("最高楼层填了 4 层，一般不高于 3 层", "premises", "floor_highest"),
        ("租期应不少于 3 年，按开始日期至少要到 2028年4月30日", "premises", "lease_end"),
        ("监控录像应保存不少于 90 天，您填了 89 天", "safety", "retention_days"),
        ("在岗保安应不少于 1 人，您填了 0 人", "safety", "guards"),
    ):
        assert words in text
        assert f"{page(key, number)}?from=check#div_id_{field}" in text
    assert "开展计时托，还没有填它的收费" in text
    assert f"{page('services', number)}?from=check#fees" in text
    response = web.get(url)
    assert len(response.context["remarks"]) == 6
    assert "去签承诺书" in text
    signed = {"agreed": "on", "declared_name": "示例负责人"}
    assert web.post(page("declaration", number), signed).url == page("done", number)
    # The official reads the same six.
    clerk = Client()
    clerk.force_login(makers.clerk())
    beside = clerk.get(reverse("desk:filing", args=[number]))
    assert {remark.text for remark in beside.context["remarks"]} == {
        remark.text for remark, _url in response.context["remarks"]
    }


def test_the_office_reads_services_and_safety(web: Client, person: User) -> None:
    filing = makers.submitted_filing(person)
    clerk = Client()
    clerk.force_login(makers.clerk())
    text = clerk.get(reverse("desk:filing", args=[filing.number])).content.decode()
    assert "服务与收费" in text
    assert "全日托，保育费" in text
    assert "1680.00 元/月" in text
    assert "自然灾害、传染病" in text
    assert field_label("retention_days") in text


def test_the_file_of_a_facility_shows_them() -> None:
    facility = makers.facility()
    clerk = Client()
    clerk.force_login(makers.clerk())
    url = reverse("desk:facility", args=[facility.code])
    text = clerk.get(url, {"tab": "services"}).content.decode()
    assert "07:30—17:30，可延时到 18:30" in text
    assert "周一至周五" in text
    assert "1680.00 元/月" in text
    assert "录像保存天数" in text
    facility.safety.delete()
    facility.service_forms = []
    facility.save()
    text = clerk.get(url, {"tab": "services"}).content.decode()
    assert "还没有报送服务与收费" in text
    assert "还没有报送视频监控与安保" in text
