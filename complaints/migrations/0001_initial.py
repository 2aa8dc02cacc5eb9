import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.core.crypto
import portal.core.identifiers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0007_deputies_not_begun"),
        ("core", "__first__"),
        ("facilities", "0015_merging"),
        ("inspections", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("data_key", portal.core.crypto.WrappedKeyField(null=True)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="投诉编号")),
                ("code_hash", models.CharField(max_length=128)),
                ("submit_key", models.CharField(max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "待受理"),
                            ("accepted", "已受理"),
                            ("investigating", "办理中"),
                            ("awaiting_complainant", "待补充"),
                            ("awaiting_facility", "待机构说明"),
                            ("referred", "已转办"),
                            ("reply_proposed", "待审签"),
                            ("resolved", "已办结"),
                            ("reopened", "复核中"),
                            ("rejected", "不予受理"),
                            ("withdrawn", "已撤回"),
                            ("archived", "已归档"),
                        ],
                        default="received",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[("normal", "普通"), ("red", "紧急专线"), ("discipline", "纪工委")],
                        default="normal",
                        max_length=10,
                        verbose_name="专线",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("C1", "虐待、性侵、体罚、走失"),
                            ("C2", "食物中毒、传染病、严重受伤"),
                            ("C3", "消防等重大安全隐患"),
                            ("C4", "没有登记备案、超范围收托"),
                            ("C5", "人员没有资格证、健康证"),
                            ("C6", "人太多、老师太少、监控不合格"),
                            ("C7", "饭菜、卫生问题"),
                            ("C8", "收费、退费、合同"),
                            ("C9", "服务态度、环境、噪声、接送拥堵"),
                            ("C10", "咨询"),
                            ("C11", "意见建议"),
                            ("C12", "反映街道工作人员的问题"),
                            ("C13", "信访申诉求决"),
                            ("C14", "政府信息公开申请"),
                        ],
                        max_length=3,
                        verbose_name="类别",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "重大"), ("major", "较大"), ("minor", "一般")],
                        max_length=8,
                        verbose_name="严重程度",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "网上"),
                            ("counter", "来访"),
                            ("phone", "来电"),
                            ("letter", "来信"),
                            ("hotline", "12345 工单"),
                        ],
                        default="web",
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                (
                    "external_number",
                    models.CharField(blank=True, max_length=40, verbose_name="12345 工单号"),
                ),
                ("external_due", models.DateField(null=True, verbose_name="12345 要求办结日期")),
                ("is_named", models.BooleanField(default=False, verbose_name="实名")),
                ("received_on", models.DateField(verbose_name="收到日期")),
                ("is_suspect", models.BooleanField(default=False)),
                ("respond_due", models.DateField(verbose_name="首次答复期限")),
                ("finish_due", models.DateField(null=True, verbose_name="办结期限")),
                ("paused_on", models.DateField(null=True, verbose_name="暂停日期")),
                (
                    "pause_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="暂停原因"),
                ),
                ("extended_on", models.DateField(null=True, verbose_name="延长日期")),
                ("answer_due", models.DateField(null=True, verbose_name="补充期限")),
                ("acknowledged_on", models.DateField(null=True)),
                ("reported_on", models.DateField(null=True, verbose_name="报告日期")),
                (
                    "category_proposed",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("C1", "虐待、性侵、体罚、走失"),
                            ("C2", "食物中毒、传染病、严重受伤"),
                            ("C3", "消防等重大安全隐患"),
                            ("C4", "没有登记备案、超范围收托"),
                            ("C5", "人员没有资格证、健康证"),
                            ("C6", "人太多、老师太少、监控不合格"),
                            ("C7", "饭菜、卫生问题"),
                            ("C8", "收费、退费、合同"),
                            ("C9", "服务态度、环境、噪声、接送拥堵"),
                            ("C10", "咨询"),
                            ("C11", "意见建议"),
                            ("C12", "反映街道工作人员的问题"),
                            ("C13", "信访申诉求决"),
                            ("C14", "政府信息公开申请"),
                        ],
                        max_length=3,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="标题")),
                ("summary", models.TextField(blank=True, verbose_name="摘要")),
                (
                    "search_grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("accepted_on", models.DateField(null=True, verbose_name="受理日期")),
                (
                    "reject_ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_ours", "不属于本街道或本部门职责"),
                            ("in_court", "已进入诉讼、仲裁、复议"),
                            ("repeated", "同一事项已经答复"),
                            ("no_facts", "没有可以核查的线索"),
                            ("not_childcare", "与婴幼儿照护无关"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "属实"),
                            ("partly", "部分属实"),
                            ("not_upheld", "不属实"),
                            ("cannot_tell", "无法查实"),
                        ],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("evidence", models.BinaryField(null=True)),
                ("reply", models.BinaryField(null=True)),
                ("closed_on", models.DateField(null=True, verbose_name="办结日期")),
                ("is_solved", models.BooleanField(null=True, verbose_name="解决了没有")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[("good", "满意"), ("fair", "基本满意"), ("poor", "不满意")],
                        max_length=5,
                    ),
                ),
                ("review_asked_on", models.DateField(null=True, verbose_name="申请复核日期")),
                ("body", models.BinaryField(null=True)),
                (
                    "sketch",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "sketch_bands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("contact_until", models.DateField(null=True)),
                ("erase_after", models.DateField(null=True, verbose_name="销毁日期")),
                ("erased_on", models.DateField(null=True)),
                (
                    "hold_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="保留原因"),
                ),
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
                    "assistants",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "category_confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "category_proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.community",
                        verbose_name="社区（村）",
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
                    "decided_by",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="facilities.facility",
                        verbose_name="机构",
                    ),
                ),
                (
                    "first_handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="承办人",
                    ),
                ),
                (
                    "hold_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.inspection",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.lead",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="complaints.complaint",
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
                "verbose_name": "投诉举报",
                "verbose_name_plural": "投诉举报",
                "ordering": ["-received_on", "number"],
                "indexes": [
                    models.Index(fields=["lane", "state", "finish_due"], name="complaint_queue"),
                    models.Index(fields=["handler", "state"], name="complaint_handler"),
                    models.Index(fields=["facility", "-received_on"], name="complaint_facility"),
                    models.Index(fields=["community", "state"], name="complaint_community"),
                    models.Index(fields=["category", "-received_on"], name="complaint_category"),
                    models.Index(fields=["-received_on", "number"], name="complaint_newest"),
                    models.Index(fields=["closed_on"], name="complaint_closed"),
                    models.Index(
                        condition=models.Q(("erased_on", None)),
                        fields=["erase_after"],
                        name="complaint_retention",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_grams"], name="complaint_grams"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["sketch_bands"], name="complaint_bands"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "received",
                                    "accepted",
                                    "investigating",
                                    "awaiting_complainant",
                                    "awaiting_facility",
                                    "referred",
                                    "reply_proposed",
                                    "resolved",
                                    "reopened",
                                    "rejected",
                                    "withdrawn",
                                    "archived",
                                ],
                            )
                        ),
                        name="complaint_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lane", "red"), _negated=True),
                            ("state", "received"),
                            ("reported_on__isnull", False),
                            _connector="OR",
                        ),
                        name="complaint_red_reported",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lane", "red"), _negated=True),
                            models.Q(("state", "withdrawn"), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_red_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category_confirmed_by", None),
                            models.Q(
                                ("category_confirmed_by", models.F("category_proposed_by")),
                                _negated=True,
                            ),
                            _connector="OR",
                        ),
                        name="complaint_category_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_reply_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["reply_proposed"]), _negated=True),
                            models.Q(
                                ("proposed_by__isnull", False),
                                models.Q(("result", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="complaint_proposed_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "resolved"), _negated=True),
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                ("closed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="complaint_closed_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "resolved"), _negated=True),
                            ("lane", "discipline"),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="complaint_closed_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "rejected"), _negated=True),
                            models.Q(("reject_ground", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_rejected_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("handler", None),
                            ("first_handler", None),
                            models.Q(("handler", models.F("first_handler")), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_review_other",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent", None),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_not_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hold_by", None),
                            models.Q(("hold_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_hold_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_on", None),
                            models.Q(("body", None), ("data_key", None), ("sketch", [])),
                            _connector="OR",
                        ),
                        name="complaint_erased_gone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("external_number", ""), _negated=True),
                        fields=("external_number",),
                        name="complaint_order_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplaintDraft",
            fields=[
                ("fingerprint", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "未提交的投诉",
                "verbose_name_plural": "未提交的投诉",
            },
        ),
        migrations.CreateModel(
            name="WorkDone",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "已用的计算",
                "verbose_name_plural": "已用的计算",
            },
        ),
        migrations.CreateModel(
            name="ComplaintContact",
            fields=[
                ("data_key", portal.core.crypto.WrappedKeyField(null=True)),
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("body", models.BinaryField(null=True)),
            ],
            options={
                "verbose_name": "投诉人联系方式",
                "verbose_name_plural": "投诉人联系方式",
            },
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("on_day", models.DateField(verbose_name="日期")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "收到"),
                            ("acknowledged", "值守人确认"),
                            ("reported", "已向主管部门报告"),
                            ("category", "调整类别"),
                            ("alarm", "转为紧急"),
                            ("accepted", "受理"),
                            ("rejected", "不予受理"),
                            ("assigned", "分派"),
                            ("note", "内部记录"),
                            ("asked", "向投诉人提问"),
                            ("answered", "投诉人回复"),
                            ("statement", "机构情况说明"),
                            ("referred", "转办"),
                            ("inspection", "安排检查"),
                            ("merged", "合并"),
                            ("paused", "暂停计时"),
                            ("resumed", "恢复计时"),
                            ("extended", "延长期限"),
                            ("proposed", "提出答复"),
                            ("handed_back", "退回答复"),
                            ("closed", "办结"),
                            ("rated", "投诉人评价"),
                            ("review", "申请复核"),
                            ("withdrawn", "撤回"),
                            ("contact", "查看联系方式"),
                            ("hold", "保留"),
                            ("erased", "销毁"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=200)),
                ("note", models.BinaryField(null=True)),
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
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理记录",
                "verbose_name_plural": "办理记录",
                "ordering": ["-seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "seq"), name="step_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthorityReport",
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
                    "organ",
                    models.CharField(
                        choices=[
                            ("police", "公安机关"),
                            ("health", "卫生健康部门"),
                            ("market", "市场监管部门"),
                            ("fire", "消防救援机构"),
                            ("civil", "民政部门"),
                            ("other", "其他主管部门"),
                        ],
                        max_length=8,
                        verbose_name="报告对象",
                    ),
                ),
                ("unit", models.CharField(max_length=60, verbose_name="单位")),
                ("reference", models.CharField(max_length=60, verbose_name="接警编号或接报人")),
                ("reported_at", models.DateTimeField(verbose_name="报告时间")),
                ("note", models.BinaryField(null=True)),
                ("recorded_on", models.DateField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "verbose_name": "报告记录",
                "verbose_name_plural": "报告记录",
                "ordering": ["reported_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("complaint", "organ", "reference"), name="report_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplaintFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("on_day", models.DateField(verbose_name="日期")),
                ("from_office", models.BooleanField(default=False)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("facts", models.BinaryField(null=True)),
                ("storage_key", models.CharField(blank=True, max_length=50)),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "verbose_name": "投诉材料",
                "verbose_name_plural": "投诉材料",
                "ordering": ["seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "seq"), name="file_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplaintMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("on_day", models.DateField(verbose_name="日期")),
                ("from_office", models.BooleanField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("original", "补充"),
                            ("message", "留言"),
                            ("question", "提问"),
                            ("answer", "回答"),
                            ("rejection", "不予受理告知"),
                            ("reply", "答复"),
                            ("review", "复核申请"),
                            ("withdrawal", "撤回申请"),
                        ],
                        default="message",
                        max_length=12,
                    ),
                ),
                ("body", models.BinaryField(null=True)),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "往来消息",
                "verbose_name_plural": "往来消息",
                "ordering": ["seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "seq"), name="message_order"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_office", True), ("written_by", None), _connector="OR"
                        ),
                        name="message_of_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConfidentialTie",
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
                ("reason", models.CharField(max_length=100, verbose_name="关系")),
                ("declared_on", models.DateField(verbose_name="申报日期")),
                ("ended_on", models.DateField(null=True)),
                (
                    "complaint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ties",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confidential_ties",
                        to="facilities.facility",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confidential_ties",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "回避申报",
                "verbose_name_plural": "回避申报",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("complaint__isnull", False), ("facility", None)),
                            models.Q(("complaint", None), ("facility__isnull", False)),
                            _connector="OR",
                        ),
                        name="tie_to_one",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("complaint", None), ("ended_on", None)),
                        fields=("user", "facility"),
                        name="tie_facility_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None), ("facility", None)),
                        fields=("user", "complaint"),
                        name="tie_case_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", None),
                            models.Q(("ended_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="tie_ended_by_other",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactReveal",
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
                            ("asked", "待同意"),
                            ("granted", "已同意"),
                            ("refused", "未同意"),
                            ("ended", "已结束"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="查看理由")),
                ("asked_on", models.DateField()),
                ("decided_on", models.DateField(null=True)),
                ("refusal", models.CharField(blank=True, max_length=200)),
                ("open_until", models.DateField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reveals",
                        to="complaints.complaint",
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
            ],
            options={
                "verbose_name": "查看联系方式",
                "verbose_name_plural": "查看联系方式",
                "ordering": ["-asked_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "granted", "refused", "ended"])),
                        name="reveal_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reveal_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "granted"), _negated=True),
                            models.Q(("decided_by__isnull", False), ("open_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="reveal_granted_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("facts", models.BinaryField()),
                ("storage_key", models.CharField(max_length=50)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="complaints.complaintdraft",
                    ),
                ),
            ],
            options={
                "verbose_name": "未提交的材料",
                "verbose_name_plural": "未提交的材料",
            },
        ),
        migrations.CreateModel(
            name="ErasureProof",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_contact_only", models.BooleanField(default=False)),
                ("messages", models.PositiveIntegerField(default=0)),
                ("files", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(max_length=64)),
                ("done_on", models.DateField()),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasures",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "verbose_name": "销毁证明",
                "verbose_name_plural": "销毁证明",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("complaint", "is_contact_only"), name="erased_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementRequest",
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
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "待核对"),
                            ("handed_back", "已退回"),
                            ("released", "待说明"),
                            ("answered", "已说明"),
                            ("lapsed", "逾期未说明"),
                        ],
                        default="drafted",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("summary", models.TextField(verbose_name="需要说明的问题")),
                ("refusal", models.CharField(blank=True, max_length=200, verbose_name="退回原因")),
                ("release_on", models.DateField(null=True, verbose_name="发出日期")),
                ("due_on", models.DateField(null=True, verbose_name="说明期限")),
                ("answer", models.TextField(blank=True, verbose_name="情况说明")),
                ("answered_on", models.DateField(null=True)),
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
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.facility",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "情况说明",
                "verbose_name_plural": "情况说明",
                "ordering": ["-release_on", "number"],
                "indexes": [
                    models.Index(
                        fields=["facility", "state", "-release_on"], name="statement_facility"
                    ),
                    models.Index(fields=["state", "due_on"], name="statement_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["drafted", "handed_back", "released", "answered", "lapsed"],
                            )
                        ),
                        name="statement_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_by", None),
                            models.Q(("checked_by", models.F("written_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="statement_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ("released", "answered", "lapsed")), _negated=True
                            ),
                            models.Q(
                                ("checked_by__isnull", False),
                                ("due_on__isnull", False),
                                ("release_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="statement_released_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="statement_answered_what",
                    ),
                ],
            },
        ),
    ]
