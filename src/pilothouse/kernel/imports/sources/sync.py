"""Asking a source and writing what it says. The asking happens outside any transaction; each write is an action."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.imports.actions.applying import import_apply
from pilothouse.kernel.imports.actions.looking import import_preview
from pilothouse.kernel.imports.actions.sources import issue_seen, source_synced
from pilothouse.kernel.imports.models import IssueLink, Source, outcome_counts
from pilothouse.kernel.imports.selectors import plan_of
from pilothouse.kernel.imports.sources import jira, servicenow
from pilothouse.kernel.imports.sources.web import Web, secret_of

NEW_ISSUES = 200  # in one run, so that a first run does not flood a project
RHYTHM = {"hourly": timedelta(minutes=55), "daily": timedelta(hours=23)}


def sync(actor: Actor, source: Source) -> Source:
    """Ask the source now and carry over what it says. A fault is kept with the source and raised.

    Raises Forbidden, NotFound, or SourceFault with a sentence for a person.
    """
    actor.require("source.manage", source)
    slug = Organisation.objects.get(pk=actor.organisation_id).slug
    try:
        with Web(source.url, source.user_name, secret_of(source.secret_ref, slug)) as web:
            outcome = _RUNS[source.kind](actor, source, web, slug)
    except PilothouseError as error:
        source_synced(actor=actor, source=source, outcome={}, error=error.detail[:500])
        raise
    return source_synced(actor=actor, source=source, outcome=outcome, error="")


def sources_tick(moment: datetime) -> dict[str, int]:
    """Ask every source whose time has come; one source's fault stops no other."""
    done = {"asked": 0, "failed": 0}
    for source in Source.objects.filter(active=True, rhythm__in=RHYTHM):
        if source.synced_at is not None and moment - source.synced_at < RHYTHM[source.rhythm]:
            continue
        done["asked"] += 1
        try:
            sync(system_actor(source.organisation_id, "Scheduled source"), source)
        except PilothouseError:
            done["failed"] += 1
    return done


def _cmdb(actor: Actor, source: Source, web: Web, slug: str) -> dict[str, int]:
    mapping = source.mapping
    assert mapping is not None
    records = servicenow.fetch(web, source.settings, mapping.fields)
    if not records:
        return {"records": 0}
    name, data = f"{source.name} {clock.now():%Y-%m-%d %H.%M}.json", servicenow.as_file(records)
    _, plan = plan_of(actor, adapter="table", filename=name, data=data, mapping=mapping)
    counts = outcome_counts(plan.counts) | {"records": len(records), "not_in_source": len(plan.gone)}
    # A run that changes nothing leaves no file behind.
    if counts["created"] or counts["changed"]:
        batch = import_preview(actor=actor, adapter="table", filename=name, data=data, mapping=mapping)
        import_apply(actor=actor, batch=batch)
    return counts


def _issues(actor: Actor, source: Source, web: Web, slug: str) -> dict[str, int]:
    """Both ways: gaps become issues and end them; issues tell who works on what, and how far."""
    tracker = jira.Tracker(web, source.settings)
    there = list(tracker.issues())
    by_key = {issue.key: issue for issue in there}
    by_label = {label: issue for issue in there for label in issue.labels if label != jira.LABEL}
    links = {link.gap_id: link for link in IssueLink.objects.filter(source=source).select_related("gap__system")}
    done = {"made": 0, "found": 0, "finished": 0, "told": 0, "seen": len(there), "waiting": 0}
    gaps = Gap.objects.of(actor).filter(state="open").select_related("system").order_by("due_at", "id")
    for gap in gaps.exclude(pk__in=links):
        issue = by_label.get(jira.gap_label(gap.pk))
        if issue is None and done["made"] >= NEW_ISSUES:
            done["waiting"] += 1
            continue
        done["made" if issue is None else "found"] += 1
        issue = issue or tracker.create(gap_id=gap.pk, due=gap.due_at.date().isoformat(), **_words(gap, slug))
        links[gap.pk] = issue_seen(actor=actor, source=source, gap=gap, issue=issue)
        by_key.setdefault(issue.key, issue)
    for link in links.values():
        issue = by_key.get(link.key)
        if issue is not None:
            _follow(actor, source, tracker, link, issue, done)
    return done


def _follow(
    actor: Actor, source: Source, tracker: jira.Tracker, link: IssueLink, issue: jira.Issue, done: dict[str, int]
) -> None:
    told = link.told and issue.done
    if link.gap.state != "open" and not issue.done:
        why = "met" if link.gap.state == "met" else "no longer asked"
        tracker.comment(link.key, f"The gap is {why} in Pilothouse.")
        finished = tracker.finish(link.key)
        done["finished"] += finished
        issue = jira.Issue(issue.key, "Done" if finished else issue.status, finished, issue.assignee, issue.labels)
    elif link.gap.state == "open" and issue.done and not link.told:
        tracker.comment(
            link.key, f"Done here, but Pilothouse still misses it: {link.gap.title}. Add the evidence there."
        )
        done["told"] += 1
        told = True
    now = (issue.status, issue.done, issue.assignee, told)
    if now != (link.status, link.done, link.assignee, link.told):
        issue_seen(actor=actor, source=source, gap=link.gap, issue=issue, told=told)


def _words(gap: Gap, slug: str) -> dict[str, Any]:
    path = f"/o/{slug}/systems/{gap.system.number}/"
    runs = f"{gap.system.name} ({gap.system.ref}) runs without it; it is due by {gap.due_at:%Y-%m-%d}."
    return {
        "summary": f"{gap.system.ref} {gap.system.name}: {gap.title}",
        "text": f"{gap.title}\n{runs}\n{settings.BASE_URL}{path}",
    }


_RUNS = {"servicenow": _cmdb, "jira": _issues}
