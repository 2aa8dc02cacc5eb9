"""The departments of the transfer matrix, and a publication for each registration on record."""

import hashlib
import json
import zoneinfo

from django.db import migrations

DEPARTMENTS = (
    ("health", "舞钢市卫生健康委员会", "托育机构备案、卫生保健、托育规范、从业限制"),
    ("market", "舞钢市市场监督管理局", "营利性机构登记、食品、价格、广告"),
    ("civil-affairs", "舞钢市民政局", "社会服务机构登记和年检"),
    ("fire", "舞钢市消防救援大队", "消防安全"),
    ("police", "舞钢市公安局", "治安、安保、视频监控、涉嫌犯罪的情况"),
    ("education", "舞钢市教育体育局", "幼儿园托班、招收3岁以上儿童"),
    ("housing", "舞钢市住房和城乡建设局", "房屋安全、建设工程消防、燃气"),
    ("labour", "舞钢市人力资源和社会保障局", "劳动用工"),
    ("land", "舞钢市自然资源局", "土地和规划"),
    ("establishment", "舞钢市机构编制委员会办公室", "事业单位登记"),
    ("cyberspace", "舞钢市互联网信息办公室", "个人信息和网络"),
)
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
STREET_LINE = "街道已登记"
HINT = "街道登记不代替卫生健康部门的备案和依法应当取得的许可。"


def departments(apps, schema_editor):
    rows = apps.get_model("facilities", "Department").objects.using(schema_editor.connection.alias)
    for position, (slug, name, matter) in enumerate(DEPARTMENTS, start=1):
        rows.get_or_create(
            slug=slug, defaults={"name": name, "matter": matter, "position": position}
        )


def publications(apps, schema_editor):
    """What stood in the public list by itself stands there by the same two persons."""
    alias = schema_editor.connection.alias
    filings = (
        apps.get_model("facilities", "Filing")
        .objects.using(alias)
        .filter(state="registered", facility__isnull=False, facility__registration="registered")
        .exclude(proposed_by=None)
        .exclude(decided_by=None)
        .select_related("facility__community", "facility__statutory_filing")
        .order_by("decided_at")
    )
    published = apps.get_model("core", "Publication").objects.using(alias)
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    for filing in filings:
        facility = filing.facility
        kind, _ = kinds.get_or_create(app_label="facilities", model="facility")
        if published.filter(noun_type=kind, noun_id=facility.pk, kind="registration").exists():
            continue
        published.create(**_notice(filing, facility, kind))


def _notice(filing, facility, kind):
    day = filing.decided_at.astimezone(SHANGHAI).date()
    body = [
        {"type": "facts", "rows": _rows(facility)},
        {"type": "paragraph", "text": HINT},
    ]
    plain = json.dumps([facility.name, body], ensure_ascii=False, sort_keys=True)
    return {
        "noun_type": kind,
        "noun_id": facility.pk,
        "party": facility.code,
        "kind": "registration",
        "title": facility.name,
        "body": body,
        "content_sha256": hashlib.sha256(plain.encode()).hexdigest(),
        "state": "published",
        "proposed_by": filing.proposed_by,
        "proposed_at": filing.proposed_at or filing.decided_at,
        "decided_by": filing.decided_by,
        "decided_at": filing.decided_at,
        "published_on": day,
    }


def _rows(facility):
    registered = facility.registered_on
    mirror = getattr(facility, "statutory_filing", None)
    return [
        ["机构名称", facility.name],
        ["社区（村）", facility.community.name],
        ["地址", facility.address],
        ["街道登记", STREET_LINE],
        ["街道登记号", facility.code],
        ["登记日期", _day(registered)],
        ["卫健部门备案", _mirror(mirror)],
    ]


def _day(day):
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def _mirror(mirror):
    if mirror is None:
        return "备案情况待核实"
    words = {
        "filed": "卫健部门已备案",
        "changed": "卫健部门备案已变更",
        "submitted": "已向卫健部门提交",
        "none": "未备案",
        "nonconforming": "卫健部门告知不符合",
        "cancelled": "卫健部门备案已注销",
    }
    return " ".join(filter(None, [words.get(mirror.status, "备案情况待核实"), mirror.number]))


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0009_leads"),
        ("core", "0004_publications"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(departments, migrations.RunPython.noop),
        migrations.RunPython(publications, migrations.RunPython.noop),
    ]
