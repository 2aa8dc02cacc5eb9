"""What is asked before many cases are dealt with at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import ChosenForm
from portal.core.models import User

from .desk import DeskForm


class AssignManyForm(ChosenForm, DeskForm):
    """To whom; each with the cases he holds, of those the asking person sees."""

    submit_label = gettext_lazy("确认分派")
    cancel_label = gettext_lazy("返回列表，不分派")
    guard = False
    widths: ClassVar[dict[str, str]] = {"handler": "w-medium"}

    handler = forms.ModelChoiceField(
        label=gettext_lazy("分派给谁"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )

    def __init__(self, *args: Any, people: Any, held: dict[Any, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["handler"]
        field.queryset = people
        field.label_from_instance = lambda person: _("%(post)s（在办 %(n)s 件）") % {
            "post": person.signature_label, "n": held.get(person.pk, 0),
        }  # fmt: skip


class RemindManyForm(ChosenForm, DeskForm):
    """Nothing to choose; the effects are on the page."""

    submit_label = gettext_lazy("确认催办")
    cancel_label = gettext_lazy("返回列表，不催办")
    guard = False
