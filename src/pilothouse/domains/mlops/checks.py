"""The checks of monitoring: would anybody notice, what would they do, and did they?"""

from __future__ import annotations

from datetime import datetime

from pilothouse.domains.mlops.rules import QUALITY, detection, due, remembered
from pilothouse.domains.mlops.schemas import ROLES, WATCHED
from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, needs, sealed, spoken, today
from pilothouse.kernel.records.people import Here, people_here
from pilothouse.kernel.records.selectors import Sealed, entries

MONITOR = "mlops.monitor"
RUNBOOK = "mlops.runbook"
INCIDENT = "mlops.incident"

Entries = tuple[Sealed, ...] | None


def live(monitors: Entries) -> list[Sealed]:
    """The monitors that watch now."""
    return [one for one in monitors or () if one.body["state"] == "live"]


def reached(monitor: Sealed, system: SystemFacts, people: Here) -> list[str]:
    """Who would hear of it: the people named who are here, and the role if somebody holds it."""
    named = [people.called(email) for email in monitor.body["people"] if email in people.names]
    role = monitor.body["role"]
    if role == "owner":
        return [*named, system.owner_name] if system.owner_id and not system.owner_left else named
    return [*named, ROLES[role]] if role and people.roles.get(role) else named


@needs("No monitor is recorded, so nobody would notice if it went wrong.", at=0)
def judge_monitor(system: SystemFacts, loaded: tuple[tuple[Sealed, ...], Here], now: datetime) -> Finding:
    """Met while a live monitor of what the system puts out alerts somebody who is here."""
    monitors, people = loaded
    watching = live(monitors)
    if not watching:
        return sealed(Status.IN_PROGRESS, "Monitors are recorded, and none of them is live.", *monitors)
    heard = [(one, reached(one, system, people)) for one in watching if one.body["watches"] in QUALITY]
    if not heard:
        only = ", ".join(dict.fromkeys(WATCHED[one.body["watches"]].lower() for one in watching))
        return sealed(
            Status.IN_PROGRESS, f"Only this is watched: {only}. Nothing tells whether it answers rightly.", *watching
        )
    best, named = max(heard, key=lambda row: bool(row[1]))
    if not named:
        return sealed(
            Status.NOT_MET, "The alert of its monitor reaches nobody who is here.", *(one for one, _ in heard)
        )
    who = ", ".join(dict.fromkeys(named))
    tried = day(best.body["tested_on"])
    told = f", last tried on {spoken(tried)}" if tried else "; the alert was never tried"
    return sealed(Status.MET, f"“{best.key}” is live and alerts {who}{told}.", best)


@needs("No runbook says how it is stopped and how work goes on without it.", at=0)
def judge_runbook(system: SystemFacts, loaded: tuple[tuple[Sealed, ...], Here], now: datetime) -> Finding:
    """Met while a runbook is kept by somebody who is here and is not overdue for another look."""
    runbooks, people = loaded
    kept = [one for one in runbooks if not people.gone([one.body["owner"]])]
    if not kept:
        return sealed(Status.IN_PROGRESS, "Whoever kept its runbook is not here any more.", *runbooks)
    fresh = [one for one in kept if (day(one.body["review_by"]) or today(now)) >= today(now)]
    if not fresh:
        asked = spoken(max(day(one.body["review_by"]) or today(now) for one in kept))
        return sealed(Status.IN_PROGRESS, f"Its runbook was to be looked at again by {asked}.", *kept)
    keeper = people.called(fresh[0].body["owner"])
    return sealed(Status.MET, f"“{fresh[0].key}” says what to do; {keeper} keeps it.", *fresh)


def judge_incidents(system: SystemFacts, loaded: tuple[Entries, Entries], now: datetime) -> Finding:
    """Met while every open incident is within its time; without any, while something would tell."""
    incidents, monitors = loaded
    waiting = [(one, step) for one in incidents or () if (step := due(one.body))]
    late = sorted((when, what, one) for one, (what, when) in waiting if when < now)
    if late:
        when, what, one = late[0]
        reason = f"“{one.body['title']}” was to be {what} by {spoken(when.date())}."
        return sealed(Status.NOT_MET, reason, *(one for _, _, one in late))
    if waiting:
        one, (what, when) = min(waiting, key=lambda row: row[1][1])
        reason = f"“{one.body['title']}” is open, to be {what} by {spoken(when.date())}."
        return sealed(Status.MET, reason, *(one for one, _ in waiting))
    if incidents:
        return sealed(Status.MET, "Every recorded incident is resolved.", *incidents)
    if watching := live(monitors):
        return sealed(Status.MET, f"No incident is recorded, and “{watching[0].key}” would tell.", *watching)
    return absent(system, "No incident is recorded, and nothing would tell if there were one.")


def judge_detection(system: SystemFacts, loaded: tuple[Entries, Entries], now: datetime) -> Finding:
    """Met while it is known how long the year's incidents went unnoticed, and that was no longer than promised; without
    any, while a monitor's alert was tried within the year."""
    incidents, monitors = loaded
    recent = [one for one in incidents or () if remembered([one.body], now)]
    found = detection(one.body for one in recent)
    if found.untimed:
        blind = [one for one in recent if not one.body["onset"]]
        reason = f"Nobody has found out when “{blind[0].body['title']}” began, nor how long it went unnoticed."
        return sealed(Status.IN_PROGRESS, reason, *blind)
    watching = live(monitors)
    if found.mean is not None:
        took = f"Incidents were noticed after {found.mean:,.1f} hours on average"
        promised = min((one.body["detect_within"] for one in watching if one.body["detect_within"]), default=None)
        if promised is not None and found.mean > promised:
            return sealed(Status.NOT_MET, f"{took}; {promised} were promised.", *recent, *watching)
        return sealed(Status.MET, f"{took}.", *recent)
    if not watching:
        return absent(
            system, "No monitor is live and no incident is recorded: nobody knows how long a fault would go unnoticed."
        )
    tried = [
        (when, one) for one in watching if (when := day(one.body["tested_on"])) and (today(now) - when).days <= 365
    ]
    if not tried:
        return sealed(Status.IN_PROGRESS, "Within a year no incident is recorded and no alert was tried.", *watching)
    when, one = max(tried, key=lambda row: row[0])
    return sealed(Status.MET, f"No incident within a year; the alert of “{one.key}” was tried on {spoken(when)}.", one)


MONITORS, INCIDENTS = entries(MONITOR), entries(INCIDENT)

CHECKS = (
    Check(
        id="mlops.monitor_alerts",
        version=1,
        title="Monitor alerts somebody",
        domain="mlops",
        question="Would somebody be told if it answered wrongly?",
        load=(MONITORS, people_here),
        judge=judge_monitor,
        remedy=f"records/{MONITOR}/new/",
        remedy_label="Record a monitor",
        protects="cto",
        effort=2.0,
    ),
    Check(
        id="mlops.runbook_written",
        version=1,
        title="Runbook written",
        domain="mlops",
        question="Is it written down how it is stopped, and how work goes on without it?",
        load=(entries(RUNBOOK), people_here),
        judge=judge_runbook,
        remedy=f"records/{RUNBOOK}/new/",
        remedy_label="Write a runbook",
        protects="operations",
        effort=1.0,
    ),
    Check(
        id="mlops.incidents_handled",
        version=1,
        title="Incidents handled in time",
        domain="mlops",
        question="Is every open incident within its time?",
        load=(INCIDENTS, MONITORS),
        judge=judge_incidents,
        remedy="/mlops/incidents/",
        remedy_label="See its incidents",
        protects="risk",
        effort=1.0,
    ),
    Check(
        id="mlops.detection_timed",
        version=1,
        title="Time to notice known",
        domain="mlops",
        question="Is it known how long a fault goes unnoticed?",
        load=(INCIDENTS, MONITORS),
        judge=judge_detection,
        remedy=f"records/{MONITOR}/new/",
        remedy_label="Have an alert tried",
        protects="cto",
        effort=0.5,
    ),
)
