"""Against local servers that speak the documented APIs of ServiceNow and Jira: no live service was tried."""

import json
import re
import threading
from base64 import b64decode
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.imports.actions import issue_seen, source_save, source_synced
from pilothouse.kernel.imports.models import ImportBatch, IssueLink, Source
from pilothouse.kernel.imports.selectors import sources
from pilothouse.kernel.imports.sources import web
from pilothouse.kernel.imports.sources.jira import Issue
from pilothouse.kernel.imports.sources.sync import sources_tick, sync
from pilothouse.kernel.imports.sources.web import SourceFault, check_reference, check_url, secret_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry

SECRET = "PILOTHOUSE_SOURCE_HARBOUR__ONE"


@pytest.fixture(autouse=True)
def _around(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT, settings.HOME = tmp_path / "media", tmp_path
    monkeypatch.setenv(SECRET, "hunter2")
    monkeypatch.setattr(web.Web.__init__, "__kwdefaults__", {"sleep": lambda seconds: None})


@contextmanager
def served(service):
    """A server on this machine; `service(method, path, query, body, headers)` returns (status, JSON, headers)."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
            status, found, headers = service(self.command, parts.path, query, body, self.headers)
            text = b"" if found is None else found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            for key, value in {"Content-Length": str(len(text)), "Content-Type": "application/json", **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Cmdb:
    """ServiceNow's Table API: encoded query, chosen fields, display values, limit and offset, Basic sign-in."""

    def __init__(self, records):
        self.records, self.asked, self.busy = records, [], 0

    def __call__(self, method, path, query, body, headers):
        if b64decode(headers.get("Authorization", "Basic ").split()[1]) != b"reader:hunter2":
            return 401, {"error": {"message": "User Not Authenticated", "detail": ""}, "status": "failure"}, {}
        if path != "/api/now/table/cmdb_ci_appl":
            return 404, {"error": {"message": "Invalid table"}, "status": "failure"}, {}
        self.asked.append(query)
        if self.busy:
            self.busy -= 1
            return 429, {"error": {"message": "Rate limit"}}, {"Retry-After": "1"}
        start, count = int(query["sysparm_offset"]), int(query["sysparm_limit"])
        fields = query["sysparm_fields"].split(",")
        page = self.records[start : start + count]
        return (
            200,
            {"result": [{f: r.get(f, "") for f in fields} for r in page]},
            {"X-Total-Count": str(len(self.records))},
        )


def record(number, **more):
    return {
        "sys_id": f"{number:032x}",
        "name": f"Application {number}",
        "short_description": "It sorts mail.",
        "operational_status": "Operational",
        "company": "Harbour Ltd",
        "department": "Mail, Post",
        "owned_by.email": "bob@harbour.example",
        "vendor": "",
        **more,
    }


def servicenow(actor, url, **more):
    given = {"kind": "servicenow", "name": "CMDB", "user_name": "reader", "secret_ref": f"env:{SECRET}", "url": url}
    return source_save(actor=actor, **{**given, **more})


def test_servicenow_brings_systems_page_by_page_and_again_nothing(cast, monkeypatch):
    caio = cast.actor("caio")
    monkeypatch.setattr("pilothouse.kernel.imports.sources.servicenow.PAGE", 2)
    cmdb = Cmdb([record(n) for n in range(5)])
    with served(cmdb) as url:
        source = servicenow(caio, url, settings={"query": "u_ai=true"})
        done = sync(caio, source)
        assert done.outcome == {
            "records": 5,
            "created": 5,
            "changed": 0,
            "unchanged": 0,
            "refused": 0,
            "not_in_source": 0,
        }
        assert [query["sysparm_offset"] for query in cmdb.asked] == ["0", "2", "4"]
        assert cmdb.asked[0]["sysparm_query"] == "u_ai=true^ORDERBYsys_id"
        system = System.objects.get(number=1)
        assert (system.stage, system.owner, system.unit.name) == ("production", cast.people["bob"], "Mail, Post")
        assert system.external_ids.get().value == f"{0:032x}"
        cmdb.records[0] = record(0, operational_status="Retired")
        del cmdb.records[4]
        done = sync(caio, source)
        assert (done.outcome["changed"], done.outcome["unchanged"], done.outcome["not_in_source"]) == (1, 3, 1)
        batches = ImportBatch.objects.count()
        assert sync(caio, source).outcome["unchanged"] == 4
    assert ImportBatch.objects.count() == batches == 2
    assert System.objects.count() == 5
    assert System.objects.get(number=1).stage == "retired"


def test_a_busy_service_is_waited_for(cast):
    caio = cast.actor("caio")
    cmdb = Cmdb([record(1)])
    cmdb.busy = 2
    with served(cmdb) as url:
        assert sync(caio, servicenow(caio, url)).outcome["created"] == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((401, {}, {}), "does not know this user"),
        ((403, {}, {}), "does not let this user"),
        ((404, {}, {}), "is the table or project right"),
        ((429, {}, {}), "asked too much"),
        ((500, {"error": {"message": "broken pump"}}, {}), "broken pump"),
        ((302, None, {"Location": "https://elsewhere.example/"}), "sends us elsewhere"),
        ((200, b"<html>", {}), "something else than JSON"),
        ((200, {"rows": []}, {}), "no list of records"),
    ],
)
def test_a_fault_is_kept_in_plain_words_and_raised(cast, answer, says):
    caio = cast.actor("caio")
    with served(lambda *_: answer) as url:
        source = servicenow(caio, url)
        with pytest.raises(SourceFault, match=says):
            sync(caio, source)
    source.refresh_from_db()
    assert says in source.error
    assert source.synced_at
    assert "hunter2" not in json.dumps(list(Entry.objects.values_list("content__body", flat=True)))


def test_a_service_that_is_not_there(cast):
    caio = cast.actor("caio")
    with pytest.raises(SourceFault, match="cannot be reached"):
        sync(caio, servicenow(caio, "http://127.0.0.1:9"))


def test_the_tick_asks_what_is_due_and_one_fault_stops_no_other(cast):
    caio = cast.actor("caio")
    with served(Cmdb([record(1)])) as url:
        servicenow(caio, url, name="a", user_name="stranger")
        good = servicenow(caio, url, name="b", rhythm="hourly")
        servicenow(caio, url, name="c", rhythm="manual")
        servicenow(caio, url, name="d", active=False)
        assert sources_tick(timezone.now()) == {"asked": 2, "failed": 1}
        assert sources_tick(timezone.now()) == {"asked": 0, "failed": 0}
        assert sources_tick(timezone.now() + timedelta(hours=1)) == {"asked": 1, "failed": 0}
    good.refresh_from_db()
    assert good.outcome["unchanged"] == 1


class Jira:
    """Jira Cloud, API 3 (and 2): search by label with a token (or start), create, comment, transitions."""

    def __init__(self, api="3", *, due_dates=True):
        self.api, self.due_dates, self.issues, self.comments = api, due_dates, {}, []

    def __call__(self, method, path, query, body, headers):
        if headers.get("Authorization") != "Bearer hunter2":
            return 401, {}, {}
        root = f"/rest/api/{self.api}"
        if path == f"{root}/search/jql" and self.api == "3":
            return self.page(body, int(body.get("nextPageToken", 0)))
        if path == f"{root}/search" and self.api == "2":
            return self.page(body, body["startAt"])
        if path == f"{root}/issue" and method == "POST":
            return self.create(body["fields"])
        found = re.fullmatch(rf"{root}/issue/([A-Z]+-\d+)/(comment|transitions)", path)
        if not found:
            return 404, {"errorMessages": ["No such path"], "errors": {}}, {}
        return self.touch(method, self.issues[found[1]], found[2], body)

    def page(self, body, start):
        assert body["jql"] == 'project = "AI" AND labels = "pilothouse" ORDER BY key'
        found = list(self.issues.values())[start : start + 2]
        after, total = start + len(found), len(self.issues)
        if self.api == "2":
            return 200, {"startAt": start, "total": total, "issues": found}, {}
        more = {"isLast": True} if after >= total else {"isLast": False, "nextPageToken": str(after)}
        return 200, {"issues": found, **more}, {}

    def create(self, fields):
        if "duedate" in fields and not self.due_dates:
            return 400, {"errorMessages": [], "errors": {"duedate": "Field 'duedate' cannot be set."}}, {}
        assert isinstance(fields["description"], dict if self.api == "3" else str)
        key = f"AI-{len(self.issues) + 1}"
        fields |= {"status": {"name": "To Do", "statusCategory": {"key": "new"}}, "assignee": None}
        self.issues[key] = {"id": str(len(self.issues)), "key": key, "fields": fields}
        return 201, {"id": "1", "key": key, "self": ""}, {}

    def touch(self, method, issue, what, body):
        if what == "comment":
            self.comments.append((issue["key"], json.dumps(body["body"])))
            return 201, {"id": "1"}, {}
        if method == "GET":
            ways = [("11", "Start", "indeterminate"), ("31", "Done", "done")]
            return (
                200,
                {"transitions": [{"id": i, "name": n, "to": {"statusCategory": {"key": k}}} for i, n, k in ways]},
                {},
            )
        assert body == {"transition": {"id": "31"}}
        self.move(issue["key"], "Done", "done")
        return 204, None, {}

    def move(self, key, status, category, who=None):
        fields = self.issues[key]["fields"]
        fields["status"] = {"name": status, "statusCategory": {"key": category}}
        fields["assignee"] = {"displayName": who} if who else None


def gap(cast, number, check="inventory.owner"):
    here = cast.organisation
    system = System.objects.create(organisation=here, number=number, name=f"System {number}", stage="production")
    due = timezone.now() + timedelta(days=30)
    return Gap.objects.create(organisation=here, system=system, check_id=check, title="Owner", due_at=due, tier="high")


def jira(actor, url, **more):
    settings = {"project": "ai", "api": more.pop("api", "3")}
    return source_save(
        actor=actor, kind="jira", name="Jira", url=url, secret_ref=f"env:{SECRET}", settings=settings, **more
    )


@pytest.mark.parametrize("api", ["3", "2"])
def test_jira_both_ways(cast, api):
    caio = cast.actor("caio")
    gaps = [gap(cast, number) for number in (1, 2, 3)]
    tracker = Jira(api, due_dates=api == "3")
    with served(tracker) as url:
        source = jira(caio, url, api=api)
        assert sync(caio, source).outcome["made"] == 3
        issue = tracker.issues["AI-1"]["fields"]
        assert issue["summary"] == "S-1 System 1: Owner"
        assert f"pilothouse-gap-{gaps[0].pk}" in issue["labels"]
        assert ("duedate" in issue) is (api == "3")
        # Nothing is made twice, not even when a run broke off between making an issue and keeping its key.
        IssueLink.objects.filter(gap=gaps[1]).delete()
        again = sync(caio, source).outcome
        assert (again["made"], again["found"], len(tracker.issues)) == (0, 1, 3)
        # From there to here: who works on it, and that it is called done while its gap is open.
        tracker.move("AI-1", "In Progress", "indeterminate", "Kim")
        tracker.move("AI-2", "Done", "done")
        assert sync(caio, source).outcome["told"] == 1
        assert sync(caio, source).outcome["told"] == 0
        first, second = IssueLink.objects.order_by("key")[:2]
        assert (first.status, first.assignee, first.contradicts) == ("In Progress", "Kim", False)
        assert second.contradicts
        assert "still misses it" in tracker.comments[0][1]
        assert Gap.objects.get(pk=gaps[1].pk).state == "open"
        # From here to there: a met gap ends its issue.
        Gap.objects.filter(pk=gaps[2].pk).update(state="met")
        assert sync(caio, source).outcome["finished"] == 1
        assert tracker.issues["AI-3"]["fields"]["status"]["name"] == "Done"
        comments = len(tracker.comments)
        assert sync(caio, source).outcome["finished"] == 0
    assert len(tracker.comments) == comments


def test_a_first_run_does_not_flood_a_project(cast, monkeypatch):
    monkeypatch.setattr("pilothouse.kernel.imports.sources.sync.NEW_ISSUES", 1)
    caio = cast.actor("caio")
    for number in (1, 2, 3):
        gap(cast, number)
    with served(Jira()) as url:
        source = jira(caio, url)
        for made, waiting in ((1, 2), (1, 1), (1, 0), (0, 0)):
            outcome = sync(caio, source).outcome
            assert (outcome["made"], outcome["waiting"]) == (made, waiting)
    assert IssueLink.objects.count() == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"url": "http://example.org"}, "url"),
        ({"url": "https://me:secret@example.org"}, "url"),
        ({"url": "ftp://example.org"}, "url"),
        ({"secret_ref": "hunter2"}, "secret_ref"),
        ({"secret_ref": "env:PILOTHOUSE_SECRET_KEY"}, "secret_ref"),
        ({"secret_ref": "env:PILOTHOUSE_SOURCE_ELSEWHERE__ONE"}, "secret_ref"),
        ({"secret_ref": "file:../secret_key"}, "secret_ref"),
        ({"name": " "}, "name"),
        ({"rhythm": "always"}, "rhythm"),
        ({"settings": {"table": "Drop Table"}}, "table"),
        ({"fields": {"purpose": "short_description"}}, "fields"),
        ({"kind": "fax"}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(cast, more, field):
    with pytest.raises(Invalid) as refused:
        servicenow(cast.actor("caio"), **{"url": "https://x.example", **more})
    assert field in refused.value.fields
    assert not Source.objects.exists()


def test_jira_needs_a_project(cast):
    with pytest.raises(Invalid) as refused:
        source_save(
            actor=cast.actor("caio"), kind="jira", name="J", url="https://x.example", secret_ref=f"env:{SECRET}"
        )
    assert "project" in refused.value.fields


def test_a_source_is_changed_and_its_mapping_gets_a_version(cast):
    caio = cast.actor("caio")
    source = servicenow(caio, "https://x.example")
    changed = servicenow(caio, "https://y.example/", source=source, fields={"name": "name", "row_id": "sys_id"})
    assert (changed.pk, changed.url, changed.mapping.version) == (source.pk, "https://y.example", 2)
    assert changed.mapping.source == source.mapping.source
    with pytest.raises(Conflict):
        servicenow(caio, "https://z.example")


def test_the_secret_by_reference(tmp_path, monkeypatch):
    (tmp_path / "secrets" / "harbour").mkdir(parents=True)
    (tmp_path / "secrets" / "harbour" / "now").write_text("from a file\n")
    assert secret_of("file:now", "harbour") == "from a file"
    assert secret_of(f"env:{SECRET}", "harbour") == "hunter2"
    with pytest.raises(SourceFault):
        secret_of("file:absent", "harbour")
    assert check_reference("env:PILOTHOUSE_SOURCE_MY_ORG__X", "my-org")
    for borrowed in (
        "env:PILOTHOUSE_SOURCE_MY_ORG__X",
        "env:PILOTHOUSE_SOURCE_MY__ORG__X",
        "env:PILOTHOUSE_SECRET_KEY",
    ):
        with pytest.raises(Invalid):
            check_reference(borrowed, "my")
    assert check_url("https://x.example/now/") == "https://x.example/now"


def test_nobody_else_manages_sources(cast):
    source = servicenow(cast.actor("caio"), "https://x.example")
    for who in ("auditor", "bob"):
        with pytest.raises(Forbidden):
            sources(cast.actor(who))
        with pytest.raises(Forbidden):
            sync(cast.actor(who), source)
    with pytest.raises(NotFound):
        servicenow(cast.actor("charlie"), "https://x.example", source=source, secret_ref="file:x")
    with pytest.raises((NotFound, Forbidden)):
        sync(cast.actor("charlie"), source)


def test_what_a_run_did_is_kept_by_nobody_else(cast):
    caio, issue = cast.actor("caio"), Issue("AI-1", "To Do", False, "", frozenset())
    source, open_gap = servicenow(caio, "https://x.example"), gap(cast, 1)
    assert source_synced(actor=caio, source=source, outcome={"records": 1}, error="").outcome == {"records": 1}
    assert issue_seen(actor=caio, source=source, gap=open_gap, issue=issue).key == "AI-1"
    with pytest.raises(Forbidden):
        source_synced(actor=cast.actor("bob"), source=source, outcome={}, error="")
    with pytest.raises(NotFound):
        source_synced(actor=cast.actor("charlie"), source=source, outcome={}, error="")
    with pytest.raises(Forbidden):
        issue_seen(actor=cast.actor("bob"), source=source, gap=open_gap, issue=issue)
    with pytest.raises(NotFound):
        issue_seen(actor=cast.actor("charlie"), source=source, gap=open_gap, issue=issue)
