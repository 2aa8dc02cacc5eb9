"""What the pre-check found, in plain sentences: what to look at, never a blame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from facilities.models.choices import ClassType, LegalForm
from facilities.rules import Miss
from portal.core.regulation import Regulation, display_citation

from .misses_services import readable, safety_sentences, services_sentences
from .misses_staff import post_label, staff_sentences
from .offering import ServicesForm
from .premises import ClassForm, PremisesForm
from .problems import problem_words
from .registration import RegistrationForm
from .safety import SafetyForm


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding as a reader sees it; `anchor` is the id of the field's box on its page.

    `material` is set for remarks about a paper, `citation` only once two persons checked it (R30).
    """

    text: str
    section: str
    anchor: str
    material: str = ""
    citation: str = ""
    blocking: bool = False


def remarks(found: Iterable[Miss], law: Regulation) -> list[Remark]:
    """The findings in words, in the order in which the rules found them."""
    return [_remark(miss, law) for miss in found]


def _remark(miss: Miss, law: Regulation) -> Remark:
    figure = law[miss.figure_key] if miss.figure_key and miss.figure_key in law else None
    material, anchor = "", _anchor(miss.field)
    if miss.section == "certificates":
        material, _dot, name = miss.field.partition(".")
        anchor = _anchor(name or "picture")
    return Remark(
        text=sentence(miss),
        section=miss.section,
        anchor=anchor,
        material=material,
        citation=display_citation(figure) if figure else "",
        blocking=miss.blocking,
    )


def _anchor(field: str) -> str:
    """classes.0.capacity → div_id_classes-0-capacity; the classes as a whole have a heading."""
    return field if field in {"classes", "staff", "fees"} else f"div_id_{field.replace('.', '-')}"


def sentence(miss: Miss) -> str:
    """The sentence for one finding; an unknown code still says which field to look at."""
    say = _sentences().get(miss.code)
    if say is None:
        return problem_words(miss.code, miss.params)
    return say % _readable(miss)


def _readable(miss: Miss) -> dict[str, Any]:
    """The parameters as people write them: Chinese days, choices by label, lists joined."""
    shown = {name: _written(value) for name, value in readable(dict(miss.params)).items()}
    shown["label"] = field_label(miss.field)
    if "legal_form" in miss.params:
        shown["legal_form"] = LegalForm(str(miss.params["legal_form"])).label
    if "class_type" in miss.params:
        shown["class"] = _class_name(miss.params)
        kind = miss.params["class_type"]
        shown["kind"] = ClassType(str(kind)).label if kind else _("这个班")
    if "post" in miss.params:
        shown["post"] = post_label(str(miss.params["post"]))
    if "prefix" in miss.params:
        shown["usual"] = _usual_form(str(miss.params["prefix"]))
    return shown


def _written(value: object) -> object:
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "、".join(map(str, value)) if isinstance(value, (tuple, list)) else value


def _class_name(params: Mapping[str, Any]) -> str:
    return _("“%(name)s”") % {"name": params["class_name"]} if params.get("class_name") else ""


def _usual_form(prefix: str) -> str:
    """What a credit code beginning so usually belongs to, in the words of the form."""
    known = {
        "1": _("机构编制部门登记的单位"),
        "5": _("民政部门登记的社会组织"),
        "9": _("市场监管部门登记的企业或个体工商户"),
    }
    return known.get(prefix[:1], _("其他登记部门登记的单位"))


def field_label(field: str) -> str:
    """The name of a field on its page, found on the form it belongs to."""
    if field in {"classes", "fees"}:
        return _("班级") if field == "classes" else _("收费项目")
    name = field.rpartition(".")[2]
    for form in (RegistrationForm, PremisesForm, ClassForm, ServicesForm, SafetyForm):
        if name in form.base_fields:
            return str(form.base_fields[name].label)
    return name


def _sentences() -> dict[str, str]:
    return {
        **_registration(),
        **_classes(),
        **_life(),
        **_premises(),
        **_papers(),
        **staff_sentences(),
        **services_sentences(),
        **safety_sentences(),
    }


def _registration() -> dict[str, str]:
    return {
        "required": _("请填写%(label)s"),
        "established_in_future": _("成立日期（%(day)s）晚于今天，请核对"),
        "uscc_prefix_mismatch": _(
            "代码以 %(prefix)s 开头，通常是%(usual)s，与所选“%(legal_form)s”不一致，请核对"
        ),
        "uscc_area_unusual": _(
            "代码第 3 至 8 位是 %(area)s，不是本市、平顶山市或河南省的登记机关，请核对"
        ),
        "authority_unusual": _(
            "登记机关与所选“%(legal_form)s”不一致：名称里通常有“%(words)s”等字样，请核对"
        ),
        "scope_words_missing": _("业务（经营）范围里没有写“%(words)s”，请对照证照核对"),
        "name_words_missing": _("家庭托育点的名称里通常有“%(words)s”字样，请核对"),
    }


def _life() -> dict[str, str]:
    return {
        "closure_early": _(
            "停办日期离报送 %(days)s 天，一般不早于 %(earliest)s；来不及的，请在停办原因里写明"
        ),
        "parents_told_late": _("告知家长的日期晚于停办日期，请核对"),
    }


def _classes() -> dict[str, str]:
    return {
        "class_capacity_over_limit": _(
            "%(kind)s每班不超过 %(limit)s 人，%(class)s填了 %(children)s 个托位，请核对"
        ),
        "class_enrolled_over_limit": _(
            "%(kind)s每班不超过 %(limit)s 人，%(class)s在托 %(children)s 人，请核对"
        ),
        "class_overfull": _("%(class)s在托 %(children)s 人，多于托位 %(limit)s 个，请核对"),
        "total_overfull": _("在托共 %(children)s 人，多于托位合计 %(limit)s 个，请核对"),
        "too_many_classes": _("共填了 %(classes)s 个班，一般不超过 %(limit)s 个班，请核对"),
        "family_over_limit": _("家庭托育点收托不超过 %(limit)s 人，您填了 %(children)s 人，请核对"),
    }


def _premises() -> dict[str, str]:
    return {
        "floor_too_low": _("孩子用房的最低楼层填了 %(floor)s 层，应不低于 %(limit)s 层，请核对"),
        "floor_too_high": _("孩子用房的最高楼层填了 %(floor)s 层，一般不高于 %(limit)s 层，请核对"),
        "basement_used": _("孩子用房不应在地下室或半地下室，请核对"),
        "outdoor_share_below": _(
            "室外活动场地人均 %(share)s 平方米，一般不少于 %(limit)s 平方米"
            "（改建的不少于 %(rebuilt)s 平方米），请核对"
        ),
        "outdoor_share_below_rebuilt": _(
            "室外活动场地人均 %(share)s 平方米，改建的也应不少于 %(rebuilt)s 平方米，请核对"
        ),
        "outdoor_area_too_small": _("没有室外活动场地，审核时会请您说明怎样安排户外活动"),
        "lease_too_short": _(
            "租期应不少于 %(years)s 年，按开始日期至少要到 %(needed_until)s，请核对"
        ),
        "lease_ending": _("租期 %(day)s 到期，还剩 %(days)s 天，请准备续租材料"),
        "lease_expired": _("租期已于 %(day)s 到期，请核对"),
        "lease_dates_reversed": _("租期截止日期（%(end)s）早于开始日期（%(start)s），请核对"),
        "indoor_exceeds_building": _(
            "室内使用面积 %(indoor)s 平方米大于建筑面积 %(building)s 平方米，请核对"
        ),
        "floors_reversed": _("最高楼层（%(highest)s 层）低于最低楼层（%(lowest)s 层），请核对"),
    }


def _papers() -> dict[str, str]:
    return {
        "certificate_missing": _("还没有上传%(name)s"),
        "certificate_number_missing": _("请填写%(name)s的编号"),
        "certificate_validity_missing": _("请填写%(name)s的有效期"),
        "certificate_expired": _("%(name)s已于 %(day)s 到期，请上传有效的证明"),
        "certificate_expiring": _("%(name)s %(day)s 到期，还剩 %(days)s 天，请准备更换"),
        "certificate_issued_in_future": _("发证日期（%(day)s）晚于今天，请核对"),
        "certificate_dates_reversed": _(
            "有效期至（%(valid_until)s）早于发证日期（%(issued_on)s），请核对"
        ),
    }
