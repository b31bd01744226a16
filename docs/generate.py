"""`make docs`: writes the pages that come from the code, so they cannot say something else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings_test")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from pilothouse.kernel.access.roles import PERMISSIONS, ROLES
from pilothouse.kernel.domain import registry
from pilothouse.kernel.work.schedule import JOBS
from pilothouse.site.openapi import schema_text
from pilothouse.site.variables import VARIABLES

HERE = Path(__file__).parent
NOTE = "<!-- Written from the code by `make docs`. Change it there. -->\n\n"


def settings() -> str:
    lines = [
        "# Settings\n",
        "Environment variables; none is needed to begin. `pilothouse check` looks at them and says what to mend; "
        "`pilothouse run` does so before it starts. A misspelt one is pointed out.\n",
    ]
    for group in dict.fromkeys(variable.group for variable in VARIABLES.values()):
        lines += [f"## {group}\n", "| variable | default | what it does |", "|---|---|---|"]
        lines += [
            f"| `{name}` | {variable.default} | {variable.text} |"
            for name, variable in VARIABLES.items()
            if variable.group == group
        ]
        lines.append("")
    return NOTE + "\n".join(lines)


def checks() -> str:
    lines = [
        "# Checks\n",
        "A check reads facts about a system and says one of: met, not met, in progress, unknown, not applicable, "
        "waived. *Unknown* means that nobody answered; it never counts as met. A rulebook says which checks a gate "
        "asks and how good the evidence must be: attested, documented, sealed or measured.\n",
    ]
    for domain in sorted(registry.domains.values(), key=lambda domain: (domain.order, domain.title)):
        if domain.checks:
            lines += [f"## {domain.title}\n", f"*{domain.question}*\n"]
            lines += ["| check | asks | who may waive it | mended by |", "|---|---|---|---|"]
            lines += [
                f"| **{check.title}** `{check.id}` v{check.version} | {check.question} | {title_of(check.protects)} "
                f"| {check.remedy_label} |"
                for check in domain.checks
            ]
            lines.append("")
        if domain.records:
            lines += [f"### Records of {domain.title}\n", "| record | why |", "|---|---|"]
            lines += [f"| **{kind.title}** `{kind.id}` | {kind.why} |" for kind in domain.records]
            lines.append("")
    return NOTE + "\n".join(lines)


def permissions() -> str:
    lines = [
        "# Roles and permissions\n",
        "The roles every new organisation starts with. They are data: people with the right to may propose a change, "
        "and someone else confirms it. *own* reaches the systems that one owns or stands in for.\n",
        "| permission | lets one | roles |",
        "|---|---|---|",
    ]
    for permission, meaning in PERMISSIONS.items():
        holders = [
            title + (" (own)" if held[permission] == "own" else "")
            for title, held in ROLES.values()
            if permission in held
        ]
        lines.append(f"| `{permission}` | {meaning} | {', '.join(holders)} |")
    return NOTE + "\n".join(lines) + "\n"


def jobs() -> str:
    lines = [
        "# What the house does by itself\n",
        "Times are cron expressions in UTC. `pilothouse work list` shows how each went; `pilothouse work run NAME` "
        "runs one now.\n",
        "| job | when | what |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{job.name}` | `{job.cron}` | {job.title} |" for job in sorted(JOBS.values(), key=lambda job: job.name)
    ]
    return NOTE + "\n".join(lines) + "\n"


def title_of(role: str) -> str:
    return ROLES[role][0] if role in ROLES else role


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "checks.md": checks,
    "permissions.md": permissions,
    "jobs.md": jobs,
}
# tests/test_openapi.py looks at this one.
ALL = {**PAGES, "openapi.json": schema_text}


def main() -> None:
    for name, write in ALL.items():
        (HERE / name).write_text(write(), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
