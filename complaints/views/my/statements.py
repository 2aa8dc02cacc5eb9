"""The facility's pages: it is asked in the office's words and answers in its own (O22)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions
from complaints.forms.statements import StatementAnswerForm
from complaints.models import StatementRequest
from complaints.workflow import STATEMENT
from portal.core.attachments import UploadRefused
from portal.core.models import Attachment
from portal.core.pages import Request, lists, offers, shows
from portal.core.paging import page_of
from portal.core.roles import Role


@lists(StatementRequest, roles=[Role.OPERATOR])
def statements(request: Request) -> HttpResponse:
    """What one's facilities were asked, the newest first."""
    asked = StatementRequest.objects.of_facility(request.user).select_related("facility")
    crumbs = [(_("我的机构"), reverse("my:home")), (_("情况说明"), "")]
    context = {"page": page_of(request, asked), "crumbs": crumbs}
    return render(request, "complaints/my/statements.html", context)


@shows(StatementRequest, key="number", roles=[Role.OPERATOR])
def statement(request: Request, statement: StatementRequest) -> HttpResponse:
    """One request with its answer."""
    _only_the_facility(request, statement)
    context = {
        "statement": statement,
        "open": statement.state in STATEMENT["answer"].sources,
        "files": list(Attachment.objects.of(statement).present()),
        "crumbs": _crumbs(statement),
    }
    return render(request, "complaints/my/statement.html", context)


@offers(StatementRequest, "answer", key="number")
def statement_answer(request: Request, statement: StatementRequest) -> HttpResponse:
    """The facility's account; it can be given once."""
    posted = request.POST if request.method == "POST" else None
    form = StatementAnswerForm(posted, request.FILES or None)
    form.cancel_url = reverse("my:statement", args=[statement.number])
    if posted is not None and form.is_valid() and _answered(request, statement, form):
        return redirect(form.cancel_url)
    context = {"statement": statement, "form": form, "crumbs": _crumbs(statement)}
    return render(request, "complaints/my/statement_answer.html", context)


def _answered(request: Request, statement: StatementRequest, form: StatementAnswerForm) -> bool:
    """Whether it was taken; a file for which there is no room is told beside it."""
    text, files = form.cleaned_data["text"], form.chosen
    try:
        actions.answer_statement(statement, text, files=files, by=request.actor, at=request.at)
    except UploadRefused as refused:
        form.add_error("file", refused.message)
        return False
    words = _("情况说明已提交，编号 %(number)s。") % {"number": statement.number}
    messages.success(request, words)
    return True


def _only_the_facility(request: Request, statement: StatementRequest) -> None:
    """Officials have the page of the case."""
    if not statement.belongs_to(request.user):
        raise Http404


def _crumbs(statement: StatementRequest) -> list[tuple[str, str]]:
    return [
        (_("我的机构"), reverse("my:home")),
        (_("情况说明"), reverse("my:statements")),
        (statement.number, ""),
    ]
