import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.core.identifiers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0007_deputies_not_begun"),
        ("core", "__first__"),
        ("facilities", "0015_merging"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checklist",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="代号")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("prefix", models.CharField(max_length=4, unique=True, verbose_name="编号前缀")),
                (
                    "audience",
                    models.CharField(
                        choices=[("office", "检查人员"), ("facility", "机构自查")],
                        default="office",
                        max_length=10,
                        verbose_name="使用人",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "检查表",
                "verbose_name_plural": "检查表",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.CreateModel(
            name="ChecklistVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版次")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "编辑中"),
                            ("proposed", "待发布"),
                            ("published", "使用中"),
                            ("superseded", "已有新版"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="修改说明")),
                ("created_at", models.DateTimeField()),
                ("published_on", models.DateField(null=True, verbose_name="启用日期")),
                (
                    "decision_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回理由"),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="inspections.checklist",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "检查表版本",
                "verbose_name_plural": "检查表版本",
                "ordering": ["checklist__position", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checklist", "version"), name="checklist_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("checklist",),
                        name="checklist_one_published",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed"])),
                        fields=("checklist",),
                        name="checklist_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "proposed", "published", "superseded"])
                        ),
                        name="checklist_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by", None),
                            models.Q(("published_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="checklist_two_persons",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", models.CharField(max_length=10, verbose_name="编号")),
                ("position", models.PositiveSmallIntegerField()),
                ("section", models.CharField(max_length=40, verbose_name="部分")),
                ("text", models.CharField(max_length=200, verbose_name="检查内容")),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "重大"), ("major", "较大"), ("minor", "一般")],
                        max_length=10,
                        verbose_name="不符合时的严重程度",
                    ),
                ),
                (
                    "basis",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("basis_verified", models.BooleanField(default=False, verbose_name="依据已核对")),
                (
                    "departments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SlugField(), blank=True, default=list, size=None
                    ),
                ),
                ("delegated", models.SlugField(blank=True, verbose_name="赋权事项")),
                (
                    "expands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "measure_label",
                    models.CharField(blank=True, max_length=30, verbose_name="记录的数值"),
                ),
                ("measure_unit", models.CharField(blank=True, max_length=10, verbose_name="单位")),
                (
                    "measure_min",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="不低于"),
                ),
                ("wants_photo", models.BooleanField(default=False, verbose_name="须拍照")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="inspections.checklistversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查项目",
                "verbose_name_plural": "检查项目",
                "ordering": ["version", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="checklist_code_once"),
                    models.UniqueConstraint(
                        fields=("version", "position"), name="checklist_place_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "major", "minor"])),
                        name="checklist_severity_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DelegatedItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", models.SlugField(verbose_name="代号")),
                ("name", models.CharField(max_length=120, verbose_name="事项名称")),
                ("basis", models.CharField(blank=True, max_length=200, verbose_name="法律依据")),
                (
                    "penalty_basis",
                    models.CharField(blank=True, max_length=200, verbose_name="罚则"),
                ),
                ("source_number", models.CharField(max_length=80, verbose_name="赋权文件")),
                ("department", models.SlugField(blank=True, verbose_name="原主管部门")),
                ("valid_from", models.DateField(verbose_name="起始日期")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="截止日期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待确认"),
                            ("confirmed", "已确认"),
                            ("ended", "已停用"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("confirmed_on", models.DateField(null=True, verbose_name="确认日期")),
                (
                    "end_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="停用原因"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "赋权事项",
                "verbose_name_plural": "赋权事项",
                "ordering": ["code", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("code", "valid_from"), name="delegated_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="delegated_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="delegated_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(
                                ("confirmed_by__isnull", False), ("confirmed_on__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="delegated_confirmed_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnforcementCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="证号")),
                ("issuer", models.CharField(max_length=60, verbose_name="发证机关")),
                ("valid_from", models.DateField(verbose_name="起始日期")),
                ("valid_until", models.DateField(verbose_name="有效期至")),
                ("revoked_on", models.DateField(blank=True, null=True, verbose_name="收回日期")),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enforcement_certificates",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "行政执法证",
                "verbose_name_plural": "行政执法证",
                "ordering": ["-valid_until", "number"],
                "indexes": [
                    models.Index(fields=["user", "valid_until"], name="enforcement_of_user")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("valid_from"))),
                        name="enforcement_dates",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FacilityRisk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("points", models.PositiveSmallIntegerField(verbose_name="分数")),
                (
                    "risk_class",
                    models.CharField(
                        choices=[("low", "低风险"), ("medium", "中风险"), ("high", "高风险")],
                        max_length=6,
                        verbose_name="风险等级",
                    ),
                ),
                ("held_high", models.BooleanField(default=False)),
                ("computed_on", models.DateField(verbose_name="计算日期")),
                ("law_version", models.CharField(max_length=64)),
                ("last_visit_on", models.DateField(null=True, verbose_name="上次走访")),
                ("next_due_on", models.DateField(verbose_name="下次走访最迟")),
                ("spike_on", models.DateField(null=True)),
                (
                    "facility",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="risk",
                        to="facilities.facility",
                    ),
                ),
            ],
            options={
                "verbose_name": "风险等级",
                "verbose_name_plural": "风险等级",
                "ordering": ["points", "facility"],
                "indexes": [
                    models.Index(fields=["risk_class", "points"], name="risk_class_points"),
                    models.Index(fields=["next_due_on"], name="risk_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=20, verbose_name="问题编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待整改"),
                            ("in_progress", "整改中"),
                            ("reported", "待复查"),
                            ("returned", "复查未通过"),
                            ("closed", "已销号"),
                            ("transferred", "已移送"),
                            ("disputed", "申诉中"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("item_code", models.CharField(blank=True, max_length=10, verbose_name="项目编号")),
                ("area", models.CharField(blank=True, max_length=40, verbose_name="领域")),
                ("text", models.CharField(max_length=500, verbose_name="问题描述")),
                (
                    "requirement",
                    models.CharField(blank=True, max_length=500, verbose_name="整改要求"),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "重大"), ("major", "较大"), ("minor", "一般")],
                        max_length=10,
                        verbose_name="严重程度",
                    ),
                ),
                ("departments", models.JSONField(default=list)),
                ("fixed_on_site", models.BooleanField(default=False, verbose_name="当场改正")),
                ("is_ordered", models.BooleanField(default=False, verbose_name="责令改正")),
                ("due_on", models.DateField(verbose_name="整改期限")),
                ("first_due_on", models.DateField(verbose_name="原整改期限")),
                ("issued_on", models.DateField(null=True, verbose_name="告知日期")),
                ("found_at", models.DateTimeField()),
                ("measure", models.TextField(blank=True, verbose_name="整改措施")),
                ("done_on", models.DateField(null=True, verbose_name="整改完成日期")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="反馈时间")),
                ("recheck_due_on", models.DateField(null=True, verbose_name="复查期限")),
                (
                    "extension_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="申请延期的原因"),
                ),
                ("extension_asked_on", models.DateField(null=True, verbose_name="申请延期日期")),
                ("extension_until", models.DateField(null=True, verbose_name="申请延至")),
                ("extended_on", models.DateField(null=True, verbose_name="批准延期日期")),
                (
                    "extension_refusal",
                    models.CharField(blank=True, max_length=300, verbose_name="不同意延期的原因"),
                ),
                ("dispute", models.TextField(blank=True, verbose_name="申诉理由")),
                ("annulled", models.BooleanField(default=False, verbose_name="申诉成立，予以撤销")),
                ("dispute_answer", models.TextField(blank=True, verbose_name="申诉答复")),
                ("returns", models.PositiveSmallIntegerField(default=0, verbose_name="退回次数")),
                ("closed_on", models.DateField(null=True, verbose_name="销号日期")),
                (
                    "close_note",
                    models.CharField(blank=True, max_length=500, verbose_name="复查意见"),
                ),
                ("closed_on_paper", models.BooleanField(default=False, verbose_name="书面复查")),
                ("escalation", models.PositiveSmallIntegerField(default=0, verbose_name="升级")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delegated",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.delegateditem",
                    ),
                ),
                (
                    "extended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="facilities.facility",
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistitem",
                    ),
                ),
                (
                    "repeat_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="inspections.finding",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="facilities.transfer",
                    ),
                ),
                (
                    "transferred_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.department",
                    ),
                ),
            ],
            options={
                "verbose_name": "问题",
                "verbose_name_plural": "问题",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(fields=["state", "due_on", "id"], name="finding_queue"),
                    models.Index(
                        fields=["facility", "state", "due_on"], name="finding_of_facility"
                    ),
                    models.Index(fields=["severity", "state", "due_on"], name="finding_severity"),
                    models.Index(
                        fields=["facility", "item_code", "-issued_on"], name="finding_repeat"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("number",),
                        name="finding_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "open",
                                    "in_progress",
                                    "reported",
                                    "returned",
                                    "closed",
                                    "transferred",
                                    "disputed",
                                ],
                            )
                        ),
                        name="finding_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "major", "minor"])),
                        name="finding_severity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("issued_on", None),
                            models.Q(("number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="finding_issued_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True),
                            ("closed_on__isnull", False),
                            _connector="OR",
                        ),
                        name="finding_closed_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("severity", "critical"), _negated=True),
                            ("closed_by", None),
                            models.Q(("closed_by", models.F("found_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="finding_critical_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "transferred"), _negated=True),
                            ("transferred_to__isnull", False),
                            _connector="OR",
                        ),
                        name="finding_transferred_where",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_ordered", False), ("delegated__isnull", False), _connector="OR"
                        ),
                        name="finding_order_delegated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extended_on", None),
                            ("extension_asked_on__isnull", False),
                            _connector="OR",
                        ),
                        name="finding_extension_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("act", models.CharField(max_length=20)),
                ("text", models.CharField(blank=True, max_length=300)),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("is_internal", models.BooleanField(default=False)),
                ("done_at", models.DateTimeField()),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="inspections.finding",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改过程",
                "verbose_name_plural": "整改过程",
                "ordering": ["-done_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="检查编号")),
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visit", "属地巡查"),
                            ("administrative", "行政检查"),
                            ("joint", "联合检查"),
                        ],
                        max_length=15,
                        verbose_name="检查类型",
                    ),
                ),
                (
                    "selection",
                    models.CharField(
                        choices=[
                            ("planned", "计划安排"),
                            ("random", "双随机抽取"),
                            ("triggered", "专项核查"),
                            ("recheck", "整改复查"),
                            ("opening", "新开办走访"),
                            ("holiday", "节前检查"),
                        ],
                        max_length=10,
                        verbose_name="安排方式",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "已计划"),
                            ("awaiting_approval", "待审批"),
                            ("assigned", "待检查"),
                            ("in_progress", "检查中"),
                            ("awaiting_signature", "待签字"),
                            ("completed", "已完成"),
                            ("published", "已公示"),
                            ("cancelled", "已取消"),
                        ],
                        default="planned",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("trigger_key", models.CharField(blank=True, max_length=80)),
                ("assignment_note", models.TextField(blank=True, verbose_name="内部任务说明")),
                ("is_urgent", models.BooleanField(default=False, verbose_name="紧急")),
                ("is_announced", models.BooleanField(default=False, verbose_name="事先通知")),
                ("planned_on", models.DateField(verbose_name="计划日期")),
                ("due_on", models.DateField(verbose_name="最迟日期")),
                (
                    "lead_department",
                    models.CharField(blank=True, max_length=60, verbose_name="牵头部门"),
                ),
                ("counts_towards_cap", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField()),
                ("approved_on", models.DateField(null=True, verbose_name="审批日期")),
                (
                    "decision_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回或取消的原因"),
                ),
                (
                    "access",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("granted", "已进入现场"),
                            ("nobody", "无人在场"),
                            ("refused", "拒绝检查"),
                            ("not_operating", "未开展托育"),
                            ("unreachable", "无法联系"),
                        ],
                        max_length=15,
                        verbose_name="到场情况",
                    ),
                ),
                (
                    "access_note",
                    models.CharField(blank=True, max_length=300, verbose_name="到场说明"),
                ),
                (
                    "certificate_shown",
                    models.BooleanField(default=False, verbose_name="已出示证件并告知权利"),
                ),
                (
                    "attendant",
                    models.CharField(blank=True, max_length=40, verbose_name="机构在场人员"),
                ),
                (
                    "attendant_post",
                    models.CharField(blank=True, max_length=40, verbose_name="职务"),
                ),
                (
                    "latitude",
                    models.DecimalField(
                        decimal_places=5, max_digits=8, null=True, verbose_name="纬度"
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        decimal_places=5, max_digits=8, null=True, verbose_name="经度"
                    ),
                ),
                ("started_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("remarks", models.TextField(blank=True, verbose_name="现场情况")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_issue", "未发现问题"),
                            ("fixed_on_site", "当场改正"),
                            ("rectify", "限期整改"),
                            ("critical", "重大隐患"),
                            ("transferred", "已移送"),
                            ("not_cooperating", "不配合"),
                            ("not_operating", "未开展托育"),
                            ("unreachable", "无法联系"),
                        ],
                        max_length=16,
                        verbose_name="检查结果",
                    ),
                ),
                ("statement", models.TextField(blank=True, verbose_name="机构意见")),
                (
                    "signing_refused",
                    models.BooleanField(default=False, verbose_name="机构拒绝签字"),
                ),
                (
                    "refusal_note",
                    models.CharField(blank=True, max_length=300, verbose_name="拒签情况"),
                ),
                ("completed_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                ("completed_on", models.DateField(null=True, verbose_name="完成日期")),
                ("published_on", models.DateField(null=True, verbose_name="公示日期")),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                ("objection", models.TextField(blank=True, verbose_name="异议")),
                ("objected_at", models.DateTimeField(null=True, verbose_name="提出异议时间")),
                ("objection_answer", models.TextField(blank=True, verbose_name="异议答复")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistversion",
                        verbose_name="检查表",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delegated",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.delegateditem",
                        verbose_name="赋权事项",
                    ),
                ),
                (
                    "extra_items",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="inspections.checklistitem"
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="facilities.facility",
                    ),
                ),
                (
                    "objection_answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "检查",
                "verbose_name_plural": "检查",
                "ordering": ["-planned_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["facility", "-completed_on"], name="inspection_of_facility"
                    ),
                    models.Index(fields=["kind", "-planned_on"], name="inspection_kind"),
                    models.Index(fields=["-completed_on", "-id"], name="inspection_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("trigger_key", ""), _negated=True),
                        fields=("trigger_key",),
                        name="inspection_trigger_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["visit", "administrative", "joint"])),
                        name="inspection_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="inspection_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["completed", "published"]), _negated=True),
                            models.Q(
                                ("completed_on__isnull", False),
                                models.Q(("result", ""), _negated=True),
                                models.Q(("access", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="inspection_done_has_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude", None), ("longitude", None)),
                            models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                            _connector="OR",
                        ),
                        name="inspection_whole_point",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeadCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("label", models.CharField(max_length=30, verbose_name="班级")),
                (
                    "class_type",
                    models.CharField(
                        choices=[
                            ("infant", "乳儿班"),
                            ("toddler", "托小班"),
                            ("older", "托大班"),
                            ("mixed", "混合班"),
                        ],
                        max_length=10,
                        verbose_name="班型",
                    ),
                ),
                ("children", models.PositiveSmallIntegerField(verbose_name="在场人数")),
                ("carers", models.PositiveSmallIntegerField(verbose_name="在场保育人员")),
                (
                    "needed",
                    models.PositiveSmallIntegerField(null=True, verbose_name="应有保育人员"),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="head_counts",
                        to="inspections.inspection",
                    ),
                ),
            ],
            options={
                "verbose_name": "现场点名",
                "verbose_name_plural": "现场点名",
                "ordering": ["label"],
                "constraints": [
                    models.UniqueConstraint(fields=("inspection", "label"), name="headcount_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="finding",
            name="inspection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="inspections.inspection",
            ),
        ),
        migrations.CreateModel(
            name="InspectionAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        choices=[
                            ("pass", "符合"),
                            ("fail", "不符合"),
                            ("na", "不适用"),
                            ("unseen", "未查"),
                        ],
                        max_length=6,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("measured", models.CharField(blank=True, max_length=20, verbose_name="数值")),
                ("client_token", models.UUIDField(null=True)),
                ("given_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查项目结果",
                "verbose_name_plural": "检查项目结果",
                "constraints": [
                    models.UniqueConstraint(fields=("inspection", "item"), name="answer_once"),
                    models.CheckConstraint(
                        condition=models.Q(("value__in", ["pass", "fail", "na", "unseen"])),
                        name="answer_value_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InspectionMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "certificate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.enforcementcertificate",
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspection_places",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "检查人员",
                "verbose_name_plural": "检查人员",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("inspection", "user"),
                        name="inspection_member_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InspectionPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="计划编号")),
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="计划名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visit", "属地巡查"),
                            ("administrative", "行政检查"),
                            ("joint", "联合检查"),
                        ],
                        max_length=15,
                        verbose_name="检查类型",
                    ),
                ),
                (
                    "selection",
                    models.CharField(
                        choices=[
                            ("planned", "计划安排"),
                            ("random", "双随机抽取"),
                            ("triggered", "专项核查"),
                            ("recheck", "整改复查"),
                            ("opening", "新开办走访"),
                            ("holiday", "节前检查"),
                        ],
                        max_length=10,
                        verbose_name="安排方式",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "编制中"),
                            ("proposed", "待审定"),
                            ("in_force", "执行中"),
                            ("closed", "已结束"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("all", "全部在册机构"),
                            ("communities", "指定社区（村）"),
                            ("types", "指定机构类型"),
                            ("classes", "指定风险等级"),
                        ],
                        default="all",
                        max_length=12,
                        verbose_name="检查范围",
                    ),
                ),
                (
                    "scope_values",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(default=100, verbose_name="抽取比例（%）"),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(verbose_name="结束日期")),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("created_at", models.DateTimeField()),
                ("approved_on", models.DateField(null=True, verbose_name="审定日期")),
                (
                    "decision_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回理由"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistversion",
                        verbose_name="检查表",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delegated",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.delegateditem",
                        verbose_name="赋权事项",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "检查计划",
                "verbose_name_plural": "检查计划",
                "ordering": ["-starts_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="plan_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 1), ("percent__lte", 100)),
                        name="plan_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in_force"), _negated=True),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="plan_in_force_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "administrative"), _negated=True),
                            ("delegated__isnull", False),
                            _connector="OR",
                        ),
                        name="plan_administrative_delegated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["visit", "administrative", "joint"])),
                        name="plan_kind_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="inspection",
            name="plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inspections",
                to="inspections.inspectionplan",
            ),
        ),
        migrations.CreateModel(
            name="InspectionSignature",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("inspector", "检查人员"),
                            ("facility", "机构在场负责人"),
                            ("witness", "见证人"),
                        ],
                        max_length=10,
                        verbose_name="签字人",
                    ),
                ),
                ("signer", models.CharField(max_length=40, verbose_name="姓名或岗位")),
                ("signed_at", models.DateTimeField()),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signatures",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.attachment",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "签字",
                "verbose_name_plural": "签字",
                "ordering": ["signed_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "role", "user"),
                        name="signature_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "inspector"), _negated=True),
                            ("user__isnull", False),
                            _connector="OR",
                        ),
                        name="signature_inspector_is_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InspectorTie",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("family", "近亲属"),
                            ("interest", "利害关系"),
                            ("former", "曾在该机构任职"),
                            ("child", "本人子女在托"),
                            ("other", "其他"),
                        ],
                        max_length=10,
                        verbose_name="关系",
                    ),
                ),
                ("declared_on", models.DateField(verbose_name="申报日期")),
                ("ended_on", models.DateField(null=True, verbose_name="解除日期")),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspector_ties",
                        to="facilities.facility",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspector_ties",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "回避关系",
                "verbose_name_plural": "回避关系",
                "ordering": ["-declared_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("user", "facility"),
                        name="tie_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RandomDraw",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("method", models.CharField(max_length=30)),
                ("seed", models.CharField(max_length=64, verbose_name="随机种子")),
                ("facilities", models.JSONField()),
                ("excluded", models.JSONField()),
                ("people", models.JSONField()),
                ("people_excluded", models.JSONField()),
                ("ties", models.JSONField()),
                ("wanted", models.PositiveSmallIntegerField(verbose_name="抽取家数")),
                ("team", models.PositiveSmallIntegerField(verbose_name="每家人数")),
                ("result", models.JSONField()),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.officialpaper",
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drawing",
                        to="inspections.inspectionplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "双随机抽取",
                "verbose_name_plural": "双随机抽取",
            },
        ),
        migrations.AddField(
            model_name="inspection",
            name="drawing",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inspections",
                to="inspections.randomdraw",
            ),
        ),
        migrations.CreateModel(
            name="DrawReplacement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[("recusal", "回避"), ("illness", "病假")],
                        max_length=10,
                        verbose_name="原因",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "instead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacements",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "drawing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacements",
                        to="inspections.randomdraw",
                    ),
                ),
            ],
            options={
                "verbose_name": "替换检查人员",
                "verbose_name_plural": "替换检查人员",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("instead")), _negated=True),
                        name="replacement_other",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["recusal", "illness"])),
                        name="replacement_reason_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskFact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("concern", "经核实的情况"),
                            ("incident", "安全事件"),
                            ("untrue", "报送信息不实"),
                            ("self_check", "未按月自查"),
                        ],
                        max_length=12,
                        verbose_name="情况",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "重大"), ("major", "较大"), ("minor", "一般")],
                        max_length=10,
                        verbose_name="严重程度",
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("expires_on", models.DateField(null=True, verbose_name="计到")),
                ("once", models.CharField(max_length=64, null=True, unique=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="risk_facts",
                        to="facilities.facility",
                    ),
                ),
            ],
            options={
                "verbose_name": "风险情况",
                "verbose_name_plural": "风险情况",
                "ordering": ["-day", "-id"],
                "indexes": [models.Index(fields=["facility", "-day"], name="riskfact_of_facility")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["concern", "incident", "untrue", "self_check"])
                        ),
                        name="riskfact_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "major", "minor"])),
                        name="riskfact_severity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "填写中"), ("submitted", "已提交")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistversion",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="self_checks",
                        to="facilities.facility",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "安全自查",
                "verbose_name_plural": "安全自查",
                "ordering": ["-month"],
                "constraints": [
                    models.UniqueConstraint(fields=("facility", "month"), name="selfcheck_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            ("submitted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="selfcheck_submitted_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfCheckAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        choices=[
                            ("pass", "符合"),
                            ("fail", "不符合"),
                            ("na", "不适用"),
                            ("unseen", "未查"),
                        ],
                        max_length=6,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("measured", models.CharField(blank=True, max_length=20, verbose_name="数值")),
                ("saved_at", models.DateTimeField()),
                (
                    "check_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="inspections.selfcheck",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "自查结果",
                "verbose_name_plural": "自查结果",
                "constraints": [
                    models.UniqueConstraint(fields=("check_of", "item"), name="selfanswer_once"),
                    models.CheckConstraint(
                        condition=models.Q(("value__in", ["pass", "fail", "na", "unseen"])),
                        name="selfanswer_value_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffSample",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("is_in_order", models.BooleanField(verbose_name="材料齐全有效")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_samples",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.staffmember",
                    ),
                ),
            ],
            options={
                "verbose_name": "人员材料抽查",
                "verbose_name_plural": "人员材料抽查",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "member"), name="staffsample_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["inspection"], name="finding_of_inspection"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("item__isnull", False)),
                fields=("inspection", "item"),
                name="finding_item_once",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["state", "planned_on", "id"], name="inspection_queue"),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["plan", "state"], name="inspection_of_plan"),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "planned",
                            "awaiting_approval",
                            "assigned",
                            "in_progress",
                            "awaiting_signature",
                            "completed",
                            "published",
                            "cancelled",
                        ],
                    )
                ),
                name="inspection_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "administrative"), _negated=True),
                    ("state__in", ["planned", "cancelled"]),
                    ("delegated__isnull", False),
                    _connector="OR",
                ),
                name="inspection_administrative_delegated",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "administrative"), _negated=True),
                    ("state__in", ["planned", "awaiting_approval", "cancelled"]),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="inspection_administrative_approved",
            ),
        ),
    ]
