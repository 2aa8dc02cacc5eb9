"""A round from its setup to the scores: facilities, terms, panel, start."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from evaluations.models import (
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    Evaluator,
    IndicatorSet,
    Panel,
    PanelMember,
    Recusal,
    ScoreSheet,
    SelfAssessment,
)
from evaluations.models.choices import PanelKind, RoundKind
from evaluations.queries import committee, indicators, scores
from evaluations.rules import CannotDraw, Conflict, Draw, Terms, draw
from evaluations.workflow import RoundStatus, SheetStatus
from facilities.models import Facility
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.identifiers import filing_number
from portal.core.models import User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.seeds import fresh_seed
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import action, apply, one_at_a_time, record

# The terms a draw hangs on.
DRAWN_BY = ("panel_size", "required_fields", "most_recused_percent", "recusal_months")


class NotReady(Exception):
    """The round cannot start or go on: `why` holds codes (no_facilities, no_panel, terms, …)."""

    def __init__(self, why: Iterable[str]) -> None:
        self.why = tuple(why)
        super().__init__(", ".join(self.why))


@action
def create_round(
    title: str,
    kind: str,
    facilities: Sequence[Facility],
    *,
    by: Actor,
    at: dt.datetime,
    occasion: str = "",
    self_due: dt.date | None = None,
) -> EvaluationRound:
    """Begin the setup of a round; the same occasion (a form's token, a year) begins it once.

    Raises NotReady while no set of indicators is published.
    """
    if by.user is not None and not by.user.has_role(Role.CLERK):
        raise PermissionDenied("rounds are set up by clerks")
    key = occasion or f"act:{uuid.uuid4()}"
    one_at_a_time(f"round:{key}")
    if found := EvaluationRound.objects.filter(occasion=key).first():
        return found
    chosen = indicators.newest_published()
    if chosen is None:
        raise NotReady(["no_set"])
    made = _make(chosen, by, at, title=title, kind=kind, occasion=key, self_due=self_due)
    _take_in(made, facilities)
    record(made, "evaluationround.create", by=by, at=at, facilities=len(facilities), kind=kind)
    return made


def _make(chosen: IndicatorSet, by: Actor, at: dt.datetime, **columns: Any) -> EvaluationRound:
    day = clock.day_of(at)
    law = in_force(day)
    number = filing_number(
        day.year, next_serial("evaluation-round", day.year), law.text("evaluations.number_template")
    )
    due = columns["self_due"] or day + dt.timedelta(days=law.integer("evaluations.self_days"))
    scoring = due + dt.timedelta(days=law.integer("evaluations.scoring_days"))
    return EvaluationRound.objects.create(**{
        **columns,
        "number": number,
        "indicator_set": chosen,
        "terms_data": Terms.of(law).as_json(),
        "self_due": due,
        "scoring_due": None if columns["kind"] == RoundKind.SELF else scoring,
        "created_by": by.user,
        "created_at": at,
    })  # fmt: skip


def _take_in(made: EvaluationRound, facilities: Iterable[Facility]) -> None:
    Evaluation.objects.bulk_create(
        [Evaluation(round=made, facility=f, community_id=f.community_id) for f in facilities],
        ignore_conflicts=True,
    )
    if made.kind != RoundKind.SELF:  # who looks at himself is still due to be evaluated
        DueEvaluation.objects.filter(
            facility__in=made.evaluations.values("facility"), round=None
        ).update(round=made)


@action
def edit_round(
    round_: EvaluationRound, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """Change title, set, days or terms before the start; raises NotReady for unfit terms.

    A panel drawn under other terms is thrown away with its record kept.
    """
    columns = dict(values)
    terms: Terms | None = columns.pop("terms", None)
    if terms is not None:
        if terms.problems:
            raise NotReady(terms.problems)
        columns["terms_data"] = terms.as_json()
    made: EvaluationRound = apply(
        round_, "edit", by=by, at=at, columns=sorted(columns),
        sets=lambda fresh: {**columns, **_set_up_by(fresh, by)},
    )  # fmt: skip
    if terms is not None and _was_drawn_otherwise(made, terms):
        dissolve(made, by, at)
    return made


def _set_up_by(round_: EvaluationRound, by: Actor) -> dict[str, Any]:
    """Who sets up what the calendar began answers for it: another person starts it (R5)."""
    return {} if round_.created_by_id else {"created_by": by.user}


def _was_drawn_otherwise(round_: EvaluationRound, terms: Terms) -> bool:
    """Whether the panel was drawn under other terms than these."""
    panel = committee.scoring_panel(round_)
    if panel is None:
        return False
    before = Terms.from_json(panel.record["terms"])
    return any(getattr(before, name) != getattr(terms, name) for name in DRAWN_BY)


@action
def choose_facilities(
    round_: EvaluationRound, facilities: Sequence[Facility], *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """Which facilities take part; a panel drawn for others is thrown away with its record kept."""
    made: EvaluationRound = apply(
        round_, "edit", by=by, at=at, facilities=len(facilities),
        sets=lambda fresh: _set_up_by(fresh, by),
    )  # fmt: skip
    wanted = {each.pk for each in facilities}
    before = set(made.evaluations.values_list("facility", flat=True))
    if wanted == before:
        return made
    dissolve(made, by, at)
    made.evaluations.exclude(facility__in=wanted).delete()
    _take_in(made, [each for each in facilities if each.pk not in before])
    return made


def dissolve(round_: EvaluationRound, by: Actor, at: dt.datetime) -> None:
    """Take the panel of a round in setup away; the trail keeps its seed."""
    for panel in Panel.objects.filter(round=round_, kind=PanelKind.SCORING):
        record(round_, "evaluationround.undraw", by=by, at=at, seed=panel.seed)
        ScoreSheet.objects.filter(evaluation__round=round_).delete()
        Recusal.objects.filter(evaluation__round=round_).delete()
        panel.delete()


@action
def draw_panel(round_: EvaluationRound, *, by: Actor, at: dt.datetime, seed: str = "") -> Panel:
    """Draw the panel, set down who stays away from what, lay out the sheets.

    The seed is made here unless the office drew it in public; the record allows anybody to repeat
    the draw. A second call answers with the panel that was drawn. Raises CannotDraw.
    """
    one_at_a_time(f"panel:{round_.pk}")
    if found := committee.scoring_panel(round_):
        return found
    seed = seed or fresh_seed()
    made: EvaluationRound = apply(round_, "draw", by=by, at=at, seed=seed)
    evaluations = list(made.evaluations.select_related("facility"))
    wanted = Wanted(PanelKind.SCORING, seed, made.terms)
    panel, drawn, conflicts = draw_from_pool(made, evaluations, wanted, by=by, at=at)
    _seat(panel, evaluations, conflicts, drawn, at)
    return panel


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a panel is drawn for: kind, seed, terms, and the accounts that are not drawn again."""

    kind: str
    seed: str
    terms: Terms
    without: frozenset[uuid.UUID] = frozenset()


def draw_from_pool(
    round_: EvaluationRound,
    evaluations: Sequence[Evaluation],
    wanted: Wanted,
    *,
    by: Actor,
    at: dt.datetime,
) -> tuple[Panel, Draw, list[Conflict]]:
    """The draw itself, its record, and the seats of those who were drawn."""
    day, terms = clock.day_of(at), wanted.terms
    members = [each for each in committee.pool(day) if each.user_id not in wanted.without]
    conflicts = committee.conflicts_of(members, evaluations, day, terms)
    candidates = committee.candidates(members, conflicts)
    drawn = draw(candidates, wanted.seed, len(evaluations), terms)
    known = {str(each.pk): each for each in members}
    panel = Panel.objects.create(
        round=round_,
        kind=wanted.kind,
        seed=wanted.seed,
        drawn_by=by.somebody,
        drawn_at=at,
        record={
            "facilities": len(evaluations),
            "terms": terms.as_json(),
            "candidates": [
                {"key": c.key, "field": c.field, "unit": known[c.key].unit, "barred": c.barred}
                for c in candidates
            ],
            "chosen": list(drawn.chosen),
            "substitutes": list(drawn.substitutes),
            "excluded": list(drawn.excluded),
        },
    )
    PanelMember.objects.bulk_create(
        PanelMember(panel=panel, evaluator=known[key], order=n, is_leader=n == 1)
        for n, key in enumerate(drawn.chosen, start=1)
    )
    return panel, drawn, conflicts


def _seat(
    panel: Panel,
    evaluations: Sequence[Evaluation],
    conflicts: Iterable[Conflict],
    drawn: Draw,
    at: dt.datetime,
) -> None:
    """Recusals and sheets; raises CannotDraw where too few would be left for a facility."""
    seats = {str(each.evaluator_id): each for each in panel.members.all()}
    of_facility = {str(each.facility_id): each for each in evaluations}
    away = {(c.member, c.facility): c.ground for c in conflicts if c.member in drawn.chosen}
    least = panel.round.terms.least_scorers
    barred = Counter(facility for _member, facility in away)
    if any(len(seats) - count < least for count in barred.values()):
        raise CannotDraw(["scorers"])
    Recusal.objects.bulk_create(
        Recusal(
            evaluation=of_facility[facility], evaluator=seats[member].evaluator,
            ground=ground, is_computed=True, since=at,
        )
        for (member, facility), ground in away.items()
    )  # fmt: skip
    ScoreSheet.objects.bulk_create(
        ScoreSheet(
            evaluation=evaluation,
            member=seat,
            state=SheetStatus.RECUSED if (key, facility) in away else SheetStatus.NOT_STARTED,
        )
        for facility, evaluation in of_facility.items()
        for key, seat in seats.items()
    )


@action
def start_round(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """The second person starts it: the facilities are asked for their own assessment.

    Raises NotReady without facilities, with unfit terms, when the days for the own assessment are
    over before they begin, or (unless it is a year's self-assessment) without a panel.
    """
    why = list(round_.terms.problems)
    if round_.self_due <= clock.day_of(at):
        why.append("self_due")
    if not round_.evaluations.exists():
        why.append("no_facilities")
    if round_.kind != RoundKind.SELF and committee.scoring_panel(round_) is None:
        why.append("no_panel")
    if why:
        raise NotReady(why)
    made: EvaluationRound = apply(
        round_, "start", by=by, at=at, sets=lambda _: {"started_by": by.user}
    )
    _open_self_assessments(made, at)
    members = committee.accounts_of(made)
    outbox.notify(members, "round.drawn", made, at=at, once="once", due=made.scoring_due)
    return made


def _open_self_assessments(round_: EvaluationRound, at: dt.datetime) -> None:
    evaluations = list(round_.evaluations.select_related("facility"))
    SelfAssessment.objects.bulk_create(
        [SelfAssessment(evaluation=each) for each in evaluations], ignore_conflicts=True
    )
    for each in evaluations:
        outbox.notify(
            operators_of(each.facility), "self.open", each, at=at, once="once", due=round_.self_due
        )


def operators_of(facility: Facility) -> list[User]:
    """The people who work for a facility."""
    inside = facility.memberships.filter(left_on=None).values("user")
    return list(User.objects.filter(pk__in=inside, is_active=True).order_by("id"))


@action
def open_scoring(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """The evaluators may score; what no facility handed in by then has lapsed."""
    _is_kind(round_, "open_scoring", RoundKind.REGULAR, RoundKind.AGAIN)
    made: EvaluationRound = apply(round_, "open_scoring", by=by, at=at)
    lapse(made, at)
    people = committee.accounts_of(made)
    outbox.notify(people, "round.scoring", made, at=at, once="once", due=made.scoring_due)
    return made


@action
def close_self_round(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> EvaluationRound:
    """A year's self-assessment is over."""
    day = clock.day_of(at)
    _is_kind(round_, "close_self", RoundKind.SELF)
    made: EvaluationRound = apply(
        round_, "close_self", by=by, at=at, sets=lambda _: {"finished_on": day}
    )
    lapse(made, at)
    clerks = staff_with(Role.CLERK, day)
    outbox.notify(clerks, "self.closed", made, at=at, once="once")
    return made


def _is_kind(round_: EvaluationRound, name: str, *kinds: str) -> None:
    """A year's self-assessment ends; only what a panel scores goes on to the scores."""
    if round_.kind not in kinds:
        raise TransitionNotOpen("evaluationround", name, round_.state)


def lapse(round_: EvaluationRound, at: dt.datetime) -> None:
    """What no facility has handed in is late for good."""
    waiting = SelfAssessment.objects.filter(evaluation__round=round_, state="draft")
    for each in waiting:
        apply(each, "lapse", by=Actor.calendar(), at=at)


@action
def cancel_round(
    round_: EvaluationRound, reason: str, *, by: Actor, at: dt.datetime
) -> EvaluationRound:
    """The round is given up, with its reason; what was scored is kept and shown to nobody new.

    Facilities that were due are due again.
    """
    made: EvaluationRound = apply(
        round_, "cancel", by=by, at=at, reason=reason, sets=lambda _: {"cancel_reason": reason}
    )
    DueEvaluation.objects.filter(round=made).update(round=None)
    people = [*committee.accounts_of(made)]
    for each in made.evaluations.select_related("facility"):
        people += operators_of(each.facility)
    if round_.state != RoundStatus.SETUP:
        outbox.notify(people, "round.cancelled", made, at=at, once="once", reason=reason)
    return made


@action
def replace_member(
    member: PanelMember, reason: str, *, by: Actor, at: dt.datetime, leaver: str = ""
) -> PanelMember:
    """A member cannot take part: the next substitute of the draw takes the seat.

    Only before scores are given by him; where he was the only one of a required field, the next of
    that field. With the key of the `leaver` the form sent twice replaces once. Raises CannotDraw
    when no substitute is left.
    """
    if not reason.strip():
        raise NotReady(["reason"])
    round_ = member.panel.round
    apply(round_, "draw", by=by, at=at, seed=member.panel.seed, seat=member.order)
    member.refresh_from_db()
    if leaver and str(member.evaluator_id) != leaver:
        return member
    evaluations = list(round_.evaluations.select_related("facility"))
    heir = _next_substitute(member, round_.terms, clock.day_of(at))
    _note_replacement(member, heir, reason, clock.day_of(at))
    conflicts = committee.conflicts_of([heir], evaluations, clock.day_of(at), round_.terms)
    barred = {each.facility: each.ground for each in conflicts}
    away = Recusal.objects.filter(evaluator=member.evaluator, evaluation__in=evaluations)
    away.delete()
    member.sheets.all().delete()
    member.evaluator, member.pledged_at, member.pledge_text = heir, None, ""
    member.save(update_fields=["evaluator", "pledged_at", "pledge_text"])
    _lay_out(member, evaluations, barred, at)
    outbox.notify([heir.user], "round.drawn", round_, at=at, once="once", due=round_.scoring_due)
    return member


def _note_replacement(leaver: PanelMember, heir: Evaluator, reason: str, day: dt.date) -> None:
    """The record of the draw says who gave which seat to whom, and why."""
    panel = leaver.panel
    row = {"seat": leaver.order, "from": leaver.evaluator.unit, "to": heir.unit,
           "reason": reason, "day": day.isoformat()}  # fmt: skip
    panel.record = {**panel.record, "replaced": [*panel.record.get("replaced", []), row]}
    panel.save(update_fields=["record"])


def _next_substitute(leaver: PanelMember, terms: Terms, day: dt.date) -> Evaluator:
    """The first who still serves, and who has the required field nobody else would have."""
    panel = leaver.panel
    seats = list(panel.members.select_related("evaluator"))
    others = Counter(seat.evaluator.field for seat in seats if seat.pk != leaver.pk)
    missing = {field for field in terms.required_fields if not others[field]}
    taken = {seat.evaluator_id for seat in seats}
    keys = [uuid.UUID(key) for key in panel.record["substitutes"]]
    serving = Evaluator.objects.in_term(day).select_related("user").in_bulk(keys)
    for key in keys:
        fits = key in serving and key not in taken
        if fits and (not missing or serving[key].field in missing):
            return serving[key]
    raise CannotDraw(sorted(missing) or ["size"])


def _lay_out(
    seat: PanelMember, evaluations: Iterable[Evaluation], barred: Mapping[str, str],
    at: dt.datetime,
) -> None:  # fmt: skip
    for each in evaluations:
        ground = barred.get(str(each.facility_id))
        if ground:
            Recusal.objects.create(
                evaluation=each, evaluator=seat.evaluator, ground=ground, is_computed=True, since=at
            )
        state = SheetStatus.RECUSED if ground else SheetStatus.NOT_STARTED
        ScoreSheet.objects.create(evaluation=each, member=seat, state=state)


@action
def remind_panel(round_: EvaluationRound, *, by: Actor, at: dt.datetime) -> int:
    """Tell everybody whose sheets are missing, by hand; once a person and day."""
    if not by.somebody.has_role(Role.CLERK, Role.APPROVER):
        raise PermissionDenied("the office reminds")
    late = {each.member.evaluator.user for each in scores.unfinished(round_)}
    day = clock.day_of(at)
    record(round_, "evaluationround.remind", by=by, at=at, people=len(late))
    return outbox.notify(late, "round.urged", round_, at=at, once=day.isoformat(),
                         due=round_.scoring_due)  # fmt: skip
