from django.core.management.base import BaseCommand, CommandError

from portal.core import clock
from portal.core.backups import keeping, making


class Command(BaseCommand):
    help = "Make a sealed copy of database and files in BACKUP_DIR, and clear what is too old."

    def handle(self, *args: object, **options: object) -> None:
        at = clock.now()
        try:
            made = making.make(at)
        except making.NotMade as fault:
            raise CommandError(f"没有做成备份 / no copy was made: {fault}") from None
        self.stdout.write(
            f"{keeping.file_of(made)}\n  rows {made.rows}, files {made.files}, "
            f"audit line {made.audit_seq}, sha256 {made.sha256}"
        )
        self.stdout.write(f"removed: {keeping.clear(at)}")
