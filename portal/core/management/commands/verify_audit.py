from django.core.management.base import BaseCommand, CommandError

from portal.core import audit


class Command(BaseCommand):
    help = "Check the whole audit trail; names the first broken line and fails."

    def handle(self, *args: object, **options: object) -> None:
        fault = audit.first_fault()
        if fault:
            raise CommandError(f"audit line {fault[0]}: {fault[1]}")
        seq, digest = audit.head()
        self.stdout.write(f"audit trail whole: {seq} lines, head {digest}")
