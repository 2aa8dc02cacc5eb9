"""From the emergency box to the number: at most seven screens, each works without JavaScript.

What is urgent has one screen instead of five: `urgent`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions, rules
from complaints.actions import Submission, drafts, throttle
from complaints.forms import intake as intake_forms
from complaints.models import Category, Complaint, Lane
from complaints.queries import public as queries
from portal.core.attachments import UploadRefused
from portal.core.files import store
from portal.core.pages import READ_AND_WRITE, Request, posted
from portal.core.queries import in_force

from .ground import address_of, confidential, crumbs, draft_key, keep_key, opened

STEPS = ("topic", "facility", "details", "evidence", "contact", "check")
URGENT = ("urgent", "check")
# A matter of the office's own people is about no facility.
WITHOUT_FACILITY = {str(Category.C12)}


@confidential()
def start(request: Request) -> HttpResponse:
    """P6: danger first; what is handled here, who else helps, who will see what."""
    law = in_force(request.today)
    answer = rules.usual_answer(law)
    context = {
        "soonest": answer[0],
        "latest": answer[1],
        "days": law.integer("complaints.review_days"),
        "months": law.integer("complaints.contact_retention_days") // 365,
        "facility": request.GET.get("facility", ""),
        "crumbs": [*crumbs()[:1], (_("投诉举报"), "")],
    }
    return render(request, "complaints/public/start.html", context)


@confidential(methods=READ_AND_WRITE)
def topic(request: Request) -> HttpResponse:
    """P7: what it is about."""
    key = usable_key(request)
    answers = drafts.draft_of(key, at=request.at) if key else {}
    form = intake_forms.TopicForm(posted(request), initial=answers)
    if request.method != "POST" or not form.is_valid():
        return show(request, "topic", form, facility=request.GET.get("facility", ""))
    key = key or drafts.new_key()
    category = form.cleaned_data["category"]
    drafts.keep_draft(key, _about(category, request.POST), at=request.at)
    is_red = is_urgent(request, {"category": category})
    response = redirect("complaints:danger") if is_red else _on(key, request, "topic")
    keep_key(response, key)
    return response


def _about(category: str, posted: Mapping[str, str]) -> dict[str, Any]:
    """What the first screen keeps: the place comes along from a door sign, or has no part in it."""
    if category in WITHOUT_FACILITY:
        return {"category": category, "facility": "", "place": {}}
    chosen = queries.findable(posted.get("facility", ""))
    return {"category": category} | ({"facility": chosen.code} if chosen else {})


def is_urgent(request: Request, answers: Mapping[str, Any]) -> bool:
    """Whether what was answered so far goes over the red lane."""
    return rules.lane_of(answers.get("category", ""), in_force(request.today)) == Lane.RED


def usable_key(request: Request) -> str:
    """The browser's key, unless what it named has been sent: then the next one begins anew."""
    key = draft_key(request)
    return "" if _is_sent(key) else key


def _is_sent(key: str) -> bool:
    sent = actions.submit_key(drafts.submit_token(key)) if key else ""
    return Complaint.objects.filter(submit_key=sent).exists()


@confidential()
def danger(request: Request) -> HttpResponse:
    """Before anything is typed: a child in danger needs a call, not a form."""
    key = draft_key(request)
    answers = drafts.draft_of(key, at=request.at) if key else {}
    step = _next(answers, "topic")
    if step != "check" and (not answers or is_urgent(request, answers)):
        step = "urgent"
    context = {
        "next": reverse(f"complaints:{step}"),
        "crumbs": crumbs((_("先打电话"), "")),
    }
    return render(request, "complaints/public/danger.html", context)


@confidential(methods=READ_AND_WRITE)
def facility(request: Request) -> HttpResponse:
    """P8: which place; searching sends the form too, so that no name stands in an address."""
    key, answers = _draft(request)
    if not answers:
        return redirect("complaints:topic")
    searching = "search" in request.POST
    chosen = "" if searching else answers.get("facility", "")
    found = queries.found(request.POST.get("q", ""), chosen)
    form = intake_forms.FacilityForm(posted(request), found=found, initial=place_of(answers))
    if request.method == "POST" and not searching and form.is_valid():
        return _keep(request, key, form.answers, "facility")
    if searching:
        form = intake_forms.FacilityForm(initial=request.POST.dict(), found=found)
    return show(request, "facility", form, searched=searching and not found)


def place_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The place as the boxes of the form show it."""
    place = answers.get("place") or {}
    return {
        "choice": answers.get("facility") or (intake_forms.NOT_LISTED if place else ""),
        "place_name": place.get("name", ""), "place_address": place.get("address", ""),
    }  # fmt: skip


@confidential(methods=READ_AND_WRITE)
def details(request: Request) -> HttpResponse:
    """P9: what happened."""
    key, answers = _draft(request)
    if not answers:
        return redirect("complaints:topic")
    law, category = in_force(request.today), answers["category"]
    limits = {n: law.integer("complaints.text_characters", n) for n in ("least", "most")}
    initial = {**answers, "extra": next(iter((answers.get("answers") or {}).values()), "")}
    form = intake_forms.DetailsForm(posted(request), category=category, initial=initial, **limits)
    if request.method == "POST" and form.is_valid():
        return _keep(request, key, form.answers, "details")
    return show(request, "details", form)


@confidential(methods=READ_AND_WRITE)
def evidence(request: Request) -> HttpResponse:
    """P10: photos and papers, each cleaned and sealed at once."""
    key, answers = _draft(request)
    if not answers:
        return redirect("complaints:topic")
    form = intake_forms.EvidenceForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid() and take_file(request, key, form):
        step = "contact" if "go" in request.POST else "evidence"
        return redirect(f"complaints:{step}")
    return show(request, "evidence", form, files=drafts.files_in(key))


def take_file(request: Request, key: str, form: intake_forms.EvidenceForm) -> bool:
    """Keep the file that was chosen; nothing chosen is fine."""
    if form.chosen is None:
        return True
    try:
        drafts.add_draft_file(key, form.chosen, at=request.at)
    except drafts.TooManyFiles:
        most = in_force(request.today).integer("complaints.files")
        form.add_error("file", _("最多 %(n)s 个文件，请先删除再添加") % {"n": most})
        return False
    except store.StorageFull:
        form.add_error("file", UploadRefused("no_room").message)
        return False
    return True


@confidential(methods=["POST"])
def evidence_remove(request: Request, id: uuid.UUID) -> HttpResponse:  # ruff: ignore[builtin-argument-shadowing]
    """Take a file out again."""
    if key := draft_key(request):
        drafts.remove_draft_file(key, id)
    return redirect("complaints:evidence")


@confidential(methods=READ_AND_WRITE)
def contact(request: Request) -> HttpResponse:
    """P11: named or anonymous."""
    key, answers = _draft(request)
    if not answers:
        return redirect("complaints:topic")
    initial = {"way": answers.get("way", intake_forms.ANONYMOUS), **answers.get("contact", {})}
    form = intake_forms.ContactForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        return _keep(request, key, form.answers, "contact")
    return show(request, "contact", form)


@confidential(methods=READ_AND_WRITE)
def check(request: Request) -> HttpResponse:
    """P12: read it once more and send it; what is urgent is never held up."""
    key, answers = _draft(request)
    if missing := _missing(answers):
        return redirect(f"complaints:{'done' if _is_sent(key) else missing}")
    if request.method == "POST":
        price = throttle.price_of_submitting(address_of(request), at=request.at)
        given = [request.POST.get(name, "") for name in ("challenge", "answer")]
        paid = throttle.pay(given[0], given[1], price, at=request.at)
        if paid or is_urgent(request, answers):
            return _send(request, key, answers, is_suspect=not price.is_free)
        return _check(request, key, answers, price)
    return _check(request, key, answers, throttle.Price())


def _check(
    request: Request, key: str, answers: Mapping[str, Any], price: throttle.Price
) -> HttpResponse:
    form = intake_forms.PayForm(initial=_puzzle(request, price))
    chosen = queries.findable(answers.get("facility", ""))
    rows, is_red = _rows(answers, chosen, len(drafts.files_in(key))), is_urgent(request, answers)
    if is_red:
        rows = [(label, value, "urgent") for label, value, _step in rows]
    context = {
        "rows": [(label, value, reverse(f"complaints:{step}")) for label, value, step in rows],
        "price": price, "is_named": answers.get("way") == intake_forms.NAMED, "is_red": is_red,
        "own": _own_twin(request, answers),
    }  # fmt: skip
    return show(request, "check", form, **context)


def _own_twin(request: Request, answers: Mapping[str, Any]) -> Complaint | None:
    """The writer's own case that tells the same, where this browser has opened it."""
    own = opened(request)
    return own if queries.reads_like(own, answers, in_force(request.today)) else None


def _puzzle(request: Request, price: throttle.Price) -> dict[str, str]:
    return {} if price.is_free else {"challenge": throttle.new_challenge(price, at=request.at)}


def _rows(answers: Mapping[str, Any], chosen: Any, files: int) -> list[tuple[str, Any, str]]:
    place = answers.get("place") or {}
    where = chosen.name if chosen else " ".join(filter(None, place.values()))
    contact = answers.get("contact") or {}
    who = f"{contact.get('name', '')} {contact.get('phone', '')}".strip() or _("匿名")
    shown = [
        (_("问题"), Category(answers["category"]).label, "topic"),
        (_("机构"), where, "facility"),
        (_("经过"), answers["happened"], "details"),
        (_("什么时候"), answers.get("when", ""), "details"),
        *((label, text, "details") for label, text in (answers.get("answers") or {}).items()),
        (_("希望怎么处理"), answers.get("wish", ""), "details"),
        (_("材料"), _("%(n)s 个文件") % {"n": files} if files else _("没有"), "evidence"),
        (_("联系方式"), who, "contact"),
    ]
    if answers["category"] in WITHOUT_FACILITY:
        del shown[1]
    return shown


def _send(
    request: Request, key: str, answers: Mapping[str, Any], *, is_suspect: bool
) -> HttpResponse:
    """Store it; the draft goes only once the complaint stands."""
    given = Submission(
        category=answers["category"], told=answers, contact=answers.get("contact") or None,
        facility=queries.findable(answers.get("facility", "")), is_suspect=is_suspect,
        files=drafts.accepted_files(key),
    )  # fmt: skip
    token = drafts.submit_token(key)
    actions.submit_complaint(given, by=request.actor, at=request.at, token=token)
    drafts.drop_draft(key)
    return redirect("complaints:done")


def _missing(answers: Mapping[str, Any]) -> str:
    """The first screen without its compulsory answer."""
    if "category" not in answers:
        return "topic"
    if not _hasplace_of(answers):
        return "facility"
    return "" if answers.get("happened") else "details"


def _hasplace_of(answers: Mapping[str, Any]) -> bool:
    place = answers.get("place") or {}
    is_office = answers["category"] in WITHOUT_FACILITY
    return bool(is_office or answers.get("facility") or place.get("name"))


def _draft(request: Request) -> tuple[str, dict[str, Any]]:
    """The browser's key and what it has answered; nothing before the first screen."""
    key = draft_key(request)
    answers = drafts.draft_of(key, at=request.at) if key else {}
    return key, answers if "category" in answers else {}


def _keep(request: Request, key: str, answers: Mapping[str, Any], step: str) -> HttpResponse:
    drafts.keep_draft(key, answers, at=request.at)
    return _on(key, request, step)


def _on(key: str, request: Request, step: str) -> HttpResponse:
    """The next screen; back to the last one for whoever corrects an answer from there."""
    answers = drafts.draft_of(key, at=request.at)
    return redirect(f"complaints:{_next(answers, step)}")


def _next(answers: Mapping[str, Any], step: str) -> str:
    following = STEPS[STEPS.index(step) + 1]
    if following == "facility" and answers.get("category") in WITHOUT_FACILITY:
        following = "details"
    if answers.get("way") and step != "evidence" and not _missing(answers):
        return "check"
    return following


def show(request: Request, step: str, form: forms.Form, **more: Any) -> HttpResponse:
    """A screen, with how many are left."""
    steps = URGENT if step == "urgent" or more.pop("is_red", False) else STEPS
    context = {
        "form": form, "step": steps.index(step) + 1, "of": len(steps), **more,
        "crumbs": crumbs((_("填写投诉"), "")),
    }  # fmt: skip
    return render(request, f"complaints/public/{step}.html", context)
