"""Official papers: numbered without gaps, frozen, drawn by Typst, checkable by anyone.

An act calls `issue` inside its transaction; the drawing happens later, from the outbox, and can be
repeated at any time with the same bytes. `content` holds the blocks a paper is made of.
"""

from portal.core.papers.issuing import issue, replace, withdraw
from portal.core.papers.render import render_and_store

__all__ = ["issue", "render_and_store", "replace", "withdraw"]
