"""The law as dated, cited values: what it said on a given day, and how to name the article.

Nothing in this package knows Django, a table or the clock, so that rules may import it.
"""

from .types import Citation, Figure, Mark, Plain, Regulation, display_citation

__all__ = ["Citation", "Figure", "Mark", "Plain", "Regulation", "display_citation"]
