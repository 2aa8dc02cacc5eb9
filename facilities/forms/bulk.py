"""What is asked before many filings are dealt with at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import ChosenForm
from portal.core.models import User


class AssignForm(ChosenForm):
    """To whom; each clerk with what he holds already."""

    submit_label = gettext_lazy("确认分派")
    cancel_label = gettext_lazy("返回列表，不分派")
    mark_optional = False
    guard = False
    widths = {"handler": "w-medium"}

    handler = forms.ModelChoiceField(
        label=gettext_lazy("分派给谁"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("请选择"),
    )

    def __init__(self, *args: Any, clerks: Any, held: dict[Any, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handler"]
        field.queryset = clerks  # type: ignore[attr-defined]
        field.label_from_instance = lambda clerk: _("%(post)s（在办 %(n)s 件）") % {  # type: ignore[attr-defined]
            "post": clerk.signature_label, "n": held.get(clerk.pk, 0),
        }  # fmt: skip


class RemindForm(ChosenForm):
    """Nothing to choose; the effects are on the page."""

    submit_label = gettext_lazy("确认催办")
    cancel_label = gettext_lazy("返回列表，不催办")
    guard = False
