"""Where a gap is mended: the address of a check's remedy."""

from __future__ import annotations

from django.urls import reverse

from pilothouse.kernel.domain import Check


def remedy_url(slug: str, number: int, check: Check) -> str:
    """A remedy is a path below the system's page. One that begins with “/” mends what belongs to the organisation: it is a
    path below the organisation's own."""
    if check.remedy.startswith("/"):
        return reverse("home:home", kwargs={"slug": slug}) + check.remedy[1:]
    return reverse("inventory:detail", kwargs={"slug": slug, "number": number}) + check.remedy
