"""What is missing, the summary in large type, the signatures, and the papers (S18)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms.field import RefuseForm, SignForm, StatementForm
from inspections.models import Inspection
from inspections.models.choices import Access, SignerRole
from inspections.queries import visits as queries
from inspections.rules import outcomes
from inspections.views.desk.parts import photo as shown_photo
from portal.core.attachments import UploadRefused
from portal.core.pages import READ_AND_WRITE, Request, posted, shows

from .team import CARRIED_OUT, SIGNED, VISITORS, crumbs, of_team, page_of, see

SPOKEN, DRAWN = "statement", "sign"


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*CARRIED_OUT)
def finish(request: Request, inspection: Inspection) -> HttpResponse:
    """Look over everything once more; what is missing is listed with the way there."""
    if inspection.access != Access.GRANTED:
        return see(page_of(inspection))
    missing: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            actions.finish_inspection(inspection, by=request.actor, at=request.at)
        except actions.Unfinished as unfinished:
            missing = _missing(inspection, unfinished.missing)
        else:
            return see(reverse("desk:field_sign", args=[inspection.number]))
    context = {"inspection": inspection, "facility": inspection.facility, "missing": missing,
               **_summary(inspection), "crumbs": crumbs(inspection, (_("核对"), ""))}  # fmt: skip
    return render(request, "inspections/field/finish.html", context)


def _missing(inspection: Inspection, listed: Any) -> list[dict[str, Any]]:
    """Each missing thing in words, and where it is put right."""
    words = {
        outcomes.UNANSWERED: _("还没有结果"),
        outcomes.FINDING_MISSING: _("不符合，还没有写问题"),
        outcomes.PHOTO_MISSING: _("不符合，还没有现场照片"),
        outcomes.TOO_LOW: _("数值低于下限，不能记为符合"),
        outcomes.NOTHING_SEEN: _(
            "一项都没有查看，不能作出检查结果。请至少查看一项；进不去的，改登到场情况"
        ),
    }
    texts = {"": _("检查项目")} | {each.code: each.text for each in queries.items_of(inspection)}
    here = reverse("desk:field_check", args=[inspection.number])
    return [
        {"code": code, "text": texts.get(code, ""), "words": words[what],
         "url": f"{here}#item-{code}" if code else here}
        for code, what in listed
    ]  # fmt: skip


def _summary(inspection: Inspection) -> dict[str, Any]:
    """What was looked at and found, in numbers and words."""
    values = list(inspection.answers.values_list("value", flat=True))
    counts = [
        (_("符合"), values.count(outcomes.PASS)),
        (_("不符合"), values.count(outcomes.FAIL)),
        (_("不适用"), values.count(outcomes.NOT_APPLICABLE)),
        (_("未查"), values.count(outcomes.UNSEEN)),
    ]
    heads = [
        outcomes.HeadCount(c.label, c.children, c.carers, c.needed)
        for c in queries.head_counts_of(inspection)
    ]
    return {"counts": counts, "findings": queries.findings_of(inspection), "heads": heads}


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*SIGNED)
def sign(request: Request, inspection: Inspection) -> HttpResponse:
    """The facility reads, says what it has to say, and everybody signs."""
    what = request.POST.get("act", "") if request.method == "POST" else ""
    said = StatementForm(
        request.POST if what == SPOKEN else None, initial={"statement": inspection.statement}
    )
    forms = _sign_forms(request, inspection, what)
    if _keep(request, inspection, said, forms):
        return see(reverse("desk:field_sign", args=[inspection.number]) + "#sign")
    context = {"inspection": inspection, "facility": inspection.facility, "said": said,
               "places": forms, "may_complete": _is_complete(inspection, forms),
               "crumbs": crumbs(inspection, (_("签字确认"), "")),
               **_summary(inspection)}  # fmt: skip
    return render(request, "inspections/field/sign.html", context)


def _keep(
    request: Request, inspection: Inspection, said: StatementForm, forms: list[dict[str, Any]]
) -> bool:
    """Keep the words or the signature that were sent; whether something was."""
    if said.is_bound and said.is_valid():
        words = said.cleaned_data["statement"]
        actions.keep_statement(inspection, words, by=request.actor, at=request.at)
        return True
    form = next((place["form"] for place in forms if place["form"].is_bound), None)
    if form is None or not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        actions.sign(
            inspection, given["role"], given["picture"], user=given["user"],
            signer=given["signer"], by=request.actor, at=request.at,
        )  # fmt: skip
    except UploadRefused as too_much:
        form.add_error("picture", too_much.message)
    return not form.errors


def _sign_forms(request: Request, inspection: Inspection, what: str) -> list[dict[str, Any]]:
    """One place for each of the team, and one for the facility."""
    team = [member.user for member in queries.team_of(inspection)]
    given = {(s.role, s.user_id): s for s in queries.signatures_of(inspection)}
    attendant = f"{inspection.attendant_post} {inspection.attendant}".strip()
    wanted: list[tuple[str, Any, str, Any]] = [
        (SignerRole.INSPECTOR, person, person.signature_label, person.pk) for person in team
    ]
    wanted.append((SignerRole.FACILITY, None, attendant, None))
    places = []
    for number, (role, person, label, key) in enumerate(wanted):
        prefix = f"s{number}"
        is_sent = what == DRAWN and request.POST.get("place") == prefix
        form = SignForm(
            request.POST if is_sent else None, request.FILES if is_sent else None, team=team,
            prefix=prefix, initial={"role": role, "user": person, "signer": label},
        )  # fmt: skip
        kept = given.get((role, key))
        picture = shown_photo(kept.picture) if kept and kept.picture else None
        places.append({"prefix": prefix, "role": role, "label": label, "form": form,
                       "kept": kept, "picture": picture})  # fmt: skip
    return places


def _is_complete(inspection: Inspection, places: list[dict[str, Any]]) -> bool:
    """Whether all have signed, or the facility would not."""
    return all(
        place["kept"] or (place["role"] == SignerRole.FACILITY and inspection.signing_refused)
        for place in places
    )


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*SIGNED)
def refuse(request: Request, inspection: Inspection) -> HttpResponse:
    """The facility does not sign: why, and who saw it."""
    form = RefuseForm(posted(request), request.FILES or None)
    back = reverse("desk:field_sign", args=[inspection.number])
    form.cancel_url = back
    if request.method == "POST" and form.is_valid() and _refused(request, inspection, form):
        return see(f"{back}#sign")
    context = {"inspection": inspection, "facility": inspection.facility, "form": form,
               "heading": _("拒绝签字"), "lead": _("记录拒签的情况，请见证人签字或写明见证人。"),
               "crumbs": crumbs(inspection, (_("拒绝签字"), ""))}  # fmt: skip
    return render(request, "inspections/field/form.html", context)


def _refused(request: Request, inspection: Inspection, form: RefuseForm) -> bool:
    given = form.cleaned_data
    try:
        actions.refuse_signing(
            inspection, given["note"], given["witness"], given["picture"], by=request.actor,
            at=request.at,
        )  # fmt: skip
    except UploadRefused as too_much:
        form.add_error("picture", too_much.message)
    return form.is_valid()


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*SIGNED)
def complete(request: Request, inspection: Inspection) -> HttpResponse:
    """All have signed: the papers are issued and the facility is told."""
    try:
        actions.complete_inspection(inspection, by=request.actor, at=request.at)
    except actions.NotSigned as unsigned:
        messages.warning(request, _not_signed(unsigned))
        return see(reverse("desk:field_sign", args=[inspection.number]))
    messages.success(request, _("检查已完成，文书已生成，机构会收到通知。"))
    return see(page_of(inspection))


def _not_signed(unsigned: actions.NotSigned) -> str:
    who = [*unsigned.inspectors, *([] if unsigned.facility else [_("机构在场负责人")])]
    return _("还没有签字：%(who)s") % {"who": "、".join(who)}


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*SIGNED)
def reopen(request: Request, inspection: Inspection) -> HttpResponse:
    """Something is still to be written down; what was signed does not count any more."""
    actions.reopen_inspection(inspection, by=request.actor, at=request.at)
    messages.info(request, _("可以继续修改。改完后需要重新签字。"))
    return see(reverse("desk:field_check", args=[inspection.number]))
