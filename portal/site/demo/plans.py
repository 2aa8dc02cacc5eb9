"""The made-up facilities: every name says 示例, every code and phone is synthetic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

from facilities.models.choices import ClassType, FacilityType, LegalForm, OperatingModel, Tenure
from facilities.workflow import StatutoryFilingStatus
from portal.core.identifiers import organisation_check

AREA = "410481"
Classes = tuple[tuple[ClassType, str, int, int], ...]
_AUTHORITIES = {
    LegalForm.PUBLIC_INSTITUTION: "舞钢市机构编制委员会办公室",
    LegalForm.SOCIAL_SERVICE: "舞钢市民政局",
    LegalForm.FOR_PROFIT: "舞钢市市场监督管理局",
}
_PREFIXES = {
    LegalForm.PUBLIC_INSTITUTION: "12",
    LegalForm.SOCIAL_SERVICE: "52",
    LegalForm.FOR_PROFIT: "91",
}
_LETTERS = {"12": "00", "52": "MJ", "91": "MA", "92": "MA"}
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢"

INFANT, TODDLER, OLDER, MIXED = (
    ClassType.INFANT, ClassType.TODDLER, ClassType.OLDER, ClassType.MIXED,
)  # fmt: skip
SMALL: Classes = ((TODDLER, "托小一班", 15, 11), (OLDER, "托大一班", 20, 18))
LARGE: Classes = (
    (INFANT, "乳儿班", 10, 6),
    (TODDLER, "托小一班", 15, 15),
    (TODDLER, "托小二班", 15, 12),
    (OLDER, "托大一班", 20, 20),
)
FULL: Classes = ((OLDER, "托班", 20, 20),)
ONE: Classes = ((TODDLER, "托小一班", 12, 7),)
TWO_OLDER: Classes = ((OLDER, "托大一班", 20, 16), (OLDER, "托大二班", 18, 9))
HOME: Classes = ((MIXED, "混合班", 5, 4),)
CROWDED: Classes = ((TODDLER, "托小一班", 18, 17), (OLDER, "托大一班", 20, 14))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a facility says about itself, and how its filing goes."""

    number: int
    name: str
    community: str
    address: str
    script: str
    days: int
    kind: FacilityType = FacilityType.INDEPENDENT
    form: LegalForm = LegalForm.FOR_PROFIT
    model: OperatingModel = OperatingModel.PRIVATE
    classes: Classes = SMALL
    meals: bool = True
    tenure: Tenure = Tenure.LEASED
    affordable: bool = False
    chain: str = ""
    operator: str = ""
    prefix: str = ""
    statutory: StatutoryFilingStatus | None = None
    premises: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The name as registered, marked as an example."""
        return f"{self.name}（示例）"

    @property
    def username(self) -> str:
        """The made-up phone its operator signs in with, unless it is one of the listed accounts."""
        return f"1380000{100 + self.number:04d}"

    @property
    def uscc(self) -> str:
        """A synthetic credit code in which both check digits are right."""
        prefix = self.prefix or _PREFIXES[self.form]
        return credit_code(prefix, f"{_LETTERS[prefix]}{self.number:06d}")

    @property
    def phone(self) -> str:
        """A made-up number: a landline for the larger ones, a mobile for the small."""
        return f"1380000{300 + self.number:04d}" if len(self.classes) == 1 else "0375-0000000"

    @property
    def person(self) -> str:
        """The head of the facility: a surname and the word for example, so nobody real."""
        return f"{_SURNAMES[self.number % len(_SURNAMES)]}示例"

    def registration(self, on: dt.date) -> dict[str, Any]:
        """The answers of the registration section."""
        return {
            "facility_name": self.full_name,
            "short_name": self.name.removesuffix("托育园").removesuffix("托育中心"),
            "uscc": self.uscc,
            "facility_type": str(self.kind),
            "legal_form": str(self.form),
            "operating_model": str(self.model),
            "registration_authority": _AUTHORITIES[self.form],
            "business_scope": (
                "家庭托育服务" if self.kind == FacilityType.FAMILY else "托育服务（不含学前教育）"
            ),
            "established_on": self.established(on).isoformat(),
            "legal_representative": self.person,
            "manager": self.person,
            "manager_phone": f"1380000{500 + self.number:04d}",
            "public_phone": self.phone,
            "chain_name": self.chain,
            "is_affordable": self.affordable,
        }

    @property
    def door(self) -> tuple[Decimal, Decimal]:
        """Somewhere in the street, about a kilometre or three from the others."""
        north, east = self.number * 37 % 41, self.number * 53 % 47
        return Decimal("33.26") + Decimal(north) / 1000, Decimal("113.49") + Decimal(east) / 1000

    def established(self, on: dt.date) -> dt.date:
        """Some months before the report."""
        return on - dt.timedelta(days=200 + 11 * self.number)

    def premises_answers(self, on: dt.date) -> dict[str, Any]:
        """The answers of the premises section."""
        places = sum(row[2] for row in self.classes)
        start = self.established(on)
        leased = self.tenure == Tenure.LEASED
        return {
            "community": self.community,
            "address": self.address,
            "floor_lowest": 1,
            "floor_highest": 1 if places <= 20 else 2,
            "has_basement": False,
            "building_area": f"{places * 12}.00",
            "indoor_area": f"{places * 9}.00",
            "outdoor_area": f"{places * 4}.00",
            "tenure": str(self.tenure),
            "lease_start": start.isoformat() if leased else None,
            "lease_end": self.lease_end(on).isoformat() if leased else None,
            "serves_meals": self.meals,
            "classes": [
                {"class_type": str(kind), "name": name, "capacity": capacity, "enrolled": enrolled}
                for kind, name, capacity, enrolled in self.classes
            ],
        } | dict(self.premises)

    def lease_end(self, on: dt.date) -> dt.date:
        """Five years after the beginning."""
        return self.established(on) + dt.timedelta(days=5 * 365)


def credit_code(prefix: str, body: str) -> str:
    """A unified social credit code of this county from prefix and organisation code."""
    start = f"{prefix}{AREA}{body}{organisation_check(body)}"
    return start + str(stdnum_uscc.calc_check_digit(start))


F, L, O, S = FacilityType, LegalForm, OperatingModel, StatutoryFilingStatus  # noqa: E741
PLANS = (
    Plan(1, "小太阳托育园", "longquan", "龙泉路18号", "registered", 200, classes=LARGE,
         operator="operator", affordable=True, statutory=S.FILED),
    Plan(2, "彩虹托育中心", "hubin", "湖滨大道6号", "registered", 176, prefix="92",
         chain="彩虹托育", statutory=S.FILED),
    Plan(3, "晨曦托育服务中心", "xianghe", "祥和街32号", "corrected", 150, form=L.SOCIAL_SERVICE,
         classes=TWO_OLDER, affordable=True, statutory=S.FILED),
    Plan(4, "中兴幼儿园托班", "zhongxing", "中兴路9号", "registered", 131, kind=F.KINDERGARTEN,
         form=L.PUBLIC_INSTITUTION, model=O.PUBLIC, classes=FULL, tenure=Tenure.OWNED,
         affordable=True, statutory=S.FILED),
    Plan(5, "九九山社区托育点", "jiujiushan", "九九山社区综合楼一层", "registered", 104,
         kind=F.COMMUNITY, form=L.SOCIAL_SERVICE, model=O.PUBLIC_BUILT, classes=ONE, meals=False,
         tenure=Tenure.FREE_USE, affordable=True, statutory=S.FILED),
    Plan(6, "医院职工托育园", "fenfei", "奋飞路51号", "registered", 80, kind=F.WORKPLACE,
         form=L.PUBLIC_INSTITUTION, model=O.PUBLIC, tenure=Tenure.OWNED),
    Plan(7, "暖阳托育园", "dashimen", "大石门街12号", "handed_back", 58, statutory=S.FILED),
    Plan(8, "小脚丫托育园", "fenfei", "奋飞路88号", "registered", 41, classes=ONE, meals=False,
         statutory=S.NONCONFORMING),
    Plan(9, "宝贝屋托育中心", "xuancuiyuan", "玄翠园小区商业街3号", "registered", 17,
         operator="operator2", statutory=S.FILED),
    Plan(10, "幸福家庭托育点", "yangjiaoshan", "羊角山小区5号楼101", "registered", 14,
         kind=F.FAMILY, prefix="92", classes=HOME, meals=False, tenure=Tenure.OWNED,
         statutory=S.NONE),
    Plan(11, "彩虹托育二园", "hubin", "湖滨大道40号", "registered", 9, chain="彩虹托育",
         statutory=S.CHANGED),
    Plan(12, "寺坡村托育服务站", "sipo", "寺坡村文化广场东侧", "registered", 6, kind=F.COMMUNITY,
         form=L.SOCIAL_SERVICE, model=O.PUBLICLY_AIDED, classes=ONE, tenure=Tenure.FREE_USE,
         statutory=S.SUBMITTED),
    Plan(13, "向日葵托育园", "zhongxing", "中兴路27号", "draft", 3, operator="operator"),
    Plan(14, "小蜗牛托育园", "xianghe", "祥和街60号", "lapsed", 52),
    Plan(15, "小星星托育园", "longquan", "龙泉路77号", "submitted", 1),
    Plan(16, "蒲公英托育中心", "xianghe", "祥和街8号", "submitted", 8, form=L.SOCIAL_SERVICE,
         prefix="91"),
    Plan(17, "月亮船托育园", "fenfei", "奋飞路19号", "in_review", 3, classes=CROWDED,
         premises={"outdoor_area": "40.00"}),
    Plan(18, "小树苗托育园", "dashimen", "大石门街45号", "correction", 9, operator="operator2"),
    Plan(19, "贝贝乐托育园", "hubin", "湖滨大道15号", "resubmitted", 11),
    Plan(20, "小海豚托育园", "longquan", "龙泉路102号", "proposed", 4),
    Plan(21, "喜洋洋托育点", "xuancuiyuan", "玄翠园小区2号楼负一层", "proposed_decline", 5,
         classes=ONE, premises={"floor_lowest": -1, "floor_highest": -1, "has_basement": True}),
    Plan(22, "小葵花托育点", "jiujiushan", "九九山路3号", "declined", 35, classes=ONE),
    Plan(23, "七彩桥托育园", "yangjiaoshan", "羊角山路21号", "withdrawn", 22),
)  # fmt: skip
