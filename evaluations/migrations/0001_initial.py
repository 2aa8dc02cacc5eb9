import uuid
from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import portal.core.identifiers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0007_deputies_not_begun"),
        ("core", "__first__"),
        ("facilities", "0016_quality_grade"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dimension",
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
                ("no", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("name", models.CharField(max_length=30, verbose_name="一级指标")),
                (
                    "points",
                    models.DecimalField(decimal_places=1, max_digits=6, verbose_name="分值"),
                ),
            ],
            options={
                "verbose_name": "一级指标",
                "verbose_name_plural": "一级指标",
                "ordering": ["no"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationRound",
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
                ("number", models.CharField(max_length=20, unique=True, verbose_name="评估编号")),
                ("occasion", models.CharField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("regular", "定期评估"),
                            ("self", "年度自评"),
                            ("again", "再次评估"),
                        ],
                        default="regular",
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("setup", "筹备中"),
                            ("self_assessment", "自评中"),
                            ("scoring", "评审中"),
                            ("moderation", "合议中"),
                            ("fact_check", "核对事实中"),
                            ("notice", "公示中"),
                            ("decision", "待委员会审定"),
                            ("final", "已公布"),
                            ("cancelled", "已取消"),
                        ],
                        default="setup",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("terms_data", models.JSONField(default=dict)),
                ("self_due", models.DateField(verbose_name="自评截止")),
                ("scoring_due", models.DateField(null=True, verbose_name="评分截止")),
                ("facts_due", models.DateField(null=True, verbose_name="核对事实截止")),
                ("notice_from", models.DateField(null=True, verbose_name="公示起始")),
                ("notice_until", models.DateField(null=True, verbose_name="公示截止")),
                ("finished_on", models.DateField(null=True, verbose_name="公布日期")),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
                (
                    "cancel_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="取消原因"),
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
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "质量评估",
                "verbose_name_plural": "质量评估",
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["state", "-created_at"], name="round_list")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "setup",
                                    "self_assessment",
                                    "scoring",
                                    "moderation",
                                    "fact_check",
                                    "notice",
                                    "decision",
                                    "final",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="round_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_by", None),
                            ("created_by", None),
                            models.Q(("started_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="round_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("cancel_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="round_cancelled_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["notice", "decision"]), _negated=True),
                            models.Q(
                                ("notice_from__isnull", False), ("notice_until__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="round_notice_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "final"), _negated=True),
                            ("finished_on__isnull", False),
                            _connector="OR",
                        ),
                        name="round_final_dated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
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
                    "total",
                    models.DecimalField(
                        decimal_places=2, max_digits=6, null=True, verbose_name="总分"
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        blank=True,
                        choices=[("A", "A级"), ("B", "B级"), ("C", "C级"), ("D", "D级")],
                        max_length=1,
                        verbose_name="等级",
                    ),
                ),
                ("result", models.JSONField(default=dict)),
                ("computed_at", models.DateTimeField(null=True)),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.community",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="facilities.facility",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="evaluations.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "机构评估",
                "verbose_name_plural": "机构评估",
                "ordering": ["facility__sort_key", "facility__code"],
                "indexes": [
                    models.Index(fields=["facility", "-computed_at"], name="evaluation_history")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "facility"), name="evaluation_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grade", ""), ("total", None)),
                            models.Q(
                                ("total__isnull", False), models.Q(("grade", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="evaluation_whole_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total", None), ("total__gte", 0), _connector="OR"),
                        name="evaluation_total_sound",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DueEvaluation",
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
                ("why", models.CharField(max_length=10, verbose_name="原因")),
                ("due_on", models.DateField(verbose_name="应评日期")),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="due_evaluations",
                        to="facilities.facility",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="taken_up",
                        to="evaluations.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "应评机构",
                "verbose_name_plural": "应评机构",
                "ordering": ["due_on"],
                "constraints": [
                    models.UniqueConstraint(fields=("facility", "why", "due_on"), name="due_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluator",
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
                    "field",
                    models.CharField(
                        choices=[
                            ("health", "卫生健康管理"),
                            ("medical", "妇幼保健、儿科"),
                            ("fire", "消防、应急"),
                            ("market", "市场监管、食品安全"),
                            ("education", "学前教育、托育"),
                            ("parent", "家长代表"),
                            ("community", "社区代表"),
                        ],
                        max_length=12,
                        verbose_name="专业",
                    ),
                ),
                ("unit", models.CharField(max_length=60, verbose_name="单位")),
                ("term_from", models.DateField(verbose_name="任期起")),
                ("term_to", models.DateField(blank=True, null=True, verbose_name="任期止")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="core.community",
                        verbose_name="所在社区（村）",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluator_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "评估委员",
                "verbose_name_plural": "评估委员",
                "ordering": ["field", "unit", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("term_to", None)),
                        fields=("user",),
                        name="evaluator_one_open_term",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("term_to", None),
                            ("term_to__gte", models.F("term_from")),
                            _connector="OR",
                        ),
                        name="evaluator_term",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FacilityReply",
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
                ("text", models.CharField(max_length=300, verbose_name="机构回应")),
                ("said_at", models.DateTimeField(verbose_name="提交时间")),
                (
                    "evaluation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reply",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "机构回应",
                "verbose_name_plural": "机构回应",
            },
        ),
        migrations.CreateModel(
            name="ImprovementPlan",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "待提交"),
                            ("submitted", "待审核"),
                            ("returned", "退回修改"),
                            ("accepted", "改进中"),
                            ("done", "已完成"),
                        ],
                        default="due",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="提交期限")),
                ("measures", models.TextField(blank=True, verbose_name="改进措施和时限")),
                ("finish_on", models.DateField(null=True, verbose_name="计划完成日期")),
                ("submitted_at", models.DateTimeField(null=True)),
                (
                    "return_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回原因"),
                ),
                ("results", models.TextField(blank=True, verbose_name="改进结果")),
                ("done_on", models.DateField(null=True, verbose_name="完成日期")),
                (
                    "again",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="evaluations.evaluationround",
                    ),
                ),
                (
                    "evaluation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan",
                        to="evaluations.evaluation",
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
                "verbose_name": "改进计划",
                "verbose_name_plural": "改进计划",
                "indexes": [models.Index(fields=["state", "due_on"], name="plan_queue")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["due", "submitted", "returned", "accepted", "done"])
                        ),
                        name="plan_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "due"),
                            models.Q(
                                models.Q(("measures", ""), _negated=True),
                                ("submitted_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plan_says_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
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
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(max_length=20, verbose_name="条号")),
                ("group", models.CharField(blank=True, max_length=60, verbose_name="二级指标")),
                ("text", models.CharField(max_length=300, verbose_name="指标")),
                (
                    "max_points",
                    models.DecimalField(decimal_places=1, max_digits=5, verbose_name="满分"),
                ),
                ("is_veto", models.BooleanField(default=False, verbose_name="基础标准")),
                ("may_skip", models.BooleanField(default=True, verbose_name="可不适用")),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("observe", "现场观察"),
                                ("documents", "查阅资料"),
                                ("interview", "访谈"),
                                ("questionnaire", "问卷"),
                            ],
                            max_length=15,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "dimension",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="evaluations.dimension",
                    ),
                ),
            ],
            options={
                "verbose_name": "指标",
                "verbose_name_plural": "指标",
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("max_points__gt", Decimal(0))), name="indicator_points"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactRemark",
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
                ("text", models.TextField(verbose_name="与事实不符之处")),
                ("told_at", models.DateTimeField(verbose_name="提出时间")),
                ("answer", models.TextField(blank=True, verbose_name="答复")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "事实核对",
                "verbose_name_plural": "事实核对",
                "ordering": ["told_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="IndicatorSet",
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
                ("version", models.PositiveSmallIntegerField(unique=True, verbose_name="版次")),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                ("standard", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "is_draft_of_ours",
                    models.BooleanField(default=False, verbose_name="分值为街道草案"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("proposed", "待审定"),
                            ("published", "已发布"),
                            ("retired", "已停用"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="发布时间")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
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
                    "decided_by",
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
                "verbose_name": "指标体系",
                "verbose_name_plural": "指标体系",
                "ordering": ["-version"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "proposed", "published", "retired"])
                        ),
                        name="indicatorset_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="indicatorset_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"), ("proposed_by__isnull", False), _connector="OR"
                        ),
                        name="indicatorset_proposed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["published", "retired"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="indicatorset_decided",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="indicator",
            name="set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="indicators",
                to="evaluations.indicatorset",
            ),
        ),
        migrations.AddField(
            model_name="evaluationround",
            name="indicator_set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rounds",
                to="evaluations.indicatorset",
            ),
        ),
        migrations.AddField(
            model_name="dimension",
            name="set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="dimensions",
                to="evaluations.indicatorset",
            ),
        ),
        migrations.CreateModel(
            name="Meeting",
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
                        choices=[("moderation", "合议"), ("decision", "审定")],
                        max_length=12,
                        verbose_name="会议种类",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("called", "已通知"), ("held", "已召开"), ("closed", "已定稿")],
                        default="called",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("planned_for", models.DateTimeField(verbose_name="会议时间")),
                ("place", models.CharField(max_length=80, verbose_name="地点")),
                ("held_at", models.DateTimeField(null=True, verbose_name="签到时间")),
                ("minutes", models.TextField(blank=True, verbose_name="会议记录")),
                (
                    "called_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meetings",
                        to="evaluations.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "评估会议",
                "verbose_name_plural": "评估会议",
                "ordering": ["-planned_for", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["called", "held", "closed"])),
                        name="meeting_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True),
                            models.Q(("minutes", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="meeting_closed_minutes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                ("total", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="总分")),
                (
                    "grade",
                    models.CharField(
                        choices=[("A", "A级"), ("B", "B级"), ("C", "C级"), ("D", "D级")],
                        max_length=1,
                        verbose_name="等级",
                    ),
                ),
                ("result", models.JSONField()),
                ("set_version", models.PositiveSmallIntegerField(verbose_name="指标体系版次")),
                ("seed", models.CharField(max_length=64, verbose_name="抽取种子")),
                ("is_suspended", models.BooleanField(default=False, verbose_name="暂停使用")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="变更原因")),
                ("decided_at", models.DateTimeField(verbose_name="审定时间")),
                (
                    "decided_by",
                    models.ForeignKey(
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
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="evaluations.meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "评估审定",
                "verbose_name_plural": "评估审定",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("evaluation", "version"), name="decision_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="decision_change_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proposed_by", None),
                            models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_two_persons",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Moderation",
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
                    "state",
                    models.CharField(
                        choices=[("open", "待合议"), ("agreed", "已合议")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "spread",
                    models.DecimalField(decimal_places=1, max_digits=5, verbose_name="分差"),
                ),
                (
                    "points",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, null=True, verbose_name="合议得分"
                    ),
                ),
                ("is_met", models.BooleanField(null=True, verbose_name="符合基础标准")),
                ("reason", models.TextField(blank=True, verbose_name="合议理由")),
                ("agreed_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moderations",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "合议",
                "verbose_name_plural": "合议",
                "ordering": ["evaluation", "indicator__position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("evaluation", "indicator"), name="moderation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "agreed"), _negated=True),
                            models.Q(
                                ("points__isnull", False), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="moderation_agreed_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
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
                ("number", models.CharField(max_length=20, unique=True, verbose_name="异议编号")),
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("filed", "已提出"),
                            ("in_review", "复核中"),
                            ("proposed", "待审定"),
                            ("upheld", "异议成立"),
                            ("rejected", "维持原结果"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="filed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("text", models.TextField(verbose_name="异议和理由")),
                ("filed_on", models.DateField(verbose_name="提出日期")),
                ("due_on", models.DateField(verbose_name="答复期限")),
                ("answer", models.TextField(blank=True, verbose_name="复核意见")),
                ("amendments", models.JSONField(default=dict)),
                ("decided_on", models.DateField(null=True, verbose_name="答复日期")),
                (
                    "return_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回原因"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
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
                "verbose_name": "异议",
                "verbose_name_plural": "异议",
                "ordering": ["-filed_on", "-id"],
                "indexes": [models.Index(fields=["state", "due_on"], name="objection_queue")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["filed", "in_review", "proposed"])),
                        fields=("evaluation",),
                        name="objection_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="objection_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["upheld", "rejected"]), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                ("decided_on__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Panel",
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
                        choices=[("scoring", "评分"), ("objection", "异议复核")],
                        default="scoring",
                        max_length=10,
                        verbose_name="用途",
                    ),
                ),
                ("seed", models.CharField(max_length=64, verbose_name="抽取种子")),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                ("record", models.JSONField()),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "objection",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="panel",
                        to="evaluations.objection",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="panels",
                        to="evaluations.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "评估组",
                "verbose_name_plural": "评估组",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "scoring")),
                        fields=("round",),
                        name="panel_one_scoring",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelMember",
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
                ("order", models.PositiveSmallIntegerField()),
                ("is_leader", models.BooleanField(default=False, verbose_name="组长")),
                ("pledged_at", models.DateTimeField(null=True, verbose_name="承诺时间")),
                ("pledge_text", models.TextField(blank=True, verbose_name="承诺内容")),
                (
                    "evaluator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="evaluations.evaluator",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="evaluations.panel",
                    ),
                ),
            ],
            options={
                "verbose_name": "评估组成员",
                "verbose_name_plural": "评估组成员",
                "ordering": ["order"],
                "constraints": [
                    models.UniqueConstraint(fields=("panel", "evaluator"), name="seat_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_leader", True)),
                        fields=("panel",),
                        name="seat_one_leader",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pledged_at", None),
                            models.Q(("pledge_text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="seat_pledge_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
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
                ("is_present", models.BooleanField(default=False, verbose_name="到会")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="evaluations.meeting",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="evaluations.panelmember",
                    ),
                ),
            ],
            options={
                "verbose_name": "签到",
                "verbose_name_plural": "签到",
                "ordering": ["member__order"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "member"), name="attendance_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recusal",
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
                    "ground",
                    models.CharField(
                        choices=[
                            ("inspected", "近期检查过该机构"),
                            ("community", "机构在本人所在社区"),
                            ("member", "本人是该机构成员"),
                            ("kinship", "亲属关系"),
                            ("employment", "近三年任职关系"),
                            ("investment", "投资、合作关系"),
                            ("dispute", "投诉、纠纷关系"),
                            ("other", "其他可能影响公正的关系"),
                        ],
                        max_length=12,
                        verbose_name="回避原因",
                    ),
                ),
                ("is_computed", models.BooleanField(default=False, verbose_name="系统核出")),
                ("since", models.DateTimeField(verbose_name="回避时间")),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recusals",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "evaluator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="evaluations.evaluator",
                    ),
                ),
            ],
            options={
                "verbose_name": "回避",
                "verbose_name_plural": "回避",
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "evaluator"), name="recusal_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Remark",
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
                ("text", models.TextField(verbose_name="意见")),
                ("said_at", models.DateTimeField()),
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.panelmember",
                    ),
                ),
                (
                    "moderation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remarks",
                        to="evaluations.moderation",
                    ),
                ),
            ],
            options={
                "verbose_name": "合议意见",
                "verbose_name_plural": "合议意见",
                "ordering": ["said_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ScoreSheet",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("not_started", "未评"),
                            ("in_progress", "评分中"),
                            ("submitted", "已提交"),
                            ("returned", "退回重评"),
                            ("recused", "已回避"),
                        ],
                        default="not_started",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(null=True, verbose_name="保存时间")),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                ("signature", models.CharField(blank=True, max_length=40, verbose_name="署名")),
                (
                    "return_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回原因"),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="evaluations.panelmember",
                    ),
                ),
            ],
            options={
                "verbose_name": "评分表",
                "verbose_name_plural": "评分表",
                "indexes": [models.Index(fields=["member", "state"], name="sheet_queue")],
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "member"), name="sheet_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["not_started", "in_progress", "submitted", "returned", "recused"],
                            )
                        ),
                        name="sheet_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            models.Q(
                                ("submitted_at__isnull", False),
                                models.Q(("signature", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sheet_submitted_signed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Score",
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
                    "points",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, null=True, verbose_name="得分"
                    ),
                ),
                ("is_met", models.BooleanField(null=True, verbose_name="符合基础标准")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("evidence", models.TextField(blank=True, verbose_name="依据")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.indicator",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="evaluations.scoresheet",
                    ),
                ),
            ],
            options={
                "verbose_name": "评分",
                "verbose_name_plural": "评分",
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "indicator"), name="score_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points", None), ("points__gte", 0), _connector="OR"),
                        name="score_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfAssessment",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "填写中"),
                            ("submitted", "已提交"),
                            ("lapsed", "逾期未交"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(null=True, verbose_name="保存时间")),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                ("signature", models.CharField(blank=True, max_length=40, verbose_name="署名")),
                (
                    "evaluation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="self_assessment",
                        to="evaluations.evaluation",
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
                "verbose_name": "质量自评",
                "verbose_name_plural": "质量自评",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "submitted", "lapsed"])),
                        name="self_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            models.Q(
                                ("submitted_at__isnull", False), ("submitted_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="self_submitted_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfItem",
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
                    "points",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, null=True, verbose_name="自评得分"
                    ),
                ),
                ("is_met", models.BooleanField(null=True, verbose_name="符合基础标准")),
                ("text", models.TextField(blank=True, verbose_name="说明")),
                (
                    "certificates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="evaluations.selfassessment",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "自评项目",
                "verbose_name_plural": "自评项目",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assessment", "indicator"), name="self_item_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SkippedItem",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待组长同意"),
                            ("approved", "不适用"),
                            ("refused", "仍须评分"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="不适用的理由")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="答复")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skipped",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "不适用指标",
                "verbose_name_plural": "不适用指标",
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "indicator"), name="skip_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "approved", "refused"])),
                        name="skip_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="skip_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "asked"), ("decided_by__isnull", False), _connector="OR"
                        ),
                        name="skip_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tie",
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
                    "ground",
                    models.CharField(
                        choices=[
                            ("inspected", "近期检查过该机构"),
                            ("community", "机构在本人所在社区"),
                            ("member", "本人是该机构成员"),
                            ("kinship", "亲属关系"),
                            ("employment", "近三年任职关系"),
                            ("investment", "投资、合作关系"),
                            ("dispute", "投诉、纠纷关系"),
                            ("other", "其他可能影响公正的关系"),
                        ],
                        max_length=12,
                        verbose_name="关系",
                    ),
                ),
                ("declared_on", models.DateField(verbose_name="申报日期")),
                ("ended_on", models.DateField(null=True, verbose_name="解除日期")),
                (
                    "evaluator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ties",
                        to="evaluations.evaluator",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="facilities.facility",
                    ),
                ),
            ],
            options={
                "verbose_name": "回避关系",
                "verbose_name_plural": "回避关系",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("evaluator", "facility"),
                        name="evaluator_tie_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
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
                    "choice",
                    models.CharField(
                        choices=[("yes", "同意"), ("no", "不同意"), ("abstain", "弃权")],
                        max_length=8,
                        verbose_name="表决",
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="evaluations.evaluation",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="evaluations.meeting",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="evaluations.panelmember",
                    ),
                ),
            ],
            options={
                "verbose_name": "表决",
                "verbose_name_plural": "表决",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "evaluation", "member"), name="vote_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Amendment",
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
                ("submit_token", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("correction", "更正"),
                            ("lower", "降低等级"),
                            ("suspend", "暂停使用等级"),
                            ("restore", "恢复使用等级"),
                        ],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待审定"),
                            ("granted", "已变更"),
                            ("refused", "不予变更"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="总分")),
                (
                    "grade",
                    models.CharField(
                        choices=[("A", "A级"), ("B", "B级"), ("C", "C级"), ("D", "D级")],
                        max_length=1,
                        verbose_name="等级",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="变更原因")),
                ("proposed_at", models.DateTimeField(verbose_name="提请时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审定时间")),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=300, verbose_name="不予变更的理由"),
                ),
                (
                    "decided_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="evaluations.evaluation",
                    ),
                ),
            ],
            options={
                "verbose_name": "结果变更",
                "verbose_name_plural": "结果变更",
                "ordering": ["-proposed_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("evaluation",),
                        name="amendment_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "granted", "refused"])),
                        name="amendment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="amendment_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "proposed"), ("decided_by__isnull", False), _connector="OR"
                        ),
                        name="amendment_decided",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.UniqueConstraint(fields=("set", "code"), name="indicator_code_once"),
        ),
        migrations.AddConstraint(
            model_name="dimension",
            constraint=models.UniqueConstraint(fields=("set", "no"), name="dimension_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="decision_frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="185e170f6c315361bd92d695cfb1747fc6434898",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_decision_frozen_f0ee9",
                    table="evaluations_decision",
                    when="BEFORE",
                ),
            ),
        ),
    ]
