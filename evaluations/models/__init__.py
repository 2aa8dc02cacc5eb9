"""The nouns of the evaluation."""

from .committee import Attendance, Evaluator, Meeting, Panel, PanelMember, Tie, Vote
from .facility_side import (
    DueEvaluation,
    FacilityReply,
    FactRemark,
    ImprovementPlan,
    Objection,
    SelfAssessment,
    SelfItem,
)
from .indicators import Dimension, Indicator, IndicatorSet
from .rounds import Amendment, Decision, Evaluation, EvaluationRound, Recusal
from .scores import Moderation, Remark, Score, ScoreSheet, SkippedItem

__all__ = [
    "Amendment",
    "Attendance",
    "Decision",
    "Dimension",
    "DueEvaluation",
    "Evaluation",
    "EvaluationRound",
    "Evaluator",
    "FacilityReply",
    "FactRemark",
    "ImprovementPlan",
    "Indicator",
    "IndicatorSet",
    "Meeting",
    "Moderation",
    "Objection",
    "Panel",
    "PanelMember",
    "Recusal",
    "Remark",
    "Score",
    "ScoreSheet",
    "SelfAssessment",
    "SelfItem",
    "SkippedItem",
    "Tie",
    "Vote",
]
