"""The third section: the list of papers, and a page for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.forms import PROOF, SECTION_NAMES, CertificateForm
from facilities.forms.certificates import TEXTS
from facilities.models import Filing, FilingCertificate
from facilities.models.choices import FilingKind, SectionKey
from portal.core import attachments, badges
from portal.core.models import Attachment
from portal.core.pages import Request, offers, posted
from portal.core.queries import in_force

from .life import next_page
from .own import own
from .progress import corrections_of, filing_crumbs, is_open, unbroken
from .sections import locked, saved_fragment

KEY = "certificates"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages of this section need to know of a filing, read once."""

    filing: Filing
    materials: list[rules.Material]
    missing: list[str]
    files: dict[str, list[Attachment]]
    asked: list[Any]
    drafts: dict[str, Any]
    is_open: bool

    def material(self, code: str) -> rules.Material:
        """The paper of that code on this filing's list, or 404."""
        found = next((m for m in self.materials if m.code == code), None)
        if found is None:
            raise Http404
        return found

    def after(self, code: str) -> str:
        """Where to go on: the next paper that is still missing, or the list."""
        codes = [material.code for material in self.materials]
        later = codes[codes.index(code) + 1 :]
        for other in [*later, *codes]:
            if other in self.missing and other != code:
                return reverse("my:certificate", args=[self.filing.number, other])
        return reverse("my:certificates", args=[self.filing.number])


def _desk(request: Request, filing: Filing) -> Desk:
    law = in_force(request.today)
    prefetch_related_objects([filing], "sections", "certificates")
    section = queries.sections_of(filing)[KEY]
    asked = corrections_of(queries.correction_list(filing).filter(is_sent=True))
    papers = queries.certificate_answers(filing)
    return Desk(
        filing=filing,
        materials=queries.required_for(filing, law) or [],
        missing=queries.missing_materials(filing, papers, law) or [],
        files=queries.files_by_material(filing),
        asked=asked.get(KEY, []),
        drafts=section.draft or {},
        is_open=is_open(filing, section, set(asked)),
    )


@offers(Filing, "edit", key="number")
@own
def certificates(request: Request, filing: Filing) -> HttpResponse:
    """O8: which papers this facility hands in, and how far each is."""
    desk = _desk(request, filing)
    if not desk.is_open:
        return locked(request, filing, KEY)
    context = {
        "filing": filing,
        "groups": [{"label": _("需要的材料"), "tasks": [_task(desk, m) for m in desk.materials]}],
        "materials": desk.materials,
        "asked": [(item.reason, "") for item in desk.asked],
        "is_whole": bool(desk.materials) and not desk.missing,
        "crumbs": filing_crumbs(filing, SECTION_NAMES[KEY]),
    }
    return render(request, "my/certificates.html", context)


def _task(desk: Desk, material: rules.Material) -> dict[str, Any]:
    files = len(desk.files.get(material.code, ()))
    url = reverse("my:certificate", args=[desk.filing.number, material.code])
    task: dict[str, Any] = {"label": material.name, "url": url}
    if any(item.item == material.code for item in desk.asked):
        task["note"] = _("需补正，%(n)s 个文件") % {"n": files}
    elif files:
        task["note"] = _("%(n)s 个文件") % {"n": files}
    if not material.required:
        task["label"] = _("%(name)s（选填）") % {"name": material.name}
        task["text"] = unbroken(_("已上传") if files else _("可以不交"))
    elif material.code not in desk.missing:
        task["text"] = unbroken(_("已完成"))
    elif files or material.code in desk.drafts:
        task["badge"] = badges.Badge("neutral", "pencil-square", _("填写中"))
    else:
        task["badge"] = badges.Badge("neutral", "dash-circle", _("未开始"))
    return task


@offers(Filing, "edit", key="number")
@own
def certificate(request: Request, filing: Filing, material: str) -> HttpResponse:
    """One paper: number, issuer, dates, files."""
    desk = _desk(request, filing)
    about = desk.material(material)
    if not desk.is_open:
        return locked(request, filing, KEY)
    form = _form(request, desk, about)
    if request.method == "POST":
        return _save(request, desk, about, form)
    return _page(request, desk, about, form)


@offers(Filing, "edit", key="number")
@own
def certificate_autosave(request: Request, filing: Filing, material: str) -> HttpResponse:
    """Number, issuer and dates as they are typed; files travel only with the button."""
    if request.method != "POST":
        return redirect("my:certificate", number=filing.number, material=material)
    desk = _desk(request, filing)
    about = desk.material(material)
    form = _form(request, desk, about)
    form.is_valid()
    try:
        version = _keep_texts(request, desk, about, form)
    except (actions.Stale, actions.SectionLocked):
        return render(request, "my/_not_saved.html", status=409)
    return saved_fragment(request, version)


@offers(Filing, "edit", key="number")
@own
def certificate_file_remove(
    request: Request, filing: Filing, material: str, file: str
) -> HttpResponse:
    """Ask once, then take the file out; asking twice is the same as once."""
    back = reverse("my:certificate", args=[filing.number, material])
    attachment = _file(request, filing, material, file)
    if request.method != "POST":
        return _ask_removal(request, filing, attachment, back)
    try:
        actions.remove_file(filing, attachment, by=request.actor, at=request.at)
    except actions.SectionLocked:
        return locked(request, filing, KEY)
    messages.success(request, _("已删除文件：%(name)s") % {"name": attachment.display_name})
    return HttpResponseRedirect(back, status=303)


def _ask_removal(
    request: Request, filing: Filing, attachment: Attachment, back: str
) -> HttpResponse:
    context = {
        "filing": filing,
        "file": attachment,
        "effects": [_("删除后不能恢复，需要时请重新上传")],
        "back": back,
        "crumbs": filing_crumbs(filing, _("删除文件")),
    }
    return render(request, "my/file_remove.html", context)


def _file(request: Request, filing: Filing, material: str, file: str) -> Attachment:
    papers = FilingCertificate.objects.visible_to(request.user).filter(
        filing=filing, material=material
    )
    found: Attachment | None = Attachment.objects.filter(
        pk=file, noun_id__in=papers.values("pk")
    ).first()
    if found is None:
        raise Http404
    return found


def _form(request: Request, desk: Desk, material: rules.Material) -> CertificateForm:
    papers = {paper.material: paper for paper in desk.filing.certificates.all()}
    paper = papers.get(material.code)
    stored = {name: getattr(paper, name, None) or "" for name in TEXTS}
    if paper is None:
        stored |= _said_already(desk.filing, material)
    stored |= desk.drafts.get(material.code, {})
    return CertificateForm(
        posted(request),
        files=request.FILES if request.method == "POST" else None,
        material=material,
        today=request.today,
        stored=stored,
        version=paper.version if paper else 0,
    )


def _said_already(filing: Filing, material: rules.Material) -> dict[str, Any]:
    """What a new paper says and was asked before: the code of the licence, the end of the lease."""
    told = {section.key: section.answers or {} for section in filing.sections.all()}
    if material.code == PROOF[SectionKey.REGISTRATION]:
        return {"number": told.get(SectionKey.REGISTRATION, {}).get("uscc", "")}
    if material.code == PROOF[SectionKey.PREMISES]:
        return {"valid_until": told.get(SectionKey.PREMISES, {}).get("lease_end") or ""}
    return {}


def _keep_texts(
    request: Request, desk: Desk, material: rules.Material, form: CertificateForm
) -> int:
    """Keep the words of the paper, as values where they make sense, else as they were typed."""
    who: dict[str, Any] = {"by": request.actor, "at": request.at}
    version = form.sent_version
    if form.texts_are_sound:
        paper = actions.save_certificate(
            desk.filing, material.code, form.values, version=version, **who
        )
        return paper.version
    actions.keep_certificate_draft(desk.filing, material.code, form.draft, **who)
    return version


def _save(
    request: Request, desk: Desk, material: rules.Material, form: CertificateForm
) -> HttpResponse:
    """Keep every part that is sound, also when another part is not."""
    form.is_valid()
    try:
        version = _keep_texts(request, desk, material, form)
        _keep_files(request, desk, material, form)
    except actions.Stale:
        return _stale(request, desk, material, form)
    except actions.SectionLocked:
        return locked(request, desk.filing, KEY)
    desk.filing.refresh_from_db()  # and forget what was fetched along with it
    fresh = _desk(request, desk.filing)
    if form.errors:
        form.data = form.data.copy()
        form.data["version"] = str(version)
        return _page(request, fresh, material, form)
    return HttpResponseRedirect(_target(request, fresh, material), status=303)


def _keep_files(
    request: Request, desk: Desk, material: rules.Material, form: CertificateForm
) -> None:
    for file in form.sound_files:
        try:
            actions.attach_file(desk.filing, material.code, file, by=request.actor, at=request.at)
        except attachments.UploadRefused as refused:
            form.add_error("picture", refused.message)


def _target(request: Request, desk: Desk, material: rules.Material) -> str:
    if "more" in request.POST:
        return reverse("my:certificate", args=[desk.filing.number, material.code])
    messages.success(request, _("已保存：%(name)s") % {"name": material.name})
    if request.GET.get("from") == "check":
        return reverse("my:check", args=[desk.filing.number])
    if desk.filing.kind != FilingKind.INITIAL and not set(desk.missing) - {material.code}:
        return next_page(request, desk.filing)
    return desk.after(material.code)


def _stale(
    request: Request, desk: Desk, material: rules.Material, form: CertificateForm
) -> HttpResponse:
    paper = desk.filing.certificates.get(material=material.code)
    section = queries.sections_of(desk.filing)[KEY]
    when = section.updated_at or request.at
    form.mark_stale(who=section.updated_by, at=when, current=paper.version)
    others = [
        (form.fields[name].label, getattr(paper, name) or "", form.draft[name])
        for name in form.draft
        if str(getattr(paper, name) or "") != form.draft[name]
    ]
    return _page(request, desk, material, form, others=others)


def _page(
    request: Request, desk: Desk, material: rules.Material, form: CertificateForm, **more: Any
) -> HttpResponse:
    number = desk.filing.number
    context = {
        "filing": desk.filing,
        "material": material,
        "form": form,
        "asked": [(i.reason, "") for i in desk.asked if i.item in {"", material.code}],
        "files": [_row(number, material, file) for file in desk.files.get(material.code, ())],
        "crumbs": [
            *filing_crumbs(desk.filing),
            (SECTION_NAMES[KEY], reverse("my:certificates", args=[number])),
            (material.name, ""),
        ],
        "page_has_errors": bool(form.is_bound and form.errors),
        **more,
    }
    return render(request, "my/certificate.html", context)


def _row(number: str, material: rules.Material, file: Attachment) -> dict[str, Any]:
    thumb = reverse("core:attachment_thumbnail", args=[file.pk, 320]) if file.is_image else ""
    return {
        "name": file.display_name,
        "url": reverse("core:attachment", args=[file.pk]),
        "size": file.size,
        "thumb": thumb,
        "remove_url": reverse("my:certificate_file_remove", args=[number, material.code, file.pk]),
    }
