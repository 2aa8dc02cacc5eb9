"""The only writers of the evaluation: one function per act, `by=` and `at=` as keywords.

The office (desk):
    indicators       start_set replace_tree propose_set hand_back_set publish_set retire_set
    the pool         add_evaluator end_term declare_tie end_tie
    a round          create_round edit_round choose_facilities draw_panel replace_member start_round
                     open_scoring close_self_round cancel_round remind_panel return_sheet
    while scoring    add_scorer replace_while_scoring
    results          open_scores bring_up send_facts answer_fact propose_notice announce
                     close_notice
    meetings         call_meeting hold_meeting record_votes close_meeting decide reconsider
    publication      propose_result finish propose_amendment grant_amendment refuse_amendment
    objections       assign_objection hand_back_answer answer_objection
    improvement      accept_plan hand_back_plan reopen_self_assessment

An evaluator (panel):
    pledge(seat, text)                       before anything else; NotPledged otherwise
    recuse(evaluation, seat, ground)         from then on 404 everywhere
    save_scores(sheet, {code: {...}}, version=…)   keys points is_met reason evidence; what is
                                             absent stays; PointsWrong, SheetChanged, NotPledged
    attach_evidence(sheet, code, file), remove_evidence(sheet, file)
    ask_to_skip(evaluation, indicator, reason), allow_skip(item), refuse_skip(item, answer)
    submit_sheet(sheet, signature)           SheetIncomplete carries rules.Problem rows
    discuss(moderation, text, token=…), agree(moderation, points, reason, is_met=…),
    reopen_agreement(moderation, reason), bring_up(evaluation, indicator)
    propose_answer(objection, answer, {code: {"points": "5", "reason": "…", "met": …}})

A facility (my):
    save_self_assessment(assessment, {code: {...}}, version=…)   keys points is_met text
                                             certificates; SelfChanged, PointsWrong
    attach_self_evidence, remove_self_evidence, submit_self_assessment (SelfIncomplete)
    tell_fact(evaluation, indicator or None, text, token=…)
    file_objection(evaluation, text, token=…, files=…) (TooLate), withdraw_objection
    reply(evaluation, text), submit_plan(plan, measures, finish_on), ask_to_be_rated_again

What pages ask: queries.scores (my_sheets sheet_of scores_of skips_of problems_of moderations_of
letters_of outcomes), queries.committee (seat_of), queries.indicators (tree_of), queries.facts
(documents_of files_of), queries.results (decision_of bars_of medians_of remarks_of history_of).
Every act about a round that has moved on raises TransitionNotOpen.
"""

from .calendar import (
    begin_due,
    begin_self_round,
    plan_facility,
    remind_of_facts,
    remind_of_objection,
    remind_of_plan,
    remind_of_scoring,
    remind_of_self,
    remind_of_start,
    remind_of_term,
)
from .committee import NotAnEvaluator, add_evaluator, declare_tie, end_term, end_tie
from .decisions import (
    ask_for_grade,
    decide,
    finish,
    grant_amendment,
    propose_amendment,
    propose_result,
    reconsider,
    refuse_amendment,
    reply,
)
from .indicators import (
    TreeUnsound,
    hand_back_set,
    load_draft,
    propose_set,
    publish_set,
    replace_tree,
    retire_set,
    start_set,
)
from .meetings import (
    MayNotVote,
    NoQuorum,
    call_meeting,
    close_meeting,
    hold_meeting,
    record_votes,
)
from .objections import (
    TooLate,
    answer_objection,
    assign_objection,
    file_objection,
    hand_back_answer,
    propose_answer,
    withdraw_objection,
)
from .result import (
    agree,
    announce,
    answer_fact,
    bring_up,
    close_notice,
    discuss,
    open_scores,
    propose_notice,
    reopen_agreement,
    send_facts,
    store_results,
    tell_fact,
)
from .rounds import (
    NotReady,
    cancel_round,
    choose_facilities,
    close_self_round,
    create_round,
    draw_panel,
    edit_round,
    open_scoring,
    remind_panel,
    replace_member,
    start_round,
)
from .scoring import (
    NotPledged,
    PointsWrong,
    SheetChanged,
    SheetIncomplete,
    allow_skip,
    ask_to_skip,
    attach_evidence,
    pledge,
    recuse,
    refuse_skip,
    remove_evidence,
    return_sheet,
    save_scores,
    submit_sheet,
)
from .self_assessment import (
    SelfChanged,
    SelfIncomplete,
    accept_plan,
    ask_to_be_rated_again,
    attach_self_evidence,
    hand_back_plan,
    remove_self_evidence,
    reopen_self_assessment,
    save_self_assessment,
    submit_plan,
    submit_self_assessment,
)
from .substitutes import add_scorer, replace_while_scoring

__all__ = [
    "MayNotVote",
    "NoQuorum",
    "NotAnEvaluator",
    "NotPledged",
    "NotReady",
    "PointsWrong",
    "SelfChanged",
    "SelfIncomplete",
    "SheetChanged",
    "SheetIncomplete",
    "TooLate",
    "TreeUnsound",
    "accept_plan",
    "add_evaluator",
    "add_scorer",
    "agree",
    "allow_skip",
    "announce",
    "answer_fact",
    "answer_objection",
    "ask_for_grade",
    "ask_to_be_rated_again",
    "ask_to_skip",
    "assign_objection",
    "attach_evidence",
    "attach_self_evidence",
    "begin_due",
    "begin_self_round",
    "bring_up",
    "call_meeting",
    "cancel_round",
    "choose_facilities",
    "close_meeting",
    "close_notice",
    "close_self_round",
    "create_round",
    "decide",
    "declare_tie",
    "discuss",
    "draw_panel",
    "edit_round",
    "end_term",
    "end_tie",
    "file_objection",
    "finish",
    "grant_amendment",
    "hand_back_answer",
    "hand_back_plan",
    "hand_back_set",
    "hold_meeting",
    "load_draft",
    "open_scores",
    "open_scoring",
    "plan_facility",
    "pledge",
    "propose_amendment",
    "propose_answer",
    "propose_notice",
    "propose_result",
    "propose_set",
    "publish_set",
    "reconsider",
    "record_votes",
    "recuse",
    "refuse_amendment",
    "refuse_skip",
    "remind_of_facts",
    "remind_of_objection",
    "remind_of_plan",
    "remind_of_scoring",
    "remind_of_self",
    "remind_of_start",
    "remind_of_term",
    "remind_panel",
    "remove_evidence",
    "remove_self_evidence",
    "reopen_agreement",
    "reopen_self_assessment",
    "replace_member",
    "replace_tree",
    "replace_while_scoring",
    "reply",
    "retire_set",
    "return_sheet",
    "save_scores",
    "save_self_assessment",
    "send_facts",
    "start_round",
    "start_set",
    "store_results",
    "submit_plan",
    "submit_self_assessment",
    "submit_sheet",
    "tell_fact",
    "withdraw_objection",
]
