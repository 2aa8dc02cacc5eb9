"""How a filing goes: each script is a list of acts with working days before today and an hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Step = tuple[int, int, str]  # working days before today, hour in Shanghai, act
Script = Callable[[int], Sequence[Step]]


def _filled(day: int) -> list[Step]:
    return [
        (day, 8, "start"),
        (day, 9, "registration"),
        (day, 10, "premises"),
        (day, 10, "services"),
        (day, 11, "staff"),
        (day, 11, "papers"),
        (day, 13, "safety"),
    ]


def _submitted(day: int) -> list[Step]:
    return [*_filled(day), (day, 15, "submit")]


def _draft(day: int) -> list[Step]:
    return [(day, 8, "start"), (day, 9, "registration"), (day, 10, "begin_premises")]


def _in_review(day: int) -> list[Step]:
    return [*_submitted(day), (day - 1, 9, "take"), (day - 1, 10, "note")]


def _correction(day: int) -> list[Step]:
    return [*_in_review(day), (day - 1, 11, "ask")]


def _resubmitted(day: int) -> list[Step]:
    return [*_correction(day), (day - 5, 10, "fix"), (day - 5, 11, "submit")]


def _proposed(day: int) -> list[Step]:
    return [*_submitted(day), (day - 1, 9, "take"), (day - 2, 10, "propose")]


def _proposed_decline(day: int) -> list[Step]:
    return [*_submitted(day), (day - 1, 9, "take"), (day - 2, 10, "propose_decline")]


def _declined(day: int) -> list[Step]:
    return [*_proposed_decline(day), (day - 3, 16, "decline")]


def _withdrawn(day: int) -> list[Step]:
    return [*_submitted(day), (day - 1, 16, "withdraw")]


def _registered(day: int) -> list[Step]:
    """`day` is the day of the registration; the report came four working days earlier."""
    return [*_proposed(day + 3), (day, 16, "register"), (day - 1, 10, "mirror")]


def _handed_back(day: int) -> list[Step]:
    back = [(day + 1, 14, "hand_back"), (day, 9, "propose")]
    return [*_proposed(day + 3), *back, (day, 16, "register"), (day - 1, 10, "mirror")]


def _corrected(day: int) -> list[Step]:
    again = [(day + 2, 9, "take"), (day + 1, 10, "propose")]
    return [*_resubmitted(day + 8), *again, (day, 16, "register"), (day - 1, 10, "mirror")]


SCRIPTS: dict[str, Script] = {
    "draft": _draft,
    "lapsed": _draft,
    "submitted": _submitted,
    "in_review": _in_review,
    "correction": _correction,
    "resubmitted": _resubmitted,
    "proposed": _proposed,
    "proposed_decline": _proposed_decline,
    "declined": _declined,
    "withdrawn": _withdrawn,
    "registered": _registered,
    "handed_back": _handed_back,
    "corrected": _corrected,
}
