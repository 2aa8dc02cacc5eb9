"""Rounds: the list, a round with its matrix, setup, and the draw with its record."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions, papers
from evaluations.forms import desk as forms
from evaluations.models import EvaluationRound, Objection, PanelMember
from evaluations.models.choices import RoundKind
from evaluations.models.rounds import NOTICE, RESULT
from evaluations.queries import calendar, committee, results, scores
from evaluations.workflow import SHOWN_TO_PUBLIC
from facilities.models import Facility
from portal.core.models import Publication
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role

from .frame import OFFICE, READERS, act_page, crumbs


@lists(EvaluationRound, roles=READERS)
def evaluations(request: Request) -> HttpResponse:
    """The rounds, those under way first."""
    shown = request.GET.get("state", "")
    found = results.rounds_in(results.rounds_for(request.user), shown)
    context = {
        "page": page_of(request, found),
        "tabs": _tabs(shown),
        "due": calendar.untaken(request.today)[:20],
        "may_add": request.user.has_role(Role.CLERK),
        "crumbs": crumbs(),
    }
    return render(request, "evaluations/desk/rounds.html", context)


def _tabs(shown: str) -> list[dict[str, Any]]:
    tabs = [("", _("全部")), ("open", _("进行中")), ("final", _("已公布")),
            ("cancelled", _("已取消"))]  # fmt: skip
    return [
        {"label": label, "url": f"?state={key}", "count": None, "current": key == shown}
        for key, label in tabs
    ]


@makes(EvaluationRound, roles=[Role.CLERK])
def evaluation_new(request: Request) -> HttpResponse:
    """Begin the setup of a round."""
    chosen = {"facilities": request.GET.getlist("facility"), "token": uuid.uuid4()}
    form = forms.RoundForm(posted(request), facilities=_eligible(), initial=chosen)
    made: list[EvaluationRound] = []

    def act() -> str:
        given = form.cleaned_data
        occasion = f"form:{given['token']}"
        made.append(actions.create_round(
            given["title"], "regular", list(given["facilities"]), by=request.actor, at=request.at,
            occasion=occasion,
        ))  # fmt: skip
        return _("已建立评估 %(number)s，请设置期限、抽取评估组。") % {"number": made[0].number}

    answer = act_page(request, form, _("新建评估"), reverse("desk:evaluations"), act)
    return redirect(made[0].url_for(request.user)) if made else answer


def _eligible() -> Any:
    keys = [each.pk for each in calendar.facilities_in_register()]
    return Facility.objects.filter(pk__in=keys).order_by("sort_key", "code")


@shows(EvaluationRound, key="number", roles=READERS)
def evaluation(request: Request, round_: EvaluationRound) -> HttpResponse:
    """One round: where it stands, facility by evaluator, what comes next."""
    context = {**_matrix(request, round_), **_around(request, round_), "round": round_}
    return render(request, "evaluations/desk/round.html", context)


def _matrix(request: Request, round_: EvaluationRound) -> dict[str, Any]:
    """Facility by evaluator."""
    found = scores.evaluations_of(round_, request.user).select_related("self_assessment")
    seen = page_of(request, found, size=50)
    # Who sits on the panel is told to nobody beyond the office, as its members have pledged.
    in_office = request.user.has_role(*OFFICE)
    seats = list(committee.seats_of(round_)) if in_office else []
    return {"page": seen, "seats": seats, "matrix": scores.matrix(seats, list(seen))}


def _around(request: Request, round_: EvaluationRound) -> dict[str, Any]:
    """What stands beside the matrix; a community reads results once they are public."""
    objections = results.objections_of(round_)
    in_office = request.user.has_role(*OFFICE)
    opened = round_.is_opened and (in_office or round_.state in SHOWN_TO_PUBLIC)
    opened = opened and round_.kind != RoundKind.SELF
    seen = set(Objection.objects.visible_to(request.user).filter(evaluation__round=round_))
    return {
        "shows_points": opened,
        "in_office": in_office,
        "moderations": scores.open_moderations(round_).count() if opened else 0,
        "objections": [each for each in objections if each in seen],
        "meetings": round_.meetings.all() if in_office else [],
        "texts": _texts(round_) if in_office else [],
        "terms": round_.terms,
        "statistics": results.statistics(round_, objections) if opened else None,
        "calendar": working_calendar(),
        "crumbs": crumbs((round_.number, "")),
    }


def _texts(round_: EvaluationRound) -> list[Publication]:
    texts = Publication.objects.of(round_).filter(kind__in=[NOTICE, RESULT])
    return list(texts.order_by("-proposed_at"))


@offers(EvaluationRound, "edit", key="number")
def settings(request: Request, round_: EvaluationRound) -> HttpResponse:
    """The days and the terms."""
    initial = {
        **round_.terms_data, "terms": round_.terms_data, "title": round_.title,
        "indicator_set": round_.indicator_set.version, "self_due": round_.self_due,
        "scoring_due": round_.scoring_due,
    }  # fmt: skip
    least = in_force(request.today).integer("evaluations.notice_working_days")
    form = forms.SettingsForm(
        posted(request), initial=initial, least_notice=least, today=request.today
    )

    def act() -> str:
        actions.edit_round(round_, form.columns, by=request.actor, at=request.at)
        return _("设置已保存。")

    return act_page(request, form, _("评估设置"), round_.url_for(request.user), act, round=round_)


@offers(EvaluationRound, "edit", key="number")
def facilities(request: Request, round_: EvaluationRound) -> HttpResponse:
    """Which facilities take part."""
    chosen = round_.evaluations.values_list("facility__code", flat=True)
    form = forms.FacilitiesForm(
        posted(request), facilities=_eligible(), initial={"facilities": list(chosen)}
    )

    def act() -> str:
        picked = list(form.cleaned_data["facilities"])
        actions.choose_facilities(round_, picked, by=request.actor, at=request.at)
        return _("机构名单已保存。名单有变动的，评估组须重新抽取。")

    return act_page(request, form, _("参加的机构"), round_.url_for(request.user), act, round=round_)


@offers(EvaluationRound, "draw", key="number")
def draw(request: Request, round_: EvaluationRound) -> HttpResponse:
    """Draw the panel."""
    form = forms.DrawForm(posted(request))

    def act() -> str:
        seed = form.cleaned_data["seed"].strip()
        panel = actions.draw_panel(round_, by=request.actor, at=request.at, seed=seed)
        return _("已抽取评估组，种子 %(seed)s。") % {"seed": panel.seed}

    effects = [
        _("须回避超过一半机构的委员不参加抽取"),
        _("其余回避逐家机构生效：该委员看不到这家机构，也不评分"),
        _("抽取记录可以打印，任何人用种子可以重算"),
    ]
    back = round_.url_for(request.user)
    return act_page(request, form, _("抽取评估组"), back, act, round=round_, effects=effects)


@offers(EvaluationRound, "draw", key="number")
def replace(request: Request, round_: EvaluationRound, seat: uuid.UUID) -> HttpResponse:
    """A member cannot take part: the next substitute of the draw takes the seat."""
    member = _seat(round_, seat)
    form = forms.ReplaceForm(posted(request), initial={"leaver": member.evaluator_id})

    def act() -> str:
        reason, leaver = form.cleaned_data["reason"], str(form.cleaned_data["leaver"])
        actions.replace_member(member, reason, by=request.actor, at=request.at, leaver=leaver)
        return _("候补委员已替换，他会收到消息。")

    effects = [
        _("按抽取记录里候补的先后，由下一位委员接替"),
        _("接替的委员须另作承诺，回避另行核出"),
    ]
    return act_page(request, form, _("替换委员"), round_.url_for(request.user), act, round=round_,
                    subject=member.evaluator, effects=effects)  # fmt: skip


@offers(EvaluationRound, "substitute", key="number")
def substitute(request: Request, round_: EvaluationRound, seat: uuid.UUID) -> HttpResponse:
    """A member drops out while the panel scores: substitutes take over what is not handed in."""
    member = _seat(round_, seat)
    form = forms.ReasonForm(posted(request))
    form.submit_label = _("由候补委员接替")

    def act() -> str:
        reason = form.cleaned_data["reason"]
        made = actions.replace_while_scoring(member, reason, by=request.actor, at=request.at)
        return _("候补委员接替了 %(n)s 家机构的评分。") % {"n": len(made)}

    return act_page(request, form, _("评分中替换委员"), round_.url_for(request.user), act,
                    round=round_, subject=member.evaluator, effects=_handed_over())  # fmt: skip


def _handed_over() -> list[str]:
    """What becomes of the scores of who drops out."""
    return [
        _("该委员已经提交的评分保留，继续计入结果"),
        _("没有提交的评分作废，由候补委员从头评"),
        _("接替的委员须另作承诺，回避另行核出"),
    ]


def _seat(round_: EvaluationRound, key: uuid.UUID) -> PanelMember:
    found: PanelMember | None = committee.seats_of(round_).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


@shows(EvaluationRound, key="number", roles=OFFICE)
def draw_record(request: Request, round_: EvaluationRound) -> HttpResponse:
    """The record of the draw, to be printed; drawn again from the seed to show that it holds."""
    panel = committee.scoring_panel(round_)
    if panel is None:
        messages.info(request, _("还没有抽取评估组。"))
        return redirect(round_.url_for(request.user))
    context = {
        "round": round_,
        "panel": panel,
        "rows": papers.draw_rows(panel),
        "holds": list(committee.drawn_again(panel).chosen) == panel.record["chosen"],
        "recusals": scores.recusals_of(round_),
        "crumbs": crumbs((round_.number, round_.url_for(request.user)), (_("抽取记录"), "")),
    }
    return render(request, "evaluations/desk/draw_record.html", context)


@shows(EvaluationRound, key="number", roles=[Role.CLERK, Role.APPROVER], methods=["GET", "POST"])
def remind(request: Request, round_: EvaluationRound) -> HttpResponse:
    """Tell the members whose sheets are missing."""
    form = forms.StepForm(posted(request))
    form.submit_label = _("提醒")

    def act() -> str:
        told = actions.remind_panel(round_, by=request.actor, at=request.at)
        return _("已提醒 %(n)s 人。今天提醒过的不再重复。") % {"n": told}

    effects = [_("还没有提交评分表的委员会收到消息")]
    back = round_.url_for(request.user)
    return act_page(request, form, _("提醒委员"), back, act, round=round_, effects=effects)
