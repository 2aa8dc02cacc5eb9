"""The forms of a filing: every sentence of a fault, and what comes out of sound input."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from facilities import queries, rules
from facilities.forms import (
    DECLARATION,
    CertificateForm,
    DeclarationForm,
    PremisesForm,
    RegistrationForm,
    remarks,
    sentence,
)
from facilities.forms.misses import _sentences
from facilities.rules import Miss
from portal.core.queries import in_force
from portal.core.regulation import Citation, Figure, Mark, Regulation
from tests import makers

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)


def registration(**changes: Any) -> RegistrationForm:
    data = {
        "facility_name": "小太阳托育园（示例）",
        "short_name": "",
        "uscc": makers.uscc(),
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
        "version": "3",
    } | changes
    return RegistrationForm(data, stored={}, version=3, user=makers.operator(), law=in_force(TODAY))


def test_a_certificate_of_tomorrow_is_asked_about() -> None:
    assert registration(established_on="2026-11-23").is_valid()
    errors = registration(established_on="2026-11-24").errors
    assert errors == {"established_on": ["成立日期不能晚于今天"]}


def premises(rows: list[dict[str, str]] | None = None, **changes: Any) -> PremisesForm:
    data = {
        "community": "longquan",
        "address": "龙泉路18号",
        "floor_lowest": "1",
        "floor_highest": "2",
        "has_basement": "False",
        "building_area": "420",
        "indoor_area": "360.5",
        "outdoor_area": "0",
        "tenure": "leased",
        "lease_start": "2025/5/1",
        "lease_end": "2030年4月30日",
        "serves_meals": "True",
        "version": "0",
    } | changes
    return PremisesForm(data | class_rows(rows or [CLASS]), stored={}, version=0)


CLASS = {"class_type": "toddler", "name": "托小一班", "capacity": "15", "enrolled": "11"}


def class_rows(rows: list[dict[str, str]]) -> dict[str, str]:
    """Rows as a browser sends them."""
    sent = {"classes-TOTAL_FORMS": str(len(rows)), "classes-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        sent |= {f"classes-{number}-{name}": value for name, value in row.items()}
    return sent


def errors(form: Any) -> dict[str, list[str]]:
    form.is_valid()
    return {name: list(found) for name, found in form.errors.items()}


# --- registration -----------------------------------------------------------------------------


def test_sound_registration_reads_as_the_register_wants_it() -> None:
    form = registration(uscc=f" {makers.uscc(7).lower()} ", manager_phone="+86 138 0000 0001")
    assert form.is_valid(), form.errors
    answers = form.answers
    assert answers["uscc"] == makers.uscc(7)
    assert answers["manager_phone"] == "13800000001"
    assert answers["established_on"] == "2025-05-01"
    assert answers["is_affordable"] is False
    assert set(answers) == set(makers.registration_answers())
    assert rules.check_registration(queries.registration_facts(answers), in_force(TODAY)) == []


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("facility_name", "请填写机构名称"),
        ("uscc", "请填写统一社会信用代码"),
        ("facility_type", "请选择机构类型"),
        ("operating_model", "请选择举办方式"),
        ("business_scope", "请填写业务（经营）范围"),
        ("established_on", "请填写成立日期"),
        ("legal_representative", "请填写法定代表人"),
        ("public_phone", "请填写公开电话"),
    ],
)
def test_what_is_left_out_is_asked_for_by_name(field: str, words: str) -> None:
    assert errors(registration(**{field: ""})) == {field: [words]}


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("uscc", "9141048100", "统一社会信用代码应为 18 位，现在是 10 位"),
        (
            "uscc",
            "91410481MA00O0IX1S",
            "统一社会信用代码里不会出现“OIS”，请对照营业执照核对",
        ),
        ("uscc", "91A10481MA000001XX", "统一社会信用代码第 3 至 8 位应是数字，请对照营业执照核对"),
        ("manager_phone", "1380000001", "负责人电话为手机号时应为 11 位数字，现在是 10 位，请核对"),
        ("public_phone", "见门口", "公开电话请填手机号，或带区号的固定电话，例如 0375-0000000"),
        ("established_on", "去年", "成立日期请按“2026-11-03”填写"),
        ("facility_name", "园" * 103, "机构名称最多 100 个字，现在多了 3 个字"),
        ("facility_type", "castle", "请重新选择机构类型，原来的选项现在不能用"),
    ],
)
def test_faults_of_shape_in_words(field: str, typed: str, words: str) -> None:
    assert errors(registration(**{field: typed})) == {field: [words]}


def test_last_check_digit_is_refused_and_the_inner_one_only_remarked() -> None:
    good = makers.uscc(5)
    wrong_end = good[:-1] + ("1" if good[-1] != "1" else "2")
    words = "统一社会信用代码有误，请对照营业执照核对"
    assert errors(registration(uscc=wrong_end)) == {"uscc": [words]}
    inner = with_other_inner_digit(good)
    form = registration(uscc=inner)
    assert form.is_valid(), form.errors
    found = rules.check_registration(queries.registration_facts(form.answers), in_force(TODAY))
    assert [(m.code, m.blocking) for m in found] == [("uscc_organisation_check", False)]
    assert "第 9 至 17 位" in sentence(found[0])


def with_other_inner_digit(code: str) -> str:
    """The same code with the 17th character changed and the 18th made right again."""
    body = code[:16] + ("1" if code[16] != "1" else "2")
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(c) * w for c, w in zip(body, weights, strict=True))
    return body + letters[(31 - total % 31) % 31]


def test_a_code_that_is_registered_is_refused_without_a_name() -> None:
    facility = makers.facility(facility_name="东方托育（示例）")
    words = (
        "这个信用代码不能重新报送。已登记的机构不用重新报送：可以申请加入，登记事项有变化"
        "请报送变更，搬迁的请先报送原来地方的停办"
    )
    assert errors(registration(uscc=facility.uscc)) == {"uscc": [words]}
    form = registration(uscc=facility.uscc)
    form.user = facility.memberships.get().user
    assert form.errors["uscc"] == [words]


def test_a_draft_keeps_what_was_typed_and_comes_back_as_it_was() -> None:
    form = registration(uscc="12", established_on="去年", is_affordable="on")
    again = RegistrationForm(stored=form.draft, version=4, user=form.user, law=form.law)
    assert again["uscc"].value() == "12"
    assert again["established_on"].value() == "去年"
    assert again["is_affordable"].value() is True
    assert again["version"].value() == 4


@pytest.mark.parametrize("sent", ["", "x", "-1", "9999999999"])
def test_a_version_that_is_no_number_is_stale(sent: str) -> None:
    assert registration(version=sent).sent_version == -1


@pytest.mark.proves("diff:22")
def test_what_the_credit_code_and_other_answers_say_is_not_asked_twice() -> None:
    blank = dict.fromkeys(("legal_form", "registration_authority", "manager", "manager_phone"), "")
    form = registration(**blank)
    assert form.is_valid(), form.errors
    said = form.answers
    assert said["legal_form"] == "for_profit"
    assert said["registration_authority"] == "舞钢市市场监督管理局"
    assert (said["manager"], said["manager_phone"]) == ("示例法人", "0375-0000000")
    assert rules.check_registration(queries.registration_facts(said), in_force(TODAY)) == []
    form = registration(**blank, uscc=makers.uscc(prefix="52"))
    assert form.is_valid(), form.errors
    assert form.answers["registration_authority"] == "舞钢市民政局"


def test_where_the_credit_code_does_not_tell_it_is_asked() -> None:
    blank = {"legal_form": "", "registration_authority": ""}
    assert errors(registration(**blank, uscc=makers.uscc(prefix="93"))) == {
        "legal_form": ["从信用代码看不出，请选择机构性质"]
    }
    assert errors(registration(**blank, uscc=makers.uscc(prefix="12"))) == {
        "registration_authority": ["从信用代码看不出，请填写登记机关"]
    }
    assert set(errors(registration(**blank, uscc="91"))) == {"uscc"}
    assert set(errors(registration(legal_form="other", registration_authority=""))) == {
        "legal_form"
    }
    assert set(errors(registration(manager_phone="139", public_phone=""))) == {
        "manager_phone", "public_phone",
    }  # fmt: skip
    long = registration(registration_authority="局" * 61, uscc=makers.uscc(prefix="93"))
    assert set(errors(long)) == {"registration_authority"}


# --- premises ---------------------------------------------------------------------------------


def test_sound_premises_read_as_the_register_wants_them() -> None:
    form = premises()
    assert form.is_valid(), (form.errors, form.rows.errors)
    answers = form.answers
    assert set(answers) == set(makers.premises_answers())
    assert answers["community"] == "longquan"
    assert (answers["building_area"], answers["indoor_area"]) == ("420", "360.5")
    assert (answers["lease_start"], answers["lease_end"]) == ("2025-05-01", "2030-04-30")
    assert answers["serves_meals"] is True
    assert answers["has_basement"] is False
    assert answers["classes"] == [
        {"class_type": "toddler", "name": "托小一班", "capacity": 15, "enrolled": 11}
    ]
    facts = queries.premises_facts(answers, "independent")
    assert facts.indoor_area == Decimal("360.5")


def test_a_lease_is_asked_for_only_where_there_is_one() -> None:
    form = premises(tenure="leased", lease_start="", lease_end="")
    assert errors(form) == {
        "lease_start": ["场所是租赁的，请填写租期开始日期"],
        "lease_end": ["场所是租赁的，请填写租期截止日期"],
    }
    form = premises(tenure="owned", lease_start="", lease_end="")
    assert form.is_valid()
    assert form.answers["lease_start"] is None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"community": ""}, "community", "请选择所在社区（村）"),
        ({"address": ""}, "address", "请填写详细地址"),
        ({"floor_lowest": ""}, "floor_lowest", "请填写孩子用房的最低楼层"),
        ({"floor_lowest": "一楼"}, "floor_lowest", "孩子用房的最低楼层请填整数，例如 60"),
        ({"floor_lowest": "3"}, "floor_highest", "最高楼层不能低于最低楼层（3 层）"),
        (
            {"has_basement": "", "floor_lowest": "-1"},
            "has_basement",
            "请选择孩子用房是否在地下室或半地下室",
        ),
        ({"building_area": "大"}, "building_area", "建筑面积请填数字，例如 60"),
        ({"building_area": "-5"}, "building_area", "建筑面积不能小于 0"),
        ({"outdoor_area": ""}, "outdoor_area", "请填写室外活动场地面积"),
        ({"tenure": ""}, "tenure", "请选择场所性质"),
        ({"serves_meals": ""}, "serves_meals", "请选择是否供餐"),
        (
            {"lease_end": "2025-05-01"},
            "lease_end",
            "租期截止日期应晚于开始日期（2025年5月1日）",
        ),
    ],
)
def test_faults_of_premises_in_words(changes: dict[str, str], field: str, words: str) -> None:
    assert errors(premises(**changes)) == {field: [words]}


def test_each_fault_of_a_class_stands_at_its_field() -> None:
    form = premises([CLASS | {"class_type": "", "name": "", "capacity": "很多", "enrolled": ""}])
    assert not form.is_valid()
    assert form.rows.errors == [
        {
            "class_type": ["请选择班型"],
            "capacity": ["托位请填整数，例如 60"],
        }
    ]


def test_blank_cards_do_not_count_but_one_class_is_needed() -> None:
    blank = dict.fromkeys(CLASS, "")
    assert premises([CLASS, blank]).is_valid()
    form = premises([blank])
    assert not form.is_valid()
    assert form.rows.non_form_errors() == ["请至少填写一个班"]


@pytest.mark.proves("diff:22")
def test_one_storey_a_class_without_name_or_child_need_no_typing() -> None:
    bare = {"class_type": "toddler", "name": "", "capacity": "15", "enrolled": ""}
    with translation.override("en"):
        form = premises([bare, bare, bare | {"name": "托小班2"}], floor_highest="", has_basement="")
        assert form.is_valid(), (form.errors, form.rows.errors)
        answers = form.answers
    assert [row["name"] for row in answers["classes"]] == ["托小班1", "托小班3", "托小班2"]
    assert {row["enrolled"] for row in answers["classes"]} == {0}
    assert (answers["floor_highest"], answers["has_basement"]) == (1, False)
    assert errors(premises(floor_lowest="", floor_highest="", has_basement="")) == {
        "floor_lowest": ["请填写孩子用房的最低楼层"]
    }


def test_two_classes_of_one_name_are_refused() -> None:
    form = premises([CLASS, CLASS])
    assert not form.is_valid()
    assert form.rows.non_form_errors() == ["班名“托小一班”用了两次，请改成不同的名字"]


def test_more_classes_than_the_law_has_are_only_remarked() -> None:
    form = premises([CLASS | {"name": f"托小{n}班"} for n in range(11)])
    assert form.is_valid(), form.rows.errors
    found = rules.check_premises(
        queries.premises_facts(form.answers, "independent"), in_force(TODAY)
    )
    assert "共填了 11 个班，一般不超过 10 个班，请核对" in [sentence(m) for m in found]


def test_adding_and_removing_a_card_keeps_everything() -> None:
    form = premises([CLASS, CLASS | {"name": "第二"}], address="")
    assert [row["name"] for row in form.draft_with_row()["classes"]] == ["托小一班", "第二", ""]
    assert [row["name"] for row in form.draft_without_row("0")["classes"]] == ["第二"]
    assert [row["name"] for row in form.draft_without_row("x")["classes"]] == ["托小一班", "第二"]
    again = PremisesForm(stored=form.draft_with_row(), version=1)
    assert len(again.rows.forms) == 3
    assert again.rows.forms[1]["name"].value() == "第二"
    assert (
        PremisesForm(stored=makers.premises_answers(), version=1)["serves_meals"].value() is False
    )


# --- papers -----------------------------------------------------------------------------------

MATERIAL = rules.Material(
    "food_licence", "食品经营许可证", "市场监督管理部门", True, True, True, "materials.for_family"
)


def certificate(files: dict[str, Any] | None = None, **changes: str) -> CertificateForm:
    data = {
        "number": "示例-1",
        "issuer": "示例机关",
        "issued_on": "2026-01-05",
        "valid_until": "2028-01-04",
        "version": "0",
    } | changes
    return CertificateForm(
        data, files=files or {}, material=MATERIAL, today=TODAY, stored={}, version=0
    )


def test_a_sound_paper() -> None:
    form = certificate({"picture": makers.jpeg(), "pdf": makers.pdf()})
    assert form.is_valid(), form.errors
    assert form.values["valid_until"] == dt.date(2028, 1, 4)
    assert [file.media_type for file in form.sound_files] == ["image/jpeg", "application/pdf"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"issued_on": "2026-11-24"}, "issued_on", "发证日期不能晚于今天"),
        ({"issued_on": "昨天"}, "issued_on", "发证日期请按“2026-11-03”填写"),
        ({"valid_until": "2025-01-01"}, "valid_until", "有效期至应晚于发证日期（2026年1月5日）"),
        ({"number": "9" * 61}, "number", "编号最多 60 个字，现在多了 1 个字"),
    ],
)
def test_faults_of_a_paper_in_words(changes: dict[str, str], field: str, words: str) -> None:
    form = certificate({"pdf": makers.pdf()}, **changes)
    assert errors(form) == {field: [words]}
    assert not form.texts_are_sound
    assert len(form.sound_files) == 1


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (
            SimpleUploadedFile("a.docx", b"PK\x03\x04 not a paper"),
            "文件须为 JPG、PNG 或 PDF，您选的是 DOCX",
        ),
        (SimpleUploadedFile("a.pdf", b""), "文件打不开，请重新选择"),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7 broken"), "文件打不开，请重新选择"),
    ],
)
def test_a_refused_file_says_why_and_the_rest_is_sound(upload: Any, words: str) -> None:
    form = certificate({"pdf": upload})
    assert errors(form) == {"pdf": [words]}
    assert form.texts_are_sound


def test_a_picture_field_takes_pictures_only() -> None:
    assert errors(certificate({"picture": makers.pdf()})) == {
        "picture": ["文件须为 JPG 或 PNG，您选的是 PDF"]
    }


# --- declaration --------------------------------------------------------------------------------


def test_declaration_needs_the_tick_and_a_name() -> None:
    assert errors(DeclarationForm({})) == {
        "agreed": ["请阅读承诺书并勾选“我已阅读并同意”"],
        "declared_name": ["请填写承诺人姓名"],
    }
    assert DeclarationForm({"agreed": "on", "declared_name": "示例负责人"}).is_valid()
    assert "2026-1" in DECLARATION


# --- remarks ----------------------------------------------------------------------------------


def miss(code: str, field: str = "uscc", section: str = "registration", **params: Any) -> Miss:
    return Miss(code, section, field, params, None)


@pytest.mark.proves("diff:9")
@pytest.mark.parametrize(
    ("found", "words"),
    [
        (miss("required", "facility_name"), "请填写机构名称"),
        (miss("required", "classes", "premises"), "请填写班级"),
        (
            miss("uscc_prefix_mismatch", prefix="52", legal_form="for_profit", expected=("91",)),
            "代码以 52 开头，通常是民政部门登记的社会组织，与所选“营利性”不一致，请核对",
        ),
        (
            miss("class_capacity_over_limit", "classes.0.capacity", "premises",
                 class_name="一班", class_type="toddler", children=18, limit=15),
            "托小班每班不超过 15 人，“一班”填了 18 个托位，请核对",
        ),
        (
            miss("class_overfull", "classes.0.enrolled", "premises",
                 class_name="", class_type=None, children=18, limit=15),
            "在托 18 人，多于托位 15 个，请核对",
        ),
        (
            miss("lease_expired", "lease_end", "premises", day=dt.date(2026, 5, 1)),
            "租期已于 2026年5月1日 到期，请核对",
        ),
        (
            miss("scope_words_missing", "business_scope", words=("托育服务",)),
            "业务（经营）范围里没有写“托育服务”，请对照证照核对",
        ),
        (miss("a_code_of_tomorrow"), "填写的内容有误，请核对"),
    ],
)  # fmt: skip
def test_remarks_in_plain_sentences(found: Miss, words: str) -> None:
    assert sentence(found) == words


@pytest.mark.proves("diff:9")
def test_a_remark_leads_to_its_field_and_cites_only_what_was_checked() -> None:
    citation = Citation("托育机构设置标准（试行）", "", "19", Mark.SEEN)
    for verified, cited in ((False, ""), (True, "《托育机构设置标准（试行）》第19条")):
        figure = Figure("setting.class_capacity", {}, "children", citation, TODAY, verified)
        law = Regulation(TODAY, {figure.key: figure})
        found = Miss("class_overfull", "premises", "classes.1.enrolled",
                     {"class_name": "一班", "class_type": "older", "children": 3, "limit": 2},
                     figure.key)  # fmt: skip
        [remark] = remarks([found], law)
        assert remark.anchor == "div_id_classes-1-enrolled"
        assert remark.citation == cited


def test_remarks_about_papers_lead_to_the_paper() -> None:
    law = in_force(TODAY)
    params = {"material": "fire_certificate", "name": "消防安全检查合格证明"}
    field = "fire_certificate.valid_until"
    whole = Miss("certificate_missing", "certificates", "fire_certificate", params, None)
    part = Miss("certificate_validity_missing", "certificates", field, params, None)
    found = remarks([whole, part], law)
    assert [(r.material, r.anchor) for r in found] == [
        ("fire_certificate", "div_id_picture"),
        ("fire_certificate", "div_id_valid_until"),
    ]


def test_every_code_of_the_rules_has_its_sentence() -> None:
    """Whatever the rules may say is said in words of its own."""
    folder = Path(rules.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    codes = set(re.findall(r'Miss\(\s*f?"([a-z_{}]+)"', text))
    codes |= {"class_capacity_over_limit", "class_enrolled_over_limit"}
    codes.discard("class_{name}_over_limit")
    assert codes <= set(_sentences())
