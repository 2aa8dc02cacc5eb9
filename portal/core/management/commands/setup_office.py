import re
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core import clock
from portal.core.administration import first_run
from portal.core.administration_forms import OfficeForm
from portal.core.identifiers import show_code
from portal.core.models import User
from portal.core.queries import office
from portal.core.user_forms import NAME
from portal.embedded import keys

WORDS = {
    "name": "平台名称 / name of the site",
    "office": "落款单位 / the office on papers",
    "host_office": "主办单位 / who runs the site",
    "unit": "承办科室 / the unit to turn to",
    "phone": "咨询电话 / its telephone",
    "hours": "办公时间 / its hours",
}
PEOPLE = {
    "keeper": "第一位系统管理员（账号,姓名或岗位,职务） / first administrator",
    "approver": "第一位审定人（账号,姓名或岗位,职务） / first approver",
}
COMMUNITIES = "社区和村，用逗号隔开，留空用自带的 / communities, with commas"
_SPLIT = re.compile(r"[,，、]\s*")


class Command(BaseCommand):
    help = "The first run of a real office: keys, names, communities, the first two persons."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, label in {**WORDS, **PEOPLE, "communities": COMMUNITIES}.items():
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, help=label)

    def handle(self, *args: object, **options: Any) -> None:
        if settings.DEMO:
            raise CommandError("正式使用请设 DEMO=0 / an office in earnest needs DEMO=0")
        if User.objects.exists():
            self.stdout.write("单位已经建好，没有改动数据 / the office is set up, nothing changed")
            return
        words = {name: self._ask(options, name, label) for name, label in WORDS.items()}
        self._refuse_bad(words)
        communities = [c for c in _SPLIT.split(self._ask(options, "communities", COMMUNITIES)) if c]
        starters = [self._starter(options, name, label) for name, label in PEOPLE.items()]
        self.stdout.write(keys.told(keys.ensure(self._places())))
        try:
            codes = first_run.open_office(words, communities, *starters, at=clock.now())
        except first_run.AlreadyOpen:
            raise CommandError("单位已经建好 / the office is set up") from None
        except first_run.SamePerson:
            raise CommandError("管理员和审定人要是两个人 / two persons are needed") from None
        self._hand_over(codes)

    @staticmethod
    def _places() -> dict[str, str]:
        """Where the settings say the keys lie."""
        return {
            "PORTAL_STATE": str(settings.STATE_DIR),
            "PORTAL_KEY_FILE": str(settings.KEY_FILE),
            "BACKUP_KEY_FILE": str(settings.BACKUP_KEY_FILE),
        }

    def _ask(self, options: dict[str, Any], name: str, label: str) -> str:
        """What was given, or what a person types; without a person the default holds."""
        if options.get(name) is not None:
            return str(options[name]).strip()
        now = office().get(name, "")
        if not sys.stdin.isatty():
            return now
        self.stdout.write(f"{label}{f' [{now}]' if now else ''}: ", ending="")
        self.stdout.flush()
        return sys.stdin.readline().strip() or now

    @staticmethod
    def _refuse_bad(words: dict[str, str]) -> None:
        form = OfficeForm({**office(), **words, "mfa_roles": []})
        if not form.is_valid():
            faults = [f"{name}: {text}" for name, all_ in form.errors.items() for text in all_]
            raise CommandError("\n".join(faults))

    def _starter(self, options: dict[str, Any], name: str, label: str) -> first_run.Starter:
        parts = _SPLIT.split(self._ask(options, name, label))
        if len(parts) != 3 or not all(parts) or not re.fullmatch(NAME, parts[0]):
            raise CommandError(f"{label}: wang,王某岗位,综合科系统管理员")
        return first_run.Starter(*parts)

    def _hand_over(self, codes: dict[str, str]) -> None:
        where = f"{settings.PUBLIC_ORIGIN}/accounts/invited/"
        self.stdout.write(
            "\n一次性代码只显示这一次，请当面交给两位本人 / shown once, hand them over:"
        )
        for username, code in codes.items():
            self.stdout.write(f"  {username}  {show_code(code)}")
        self.stdout.write(f"  {where}")
