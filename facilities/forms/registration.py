"""Section one: who the facility is, as its business licence says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import queries, rules
from facilities.models import Facility
from facilities.models.choices import FacilityType, LegalForm, OperatingModel
from facilities.queries import life
from facilities.workflow import RegistrationStatus
from portal.core.identifiers import ProblemCode, normalise_uscc, uscc_problem
from portal.core.models import User
from portal.core.regulation import Regulation

from .problems import problem_words
from .sections import PhoneField, SectionForm


class RegistrationForm(SectionForm):
    """The registration section. What the law expects beyond shape is remarked, not refused."""

    key = "registration"
    needs = frozenset({"user", "facility", "law"})
    half_width = ("uscc", "manager_phone", "public_phone")
    autocomplete = {
        "facility_name": "organization",
        "manager_phone": "tel",
        "public_phone": "tel",
        "uscc": "off",
    }
    inputmode = {"manager_phone": "tel", "public_phone": "tel"}
    widths = {
        "uscc": "w-code",
        "short_name": "w-medium",
        "established_on": "w-medium",
        "legal_representative": "w-medium",
        "manager": "w-medium",
        "manager_phone": "w-medium",
        "public_phone": "w-medium",
    }
    counters = ("business_scope",)

    facility_name = forms.CharField(
        label=gettext_lazy("机构名称"),
        max_length=100,
        help_text=gettext_lazy("与营业执照或登记证书上的名称一致"),
    )
    short_name = forms.CharField(
        label=gettext_lazy("简称"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("家长平时的叫法，可以用来查找"),
    )
    uscc = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        help_text=gettext_lazy("营业执照或登记证书上的 18 位号码"),
    )
    facility_type = forms.ChoiceField(
        label=gettext_lazy("机构类型"), choices=FacilityType, widget=forms.RadioSelect
    )
    legal_form = forms.ChoiceField(
        label=gettext_lazy("机构性质"),
        choices=LegalForm,
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("不选就按信用代码的开头两位判断"),
    )
    operating_model = forms.ChoiceField(
        label=gettext_lazy("举办方式"), choices=OperatingModel, widget=forms.RadioSelect
    )
    registration_authority = forms.CharField(
        label=gettext_lazy("登记机关"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "证照上盖章的机关，例如“舞钢市市场监督管理局”。不填就按信用代码判断"
        ),
    )
    business_scope = forms.CharField(
        label=gettext_lazy("业务（经营）范围"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("照证照填写，应写明托育服务"),
    )
    established_on = forms.DateField(
        label=gettext_lazy("成立日期"), help_text=gettext_lazy("例如 2025-05-01")
    )
    legal_representative = forms.CharField(label=gettext_lazy("法定代表人"), max_length=40)
    manager = forms.CharField(
        label=gettext_lazy("机构负责人"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("日常管理机构的人。就是法定代表人的不用填"),
    )
    manager_phone = PhoneField(
        label=gettext_lazy("负责人电话"),
        required=False,
        help_text=gettext_lazy("只有街道工作人员能看到。和公开电话一样的不用填"),
    )
    public_phone = PhoneField(
        label=gettext_lazy("公开电话"),
        help_text=gettext_lazy("登记后公布，供家长咨询"),
        max_length=20,
    )
    chain_name = forms.CharField(label=gettext_lazy("所属连锁品牌"), max_length=60, required=False)
    is_affordable = forms.BooleanField(label=gettext_lazy("已认定为普惠托育机构"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        law: Regulation,
        facility: Facility | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.user, self.facility, self.law = user, facility, law

    def clean(self) -> dict[str, Any]:
        """What was left out because something else on the page says it already."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        values["manager"] = values.get("manager") or values.get("legal_representative", "")
        if "manager_phone" in values:
            values["manager_phone"] = values["manager_phone"] or values.get("public_phone", "")
        if "uscc" in values:
            self._read_code(values)
        return values

    def _read_code(self, values: dict[str, Any]) -> None:
        """Who registered the facility as what stands in its credit code; if not, it is asked."""
        code, form = values["uscc"], values.get("legal_form")
        if not form and "legal_form" not in self.errors:
            values["legal_form"] = form = rules.registered_as(code, self.law) or ""
            if not form:
                self._ask("legal_form", _("从信用代码看不出，请选择%(label)s"))
        if not values.get("registration_authority") and "registration_authority" not in self.errors:
            found = rules.registered_by(code, form, self.law) or ""
            values["registration_authority"] = found
            if not found and form:
                self._ask("registration_authority", _("从信用代码看不出，请填写%(label)s"))

    def _ask(self, name: str, text: str) -> None:
        self.add_error(name, forms.ValidationError(text % {"label": self.fields[name].label}))

    def clean_established_on(self) -> dt.date:
        """What its certificate says has been, not what will be."""
        day: dt.date = self.cleaned_data["established_on"]
        if day > self.law.as_of:
            raise forms.ValidationError(_("成立日期不能晚于今天"))
        return day

    def clean_uscc(self) -> str:
        """Shape, last check digit, and that no other facility stands under this code."""
        code = normalise_uscc(self.cleaned_data["uscc"])
        problem = uscc_problem(code)
        # The inner check digit fails on some old codes that are good: it is remarked, not refused.
        if problem and problem.code is not ProblemCode.USCC_ORGANISATION_CHECK:
            raise forms.ValidationError(problem_words(problem.code, problem.params))
        other = queries.facility_with(code)
        # A change keeps the code of its own facility, a move that of the one that closes for it.
        if other and other != self.facility and not self._may_take_over(other):
            # Whose it is, is not said: this page would answer to anybody who tries codes (R23).
            raise forms.ValidationError(
                _(
                    "这个信用代码不能重新报送。已登记的机构不用重新报送：可以申请加入，登记事项有变化"
                    "请报送变更，搬迁的请先报送原来地方的停办"
                )
            )
        return code

    def _may_take_over(self, other: Facility) -> bool:
        """Whether a first report may name this code: it is only known so far, or it closes."""
        if self.facility is None and other.registration == RegistrationStatus.NONE:
            return True
        return life.is_moving(other, self.user)
