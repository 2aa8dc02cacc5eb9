"""The arithmetic and the rules of evaluation: pure functions on values."""

from .conflicts import Conflict, Ground, conflicts
from .draw import Candidate, CannotDraw, Draw, draw
from .result import compute, grade_of, item_result, spread_of
from .scoring import Problem, score_problems, sheet_problems
from .terms import Terms
from .tree import Difference, Leaf, TreeProblem, compare, tree_problems
from .values import DimensionResult, Given, Item, ItemResult, Line, Outcome

__all__ = [
    "Candidate",
    "CannotDraw",
    "Conflict",
    "Difference",
    "DimensionResult",
    "Draw",
    "Given",
    "Ground",
    "Item",
    "ItemResult",
    "Leaf",
    "Line",
    "Outcome",
    "Problem",
    "Terms",
    "TreeProblem",
    "compare",
    "compute",
    "conflicts",
    "draw",
    "grade_of",
    "item_result",
    "score_problems",
    "sheet_problems",
    "spread_of",
    "tree_problems",
]
