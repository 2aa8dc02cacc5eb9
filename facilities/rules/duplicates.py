"""When two records may be about the same place or the same people: names and addresses compared.

The words that every facility and every company carries are taken away first, so that what is left
is the name people know it by.
"""

from __future__ import annotations

import re
import unicodedata

# The longer word first: 有限责任公司 before 公司.
GENERIC = (
    "有限责任公司", "股份有限公司", "有限公司", "个体工商户", "分公司", "公司", "集团",
    "婴幼儿照护服务", "婴幼儿托育服务", "托育服务中心", "托育服务", "婴幼儿", "照护服务",
    "幼儿托育", "托育中心", "托育园", "托育点", "托儿所", "托育", "幼儿园", "早教中心", "早教",
    "服务中心", "服务", "中心", "儿童之家", "管理", "咨询", "教育", "健康", "科技",
)  # fmt: skip
REGION = re.compile(
    r"^(河南省|河南)?(平顶山市|平顶山)?(舞钢市|舞钢)?(寺坡街道办事处|寺坡街道|寺坡)?"
)
BRACKETED = re.compile(r"[(\[{【〔<《（].*?[)\]}】〕>》）]")
SEPARATORS = re.compile(r"[^0-9a-z\u4e00-\u9fff]")
# 十八 is not read as 18: an address is written in digits on every paper.
_HOUSE = {"號": "号", "院内": "院", "底商": "", "附近": ""}


def plain(text: str) -> str:
    """Half-width, lower case, without spaces, points and strokes."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text).casefold())


def name_key(name: str) -> str:
    """The name people know: without bracketed words, region, legal form and 托育园.

    Where nothing else is left, the whole name stands for itself.
    """
    bare = BRACKETED.sub("", unicodedata.normalize("NFKC", name))
    whole = plain(bare) or plain(name)
    short = REGION.sub("", whole)
    for word in GENERIC:
        short = short.replace(word, "")
    return short if len(short) > 1 else whole


def address_key(address: str) -> str:
    """The address without province, city and street office, and without bracketed remarks."""
    bare = BRACKETED.sub("", unicodedata.normalize("NFKC", address))
    bare = re.sub(r"(?<=\d)\s*[-—–~]\s*(?=\d)", "至", bare)  # 1-8号 is not 18号
    whole = plain(bare) or plain(address)
    short = REGION.sub("", whole)
    for word, other in _HOUSE.items():
        short = short.replace(word, other)
    return short or whole


def likeness(one: str, other: str) -> int:
    """How much two keys share, in percent: twice the common pairs of characters over all pairs.

    Keys of one character are alike only when they are equal.
    """
    if not one or not other:
        return 0
    if one == other:
        return 100
    here, there = _pairs(one), _pairs(other)
    if not here or not there:
        return 0
    return round(200 * len(here & there) / (len(here) + len(there)))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


__all__ = ["address_key", "likeness", "name_key", "plain"]
