"""What a paper says, as plain data: built by the apps, frozen in the row, read by both views.

`printed` is the only place where the words of a paper are put together. The PDF and the reading
view take them from there, so they cannot say different things. Papers are Chinese in every
language of the portal, so nothing here is translated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from portal.core.identifiers import show_code

Block: TypeAlias = dict[str, Any]
SEAL = "（印章）"
CODE_LABEL = "核验码"
CHECK_HINT = "扫描二维码，或打开下面的网址输入核验码，可以核对这份文书"


# Building blocks, for the apps' `papers` rooms


def to(addressee: str) -> Block:
    """Whom the paper is for: the first line, at the margin."""
    return {"type": "to", "text": addressee}


def paragraph(text: str) -> Block:
    """A paragraph, indented by two characters."""
    return {"type": "paragraph", "text": text}


def heading(text: str, *, level: int = 1) -> Block:
    """一、 (level 1) or （一） (level 2); the number is written by the caller."""
    if level not in {1, 2}:
        raise ValueError("a paper has two levels of headings")
    return {"type": "heading", "text": text, "level": level}


def items(entries: Iterable[str]) -> Block:
    """Entries numbered 1. 2. 3."""
    return {"type": "items", "entries": list(entries)}


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    """A table of two columns: what, and what about it."""
    return {"type": "facts", "rows": [list(row) for row in rows]}


def signatures(rows: Iterable[tuple[str, str]]) -> Block:
    """Who signed: the line to print, and what was drawn (`files.signatures.drawn`) or nothing."""
    return {"type": "signatures", "rows": [{"text": text, "drawn": drawn} for text, drawn in rows]}


def basis(lines: Iterable[str]) -> Block:
    """What the act rests on: articles marked as checked (R30), never others."""
    return {"type": "basis", "lines": list(lines)}


def paper_data(*, act: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """The content of a paper, checked: `act` is the kind of act in its first line."""
    data = {"act": act, "blocks": list(blocks)}
    check(data)
    return data


def check(data: Mapping[str, Any]) -> None:
    """ValueError when `data` is not content a paper can be drawn from."""
    if not data.get("act") or not data.get("blocks"):
        raise ValueError("a paper needs the kind of act and at least one block")
    for block in data["blocks"]:
        if block.get("type") not in _SHAPES:
            raise ValueError(f"no such block: {block.get('type')!r}")
        for text in _SHAPES[block["type"]](block):
            if not isinstance(text, str):
                raise ValueError(f"{block['type']}: only text can be printed")  # ruff: ignore[type-check-without-type-error]


# The words as printed


def printed(paper: Any, *, origin: str) -> dict[str, Any]:
    """Every word of the paper in order; `paper` is an OfficialPaper or looks like one."""
    return {
        "act": f"办理事项：{paper.data['act']}",
        "letterhead": paper.letterhead,
        "number": paper.number,
        "title": paper.title,
        "blocks": [_printed(block) for block in paper.data["blocks"]],
        "office": paper.letterhead,
        "date": chinese_date(paper.issued_on),
        "seal": SEAL,
        "code": f"{CODE_LABEL} {show_code(paper.verify_code)}",
        "hint": CHECK_HINT,
        "check_url": f"{origin}/v/",
        "code_url": f"{origin}/v/{paper.verify_code}/",
    }


def chinese_date(day: dt.date) -> str:
    """2026年11月3日, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def all_text(words: Mapping[str, Any]) -> str:
    """Everything `printed` will put on the page, to look for characters no font has."""
    plain = "".join(value for value in words.values() if isinstance(value, str))
    return plain + "".join(
        text for block in words["blocks"] for text in _SHAPES[block["type"]](block)
    )


def with_each_text(words: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The same words with `change` made to every text in them."""

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [walk(entry) for entry in value]
        if isinstance(value, dict):
            return {key: entry if key == "type" else walk(entry) for key, entry in value.items()}
        return value

    return {key: walk(value) for key, value in words.items()}


def _printed(block: Block) -> Block:
    match block["type"]:
        case "items":
            numbered = [f"{n}. {entry}" for n, entry in enumerate(block["entries"], start=1)]
            return {"type": "items", "entries": numbered}
        case "basis":
            first, *rest = block["lines"] or ["—"]
            return {"type": "basis", "lines": [f"依据：{first}", *rest]}
        case "to":
            return {"type": "to", "text": f"{block['text']}："}
        case _:
            return dict(block)


_SHAPES: dict[str, Callable[[Block], Iterable[Any]]] = {
    "to": lambda block: [block.get("text")],
    "paragraph": lambda block: [block.get("text")],
    "heading": lambda block: [block.get("text")],
    "items": lambda block: block.get("entries") or [None],
    "facts": lambda block: [cell for row in block.get("rows") or [[None]] for cell in row],
    "signatures": lambda block: [row["text"] for row in block.get("rows") or [{"text": None}]],
    "basis": lambda block: block.get("lines") or [],
}
