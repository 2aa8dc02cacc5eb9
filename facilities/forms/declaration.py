"""Before and after the sections: the beginning, and the declaration at the end."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import PortalForm

# The office's own wording. A submission keeps the hash of this text: change it by a new version.
DECLARATION_VERSION = "2026-1"
DECLARATION = """本机构向街道报送登记信息，并承诺：
一、所填内容和所交材料真实、完整、有效，与原件一致；
二、已了解托育机构设置、管理和安全的要求，并按要求开展托育服务；
三、登记的事项发生变化，或者停止托育服务，及时向街道报送；
四、对虐待、伤害、忽视婴幼儿的行为零容忍，发现后立即报警并报告；
五、接受街道和有关部门的监督检查，接受家长和社会的监督；
六、知道街道登记不代替卫生健康部门的备案，依法应当办理的备案、许可另行办理；
七、所填内容或者所交材料不实的，愿意承担相应的责任。
（承诺书文本版本：2026-1）"""


class StartForm(PortalForm):
    """Nothing is asked before a filing is begun; the token makes a second press the same filing."""

    submit_label = gettext_lazy("开始填写")
    hide_summary = True
    guard = False

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class DeclarationForm(PortalForm):
    """The tick and the name under the declaration."""

    submit_label = gettext_lazy("提交登记报送")
    cancel_label = gettext_lazy("返回核对")
    hide_summary = True
    guard = False
    autocomplete = {"declared_name": "name"}
    widths = {"declared_name": "w-medium"}

    agreed = forms.BooleanField(
        label=gettext_lazy("我已阅读并同意"),
        error_messages={"required": gettext_lazy("请阅读承诺书并勾选“我已阅读并同意”")},
    )
    declared_name = forms.CharField(
        label=gettext_lazy("承诺人姓名"),
        max_length=40,
        help_text=gettext_lazy("法定代表人或机构负责人，输入姓名等于签名"),
    )


class PlaceDeclarationForm(DeclarationForm):
    """The same where a change names another address: a slip of the pen, or another place."""

    place = forms.ChoiceField(
        label=gettext_lazy("地址为什么不一样"),
        choices=[
            ("corrected", gettext_lazy("还是原来的地方，只是更正地址的写法")),
            ("moved", gettext_lazy("换了地方")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择地址为什么不一样")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["place", "agreed", "declared_name"])

    def clean_place(self) -> str:
        """A move is not a change of this facility (prod:B17)."""
        if self.cleaned_data["place"] == "moved":
            text = _(
                "换了地方要重新报送登记，不能按变更报送。请照上面的说明，到“搬迁或者开办分园”报送"
            )
            raise forms.ValidationError(text)
        return str(self.cleaned_data["place"])
