"""What officials type about what the visits rest on: matters, certificates, ties, checklists."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Department, Facility
from inspections.models import Checklist
from inspections.models.choices import TieKind
from inspections.workflow import Severity
from portal.core.forms import PlainTexts, PortalForm, half_width
from portal.core.models import User

from .desk import A_DAY, REASON_MAX
from .parts import note

CELLS, CODE_MAX, SECTION_MAX, TEXT_MAX = 3, 10, 40, 200
MATTER_CODE_MAX = 50
BASIS_MAX, BASIS_LINES, MEASURE_MAX = 100, 10, 1_000_000


class MatterForm(PlainTexts):
    """A delegated matter as its document says it."""

    submit_label = gettext_lazy("提交核对")
    scanned = ("name", "basis", "penalty_basis", "source_number")
    code = forms.SlugField(
        max_length=MATTER_CODE_MAX,
        label=gettext_lazy("代号"),
        help_text=gettext_lazy("用小写字母和连字符，例如 fire-exits"),
    )
    name = forms.CharField(label=gettext_lazy("事项名称"), max_length=120)
    basis = forms.CharField(label=gettext_lazy("法律依据"), max_length=200, required=False)
    penalty_basis = forms.CharField(label=gettext_lazy("罚则"), max_length=200, required=False)
    source_number = forms.CharField(label=gettext_lazy("赋权文件"), max_length=80)
    # Of the past, so one that has ended may be chosen.
    department = forms.ModelChoiceField(
        label=gettext_lazy("原主管部门"),
        queryset=Department.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("不涉及"),
    )
    valid_from = forms.DateField(label=gettext_lazy("起始日期"), help_text=A_DAY)
    valid_to = forms.DateField(label=gettext_lazy("截止日期"), required=False, help_text=A_DAY)

    def clean(self) -> dict[str, Any]:
        """Dates in order."""
        given = super().clean()
        first, last = given.get("valid_from"), given.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("结束日期不能早于开始日期"))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """As the act takes them."""
        department = self.cleaned_data["department"]
        return self.cleaned_data | {"department": department.slug if department else ""}


class CertificateForm(PortalForm):
    """An enforcement certificate."""

    submit_label = gettext_lazy("登记证件")
    mark_optional = False
    half_width = ("number",)
    user = forms.ModelChoiceField(
        label=gettext_lazy("人员"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )
    number = forms.CharField(label=gettext_lazy("证号"), max_length=40)
    issuer = forms.CharField(label=gettext_lazy("发证机关"), max_length=60)
    valid_from = forms.DateField(label=gettext_lazy("起始日期"), help_text=A_DAY)
    valid_until = forms.DateField(label=gettext_lazy("有效期至"), help_text=A_DAY)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = people

    def clean(self) -> dict[str, Any]:
        """Dates in order."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = given.get("valid_from"), given.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("有效期不能早于起始日期"))
        return given


class OwnTieForm(PortalForm):
    """A tie of the person himself to a facility."""

    submit_label = gettext_lazy("申报回避")
    mark_optional = False
    facility = forms.ModelChoiceField(
        label=gettext_lazy("机构"),
        queryset=Facility.objects.none(),
        to_field_name="code",
        empty_label=gettext_lazy("请选择"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("关系"), choices=TieKind.choices)

    def __init__(self, *args: Any, facilities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["facility"].queryset = facilities


class TieForm(OwnTieForm):
    """A tie of any person who is sent out."""

    field_order = ("user", "facility", "kind")
    user = forms.ModelChoiceField(
        label=gettext_lazy("人员"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["user"].queryset = people


class NewVersionForm(PortalForm):
    """Which list is to be changed."""

    submit_label = gettext_lazy("建立新版")
    checklist = forms.ModelChoiceField(
        label=gettext_lazy("检查表"),
        queryset=Checklist.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )

    def __init__(self, *args: Any, lists: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["checklist"]
        field.queryset = lists


class VersionForm(PlainTexts):
    """The questions of a version, one a line."""

    submit_label = gettext_lazy("保存")
    lines = forms.CharField(
        label=gettext_lazy("检查项目"),
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=gettext_lazy(
            "一行一项：编号 | 严重程度（重大、较大、一般）| 检查内容。以 # 开头的行是一个部分的名称"
        ),
    )
    note = note(gettext_lazy("修改说明"), required=True, limit=REASON_MAX)

    def __init__(self, *args: Any, known: Mapping[str, Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def clean_lines(self) -> list[dict[str, Any]]:
        """The rows the act takes; the first line that is not understood is named."""
        grades = {str(each.label): each.value for each in Severity}
        section, rows = "", []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            if line.strip().startswith("#"):
                section = line.strip().lstrip("#").strip()
            elif line.strip():
                rows.append(self._row(number, line, section, grades))
        codes = [row["code"] for row in rows]
        if twice := next((code for code in codes if codes.count(code) > 1), ""):
            raise ValidationError(_("编号 %(code)s 出现了两次") % {"code": twice})
        return rows

    def _row(
        self, number: int, line: str, section: str, grades: Mapping[str, str]
    ) -> dict[str, Any]:
        cells = [cell.strip() for cell in half_width(line).split("|", 2)]
        if len(cells) != CELLS or cells[1] not in grades or not cells[0] or not cells[2]:
            raise ValidationError(
                _("第 %(n)s 行看不懂，请写成：编号 | 重大、较大或一般 | 检查内容") % {"n": number}
            )
        if not section:
            raise ValidationError(_("第 %(n)s 行前面要有一行以 # 开头的部分名称") % {"n": number})
        if len(cells[0]) > CODE_MAX or len(cells[2]) > TEXT_MAX or len(section) > SECTION_MAX:
            raise ValidationError(_("第 %(n)s 行太长") % {"n": number})
        code, grade, text = cells
        extra = dict(self.known.get(code, {}))
        return extra | {"code": code, "section": section, "severity": grades[grade], "text": text}


class ItemForm(PlainTexts):
    """What a question rests on, who answers for it, and what it asks for besides yes or no."""

    submit_label = gettext_lazy("保存")
    scanned = ("basis", "measure_label")
    basis = forms.CharField(
        label=gettext_lazy("依据"),
        required=False,
        max_length=BASIS_LINES * BASIS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一条，写名称和条款。改动后要重新核对，核对前不会印在文书上"),
    )
    departments = forms.MultipleChoiceField(
        label=gettext_lazy("责任部门"), required=False, widget=forms.CheckboxSelectMultiple
    )
    delegated = forms.ChoiceField(label=gettext_lazy("赋权事项"), required=False)
    wants_photo = forms.BooleanField(label=gettext_lazy("须拍照"), required=False)
    measure_label = forms.CharField(
        label=gettext_lazy("记录的数值"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("例如：录像保存天数。不记数值的留空"),
    )
    measure_unit = forms.CharField(label=gettext_lazy("单位"), required=False, max_length=10)
    measure_min = forms.IntegerField(
        label=gettext_lazy("不低于"), required=False, min_value=0, max_value=MEASURE_MAX
    )
    expands = forms.CharField(
        label=gettext_lazy("不符合时增加的项目"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("写其他项目的编号，用顿号隔开，例如 XF-03、XF-07"),
    )

    def __init__(
        self, *args: Any, departments: Any, delegated: Any, codes: Collection[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["departments"].choices = departments
        fields["delegated"].choices = [("", _("不涉及")), *delegated]
        self.codes = codes

    def clean_basis(self) -> list[str]:
        """One citation a line."""
        lines = [line.strip() for line in self.cleaned_data["basis"].splitlines() if line.strip()]
        if any(len(line) > BASIS_MAX for line in lines):
            raise ValidationError(_("每条依据不超过 %(n)s 个字") % {"n": BASIS_MAX})
        return lines

    def clean_expands(self) -> list[str]:
        """Codes of questions there are."""
        typed = re.split(r"[\s、,;]+", half_width(self.cleaned_data["expands"]))
        found = [each for each in typed if each]
        if unknown := [code for code in found if code not in self.codes]:
            raise ValidationError(_("没有编号为 %(codes)s 的项目") % {"codes": "、".join(unknown)})
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        """A unit or a least value belongs to something that is written down."""
        given = super().clean()
        if not given.get("measure_label"):
            for name in ("measure_unit", "measure_min"):
                if given.get(name) not in {"", None}:
                    self.add_error("measure_label", _("写明记录什么数值"))
                    break
        return given
