"""What one question of a list rests on and asks for; words and order are edited as lines."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms.reference import ItemForm
from inspections.models import ChecklistItem, ChecklistVersion
from inspections.queries import reference as queries
from portal.core.pages import Request, offers, posted

from . import parts


@offers(ChecklistVersion, "edit")
def checklist_item(request: Request, version: ChecklistVersion, code: str) -> HttpResponse:
    """Basis, departments, photo, measured value, and what comes along when it fails."""
    item = queries.item_of_version(version, code)
    if item is None:
        raise Http404
    form = _form(request, version, item)

    def act() -> str:
        actions.change_item(version, code, form.cleaned_data, by=request.actor, at=request.at)
        return _("已保存，提交后由另一人发布。")

    words = _("修改检查项目 %(code)s") % {"code": item.code}
    facts = [(_("编号"), item.code), (_("检查内容"), item.text)]
    way = [(_("检查表"), reverse("desk:checklists"))]
    return parts.act_page(request, version, form, words, act, way=way, facts=facts)


def _form(request: Request, version: ChecklistVersion, item: ChecklistItem) -> ItemForm:
    return ItemForm(
        posted(request), initial=_as_typed(item),
        departments=queries.answerable(request.today, item.departments),
        delegated=queries.delegated_codes(), codes=queries.known_codes(version),
    )  # fmt: skip


def _as_typed(item: ChecklistItem) -> dict[str, Any]:
    kept = {name: getattr(item, name) for name in ItemForm.base_fields}
    return kept | {"basis": "\n".join(item.basis), "expands": "、".join(item.expands)}
