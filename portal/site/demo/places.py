"""A few made-up places that are not in the register, in each state of the work."""

from __future__ import annotations

import datetime as dt

from facilities import actions
from facilities.models import Department, Lead
from portal.core import publishing
from portal.core.actors import Actor
from portal.core.calendar import SHANGHAI
from portal.core.models import Community, User
from portal.core.queries import working_calendar

# number of working days ago, source, name, community, address, what was heard, how far it came
PLACES = (
    (12, "patrol", "小天地托管（示例）", "hubin", "湖滨大道52号二楼", "门口有托育的牌子", "named"),
    (
        9,
        "phone",
        "贝贝之家（示例）",
        "longquan",
        "龙泉路66号",
        "居民说二楼有三岁以下的托班",
        "sent",
    ),
    (7, "comparison", "晨曦宝宝园（示例）", "xianghe", "祥和街71号", "", "guided"),
    (4, "counter", "小脚印早教（示例）", "fenfei", "奋飞路95号", "说是早教，家长整天不在", "seen"),
    (3, "patrol", "童乐绘本馆（示例）", "dashimen", "大石门街60号", "门口写着临时托管", "closed"),
    (
        1,
        "phone",
        "邻家小院（示例）",
        "longquan",
        "龙泉路一处民房",
        "居民说院里常有十来个孩子",
        "new",
    ),
)


def tell_places(people: dict[str, User], now: dt.datetime) -> list[Lead]:
    """Note the places and bring each as far as its line says."""
    calendar, today = working_calendar(), now.astimezone(SHANGHAI).date()
    made = []
    for days, source, name, slug, address, heard, state in PLACES:
        day = calendar.add_working_days(today, -days)
        at = min(dt.datetime.combine(day, dt.time(10, days), SHANGHAI), now)
        values = {
            "source": source,
            "name": name,
            "community": Community.objects.get(slug=slug),
            "address": address,
            "description": heard,
        }
        lead = actions.start_lead(values, by=Actor.person(people["clerk"]), at=at)
        made.append(_brought(lead, state, people, at + dt.timedelta(hours=3)))
    return made


def _brought(lead: Lead, state: str, people: dict[str, User], at: dt.datetime) -> Lead:
    clerk = Actor.person(people["clerk"])
    if state == "new":
        return lead
    if state == "closed":
        lead = actions.verify_lead(lead, "not_childcare", "只借书，不看护", by=clerk, at=at)
        return actions.close_lead(lead, "not_childcare", "", by=clerk, at=at)
    note = "两个房间，有小床，没有看到登记和备案材料"
    lead = actions.verify_lead(lead, "childcare", note, by=clerk, at=at)
    if state == "guided":
        return actions.guide_lead(lead, "当面交给办事指南", by=clerk, at=at)
    if state == "sent":
        to = Department.objects.get(slug="health")
        facts = f"我街道到现场核实：{note}。"
        actions.transfer_lead(lead, to, facts, by=clerk, at=at)
    if state == "named":
        naming = actions.propose_unregistered(lead, by=clerk, at=at)
        publishing.publish(naming, by=Actor.person(people["approver"]), at=at)
    return lead
