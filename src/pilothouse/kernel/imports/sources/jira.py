"""Jira's issues over its REST API: version 3 (Cloud) or 2 (Data Center), by what the source says.

Documentation: Atlassian, “Jira Cloud platform REST API v3” (POST issue, POST search/jql, issue transitions, comments)
and “Jira Data Center REST API v2”. An issue made here bears two labels, one for Pilothouse and one for its gap, so that
it is found again even when a run broke off after making it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.sources.web import SourceFault, Web

LABEL = "pilothouse"
PAGE = 100
DEFAULTS: dict[str, str] = {"project": "", "issue_type": "Task", "api": "3"}
_FIELDS = ["status", "labels", "assignee"]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as the tracker tells it."""

    key: str
    status: str
    done: bool
    assignee: str
    labels: frozenset[str]


def check_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """`project` (its key), `issue_type`, `api` (3 or 2). Raises Invalid."""
    project = str(settings.get("project") or "").strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,29}", project):
        raise Invalid("Jira needs a project's key.", fields={"project": "Such as AI or RISK."})
    api = str(settings.get("api") or DEFAULTS["api"])
    if api not in ("2", "3"):
        raise Invalid("The API is version 3 (Cloud) or 2 (Data Center).", fields={"api": "3 or 2"})
    kind = str(settings.get("issue_type") or DEFAULTS["issue_type"]).strip()[:60]
    return {"project": project, "issue_type": kind, "api": api}


def gap_label(gap_id: object) -> str:
    return f"{LABEL}-gap-{gap_id}"


class Tracker:
    """One project of one Jira."""

    def __init__(self, web: Web, settings: Mapping[str, str]) -> None:
        self.web = web
        self.project, self.issue_type = settings["project"], settings["issue_type"]
        self.cloud = settings["api"] == "3"
        self.root = f"/rest/api/{settings['api']}"

    def issues(self) -> Iterator[Issue]:
        """Every issue of the project that Pilothouse made."""
        jql = f'project = "{self.project}" AND labels = "{LABEL}" ORDER BY key'
        for record in self._cloud_pages(jql) if self.cloud else self._server_pages(jql):
            yield _issue(record)

    def _cloud_pages(self, jql: str) -> Iterator[dict[str, Any]]:
        token = None
        while True:
            body = {"jql": jql, "fields": _FIELDS, "maxResults": PAGE} | ({"nextPageToken": token} if token else {})
            page = self._search(f"{self.root}/search/jql", body)
            yield from page["issues"]
            token = page.get("nextPageToken")
            if page.get("isLast", True) or not token:
                return

    def _server_pages(self, jql: str) -> Iterator[dict[str, Any]]:
        start = 0
        while True:
            body = {"jql": jql, "fields": _FIELDS, "maxResults": PAGE, "startAt": start}
            page = self._search(f"{self.root}/search", body)
            yield from page["issues"]
            start += len(page["issues"])
            if not page["issues"] or start >= page.get("total", 0):
                return

    def _search(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        page = self.web.json("POST", path, json=body)
        if not isinstance(page, dict) or not isinstance(page.get("issues"), list):
            raise SourceFault("The answer has no list of issues: is this a Jira?")
        return page

    def create(self, *, summary: str, text: str, due: str, gap_id: object) -> Issue:
        """Make an issue for a gap. A project without due dates gets none."""
        fields: dict[str, Any] = {
            "project": {"key": self.project},
            "issuetype": {"name": self.issue_type},
            "summary": " ".join(summary.split())[:250],
            "description": self._document(text),
            "labels": [LABEL, gap_label(gap_id)],
            "duedate": due,
        }
        try:
            made = self.web.json("POST", f"{self.root}/issue", json={"fields": fields})
        except SourceFault as fault:
            if "duedate" not in fault.data.get("errors", {}):
                raise
            del fields["duedate"]
            made = self.web.json("POST", f"{self.root}/issue", json={"fields": fields})
        return Issue(made["key"], "", False, "", frozenset(fields["labels"]))

    def comment(self, key: str, text: str) -> None:
        self.web.json("POST", f"{self.root}/issue/{key}/comment", json={"body": self._document(text)})

    def finish(self, key: str) -> bool:
        """Move an issue to a state that counts as done; False when its workflow offers none from here."""
        path = f"{self.root}/issue/{key}/transitions"
        for way in self.web.json("GET", path)["transitions"]:
            if way["to"]["statusCategory"]["key"] == "done":
                self.web.json("POST", path, json={"transition": {"id": way["id"]}})
                return True
        return False

    def _document(self, text: str) -> Any:
        """Plain text for version 2; Atlassian's document format for version 3."""
        if not self.cloud:
            return text
        lines = [line for line in text.split("\n") if line.strip()]
        return {
            "type": "doc",
            "version": 1,
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines],
        }


def _issue(record: dict[str, Any]) -> Issue:
    fields = record["fields"]
    status, assignee = fields.get("status") or {}, fields.get("assignee") or {}
    return Issue(
        key=record["key"],
        status=str(status.get("name", ""))[:120],
        done=(status.get("statusCategory") or {}).get("key") == "done",
        assignee=str(assignee.get("displayName", ""))[:200],
        labels=frozenset(fields.get("labels") or ()),
    )
