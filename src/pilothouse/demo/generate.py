"""`pilothouse demo`: makes the two demo organisations anew, each as a year of simulated history."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from pilothouse.demo import meridian, vliet
from pilothouse.demo.assessing import tell_assessments
from pilothouse.demo.people import address
from pilothouse.demo.telling import PASSWORD, Teller
from pilothouse.demo.traffic import tell_traffic
from pilothouse.domains.governance.frameworks.keeping import keep
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.directory.actions import organisation_create
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.requests.models import FactLink

STORIES = (
    ("vliet", "Vliet Staffing", "Europe/Amsterdam", vliet.tell_year),
    ("meridian", "Meridian Group", "Europe/Amsterdam", meridian.tell_year),
)


def make(today: datetime | None = None) -> list[Organisation]:
    """Make the demo organisations, told up to `today`; each whole or not at all. Those that exist are left alone."""
    today = today or clock.now()
    made = []
    for slug, name, zone, tell_year in STORIES:
        if not Organisation.objects.filter(slug=slug).exists():
            with transaction.atomic():
                made.append(_tell(slug, name, zone, today, tell_year))
    return made


def introduce() -> list[str]:
    """What to say to whoever runs the demo: who can sign in, and three things to try. Empty without a demo."""
    if not Organisation.objects.filter(is_demo=True, slug__in=[story[0] for story in STORIES]).exists():
        return []
    return [
        f"Sign in with the password “{PASSWORD}” as",
        f"  {address(meridian.CAIO, meridian.DOMAIN):38} Chief AI Officer of Meridian Group (120 systems)",
        f"  {address('Rafael Montoya', meridian.DOMAIN):38} its chief information security officer",
        f"  {address('Dorothea Lang', meridian.DOMAIN):38} its auditor, who sees all and changes nothing",
        f"  {address(vliet.CAIO, vliet.DOMAIN):38} fractional Chief AI Officer of Vliet Staffing (50 people)",
        "",
        "Three things to try:",
        "  1. Home: open a figure to see the very systems that it counts.",
        "  2. Inbox: decide what waits, with the evidence beside it.",
        "  3. Imports: bring an inventory of your own, CSV or XLSX, and look before anything is written.",
        "",
    ]


def _tell(slug: str, name: str, zone: str, today: datetime, tell_year: Callable[[Teller], None]) -> Organisation:
    begin = today - timedelta(days=366)
    with clock.telling(begin):
        organisation = organisation_create(slug=slug, name=name, time_zone=zone, is_demo=True, by="Demo")
    teller = Teller(organisation, today, begin, random.Random(slug))  # noqa: S311  # a story's chance, not a secret
    tell_year(teller)
    with clock.telling(today):
        tell_assessments(teller)
        tell_traffic(teller)
        keep(organisation.pk)
    _send_nothing(organisation, today)
    return organisation


def _send_nothing(organisation: Organisation, today: datetime) -> None:
    """No demo ever writes to anybody: its e-mails count as sent, and notices of the past as read."""
    told = Notice.objects.filter(organisation=organisation)
    told.update(email="none")
    told.filter(at__lt=today - timedelta(days=5)).update(read_at=today)
    FactLink.objects.filter(organisation=organisation).update(mail_due_at=None)
