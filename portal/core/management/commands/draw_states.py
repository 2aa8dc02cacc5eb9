from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.core.statemachine import machines


def drawings() -> dict[Path, str]:
    """Where each state diagram lives and what it should say."""
    folder = Path(settings.BASE_DIR) / "docs" / "states"
    return {
        folder / f"{noun}.md": f"# States of `{noun}`\n\n```mermaid\n{machine.drawing()}```\n"
        for noun, machine in sorted(machines().items())
    }


class Command(BaseCommand):
    help = "Draw docs/states/*.md from the transition tables."

    def handle(self, *args: object, **options: object) -> None:
        for path, text in drawings().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            self.stdout.write(path.name)
