"""P14 and P15: by number and code, from anywhere, without an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.actions import drafts, throttle, tracking
from complaints.forms import tracking as tracking_forms
from complaints.models import Complaint
from complaints.workflow import ComplaintStatus
from portal.core.actors import Actor
from portal.core.attachments import UploadRefused
from portal.core.files import store
from portal.core.pages import READ_AND_WRITE, Request, posted
from portal.core.queries import in_force
from portal.core.workflow import TransitionNotOpen

from .ground import (
    DRAFT,
    OPEN,
    address_of,
    confidential,
    crumbs,
    draft_key,
    forget,
    holder,
    open_case,
    opened,
)


@confidential(methods=READ_AND_WRITE)
def track(request: Request) -> HttpResponse:
    """The two boxes; behind them the case, for some minutes."""
    complaint = opened(request)
    if complaint and request.method != "POST":
        return _case(request, complaint)
    form = tracking_forms.TrackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _try(request, form)
    return _ask(request, form, throttle.Price())


def _try(request: Request, form: tracking_forms.TrackForm) -> HttpResponse:
    """One try: counted, paid for where it is dear, and answered alike whatever was wrong."""
    given = form.cleaned_data
    price = throttle.price_of_tracking(address_of(request), given["number"], at=request.at)
    if not throttle.pay(given["challenge"], given["answer"], price, at=request.at):
        form.add_error(None, _("查询次数较多，请稍等几秒再按一次“查询”，填写的内容还在"))
        return _ask(request, form, price)
    complaint = tracking.open_by_code(given["number"], given["code"])
    if complaint is None:
        form.add_error(None, _("没有找到这件投诉，请核对编号和查询码"))
        return _ask(request, form, price)
    tracking.note_tracking(complaint, by=Actor.code_holder(complaint), at=request.at)
    response = redirect("complaints:track")
    open_case(response, complaint, request.at, request.today)
    key = draft_key(request)
    if key and actions.submit_key(drafts.submit_token(key)) == complaint.submit_key:
        forget(response, DRAFT)  # who has the code needs the page that shows it no more
    return response


def _ask(request: Request, form: Any, price: throttle.Price) -> HttpResponse:
    if form.is_bound and not price.is_free:
        form.data = form.data.copy()
        form.data["challenge"] = throttle.new_challenge(price, at=request.at)
        form.data["answer"] = ""
    context = {"form": form, "price": price, "crumbs": crumbs((_("查进度"), ""))}
    return render(request, "complaints/public/track.html", context)


def _case(request: Request, complaint: Complaint) -> HttpResponse:
    law = in_force(request.today)
    state = complaint.state
    context = {
        "complaint": complaint,
        "messages_both": queries.messages_of(complaint),
        "files": [file for file in queries.files_of(complaint) if not file.from_office],
        "may_add": state in complaint.machine["add"].sources,
        "may_rate": state == ComplaintStatus.RESOLVED,
        "may_review": queries.review_is_open(complaint, request.today, law),
        "review_until": queries.review_until(complaint, law),
        "may_withdraw": state in complaint.machine["withdraw"].sources,
        "crumbs": crumbs((_("办理进度"), "")),
    }
    return render(request, "complaints/public/case.html", context)


@holder()
def add(request: Request, complaint: Complaint) -> HttpResponse:
    """Answer a question or add something."""
    form = tracking_forms.AddForm(posted(request), request.FILES or None)

    def act() -> str:
        actions.add_by_complainant(
            complaint, form.cleaned_data["text"], files=form.chosen,
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已发送。")

    return _act(request, complaint, form, _("补充说明"), act)


@holder()
def rate(request: Request, complaint: Complaint) -> HttpResponse:
    """Solved or not; how one was served."""
    initial = {"satisfaction": complaint.satisfaction}
    form = tracking_forms.RateForm(posted(request), initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.rate_complaint(
            complaint, is_solved=given["solved"] == "yes", satisfaction=given["satisfaction"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("谢谢您的评价。没有解决的，可以申请一次复核。")

    return _act(request, complaint, form, _("评价办理结果"), act)


@holder()
def review(request: Request, complaint: Complaint) -> HttpResponse:
    """The one review, by somebody else."""
    form = tracking_forms.ReviewForm(posted(request))

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.request_review(complaint, text, by=request.actor, at=request.at)
        return _("复核申请已收到，会由另一位工作人员办理。")

    return _act(request, complaint, form, _("申请复核"), act)


@holder()
def withdraw(request: Request, complaint: Complaint) -> HttpResponse:
    """Take it back."""
    form = tracking_forms.WithdrawForm(posted(request))

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.withdraw_complaint(complaint, text, by=request.actor, at=request.at)
        if complaint.admits_withdrawal:
            return _("投诉已撤回。")
        return _("已收到。涉及孩子安全的事，我们仍会查清。")

    return _act(request, complaint, form, _("撤回投诉"), act)


def _act(
    request: Request, complaint: Complaint, form: forms.Form, title: str, act: Any
) -> HttpResponse:
    """The form, or the act and back to the case; what is not open any more says so."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except (TransitionNotOpen, actions.ReviewClosed):
            messages.info(request, _("现在不能办理这一步，请看下面的最新进度。"))
        except store.StorageFull:
            form.add_error("file", UploadRefused("no_room").message)
            return _form(request, complaint, form, title)
        return redirect("complaints:track")
    return _form(request, complaint, form, title)


def _form(request: Request, complaint: Complaint, form: forms.Form, title: str) -> HttpResponse:
    way = crumbs((_("办理进度"), reverse("complaints:track")), (title, ""))
    context = {"form": form, "title": title, "complaint": complaint, "crumbs": way}
    return render(request, "complaints/public/act.html", context)


@confidential(methods=["POST"])
def leave(request: Request) -> HttpResponse:
    """Close the case on this device; Back shows nothing (sec:C8)."""
    if key := draft_key(request):
        drafts.drop_draft(key)
    response = redirect("complaints:start")
    forget(response, DRAFT, OPEN)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
