"""One page for all documents that the next gate still asks of a system: of the low tier it takes ten minutes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Conflict, NotFound
from pilothouse.kernel.checks.rules import GateReport, GateRequirement
from pilothouse.kernel.clock import now
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.gates.rules.running import RUNNING
from pilothouse.kernel.gates.rules.stages import next_gate
from pilothouse.kernel.gates.selectors import is_inherited, report_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.actions import Outcome, Writing, schema_for, sheet_save
from pilothouse.kernel.records.kinds import may_read, may_write
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import STANDS
from pilothouse.kernel.records.schema import Shape, difference, problems, same
from pilothouse.kernel.records.selectors import record_by_id, records
from pilothouse.web.page import Request, page
from pilothouse.web.records.forms import DocumentForm
from pilothouse.web.records.offers import Offers
from pilothouse.web.records.pages.editing import offered
from pilothouse.web.records.shown import domain_title
from pilothouse.web.remedies import others_to_mend, remedy_url

REMEDY = re.compile(r"^records/([a-z_]+\.[a-z_0-9]+)/(?:edit|new)/")
MOST = 5  # forms of one register on a page
MINUTES = 0.5  # that an answer takes


@dataclass(slots=True)
class Paper:
    """One document of the sheet: what asks for it, the draft or sealed version that it goes on from, its form. `mark`
    tells, when the page comes back, whether something was typed: what another person wrote meanwhile is not undone."""

    kind: RecordKind
    domain: str
    name: str
    key: str | None
    start: Record | None
    form: DocumentForm
    asked_by: list[GateRequirement] = field(default_factory=list)
    clash: str = ""
    theirs: list[Any] = field(default_factory=list)
    left: int = 0
    empty: bool = False
    mark: str = ""

    @property
    def draft(self) -> Record | None:
        return self.start if self.start and self.start.state == "draft" else None

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @property
    def title(self) -> str:
        return f"{self.kind.title} {self.key}" if self.key else self.kind.title


@require_http_methods(["GET", "POST"])
@page("system.view")
def sheet(request: Request, number: int) -> HttpResponse:
    """Every document that the next gate asks for, in one form. Saving keeps drafts; sealing all seals what is whole."""
    system = system_by_number(request.actor, number)
    report = _report(system)
    offers = Offers(request.actor, request.organisation.slug, system)
    desk = Desk(request, system, report, offers)
    if request.method == "POST":
        return _save(request, desk)
    return _show(request, desk, desk.papers())


class Desk:
    """What is asked of one system, and the forms for it."""

    def __init__(self, request: Request, system: System, report: GateReport | None, offers: Offers) -> None:
        self.request, self.system, self.report, self.offers = request, system, report, offers
        self._asked: dict[str, list[GateRequirement]] = {}
        self.elsewhere: list[GateRequirement] = []
        for row in report.blocking if report else ():
            kind = self._kind(row)
            if kind is None:
                self.elsewhere.append(row)
            else:
                self._asked.setdefault(kind.id, []).append(row)

    def papers(self) -> list[Paper]:
        """The forms of everything that is asked for, in the rulebook's order. One query, and one for each register
        that they refer to."""
        rows = records(self.request.actor, system=self.system).filter(kind__in=self._asked, state__in=STANDS)
        held: dict[str, list[Record]] = {}
        for row in rows:
            held.setdefault(row.kind, []).append(row)
        found = []
        for kind_id, asked in self._asked.items():
            kind = registry.records[kind_id]
            for start in _starts(kind, held.get(kind_id, []), asked):
                found.append(self._paper(kind, start, asked))
        return found

    def sent(self) -> list[Paper]:
        """The forms that were on the page which was sent, even where the gate no longer asks for them."""
        found = []
        for name in dict.fromkeys(self.request.POST.getlist("paper")[:100]):
            kind_id, _, which = name.partition(":")
            kind = registry.records.get(kind_id)
            if kind is None or not kind.of_system or not may_write(self.request.actor, kind, self.system):
                continue
            found.append(self._paper(kind, self._start(kind, which), self._asked.get(kind_id, []), sent=name))
        return found

    def again(self, paper: Paper, one: Outcome, seal: bool) -> bool:
        """Draw a document that is not sealed once more, with all that was typed and what stands in the way; is there
        something?"""
        said = paper.form.body()
        if isinstance(one.error, Conflict) and paper.start:
            paper.clash = one.error.detail
            paper.theirs = difference(paper.kind.schema, said, paper.start.body)
        elif one.record is not None:
            paper.start, paper.key = one.record, one.record.key
            paper.name = f"{paper.kind.id}:{one.record.pk}" if paper.kind.many else paper.name
        paper.form = self._form(paper.kind, paper.name, body=said)
        lost = one.error is not None and (one.record is None or not same(one.record.body, said))
        paper.mark = "" if lost else _mark(paper.form)
        if one.error is not None:
            paper.form.show(one.error.fields or {"": one.error.detail})
            paper.left = len(one.error.fields) or 1
        elif seal and paper.empty and paper.start is None:
            paper.left = len(problems(schema_for(paper.kind, self.system), said))
        return paper.left > 0

    def _form(self, kind: RecordKind, name: str, **given: Any) -> DocumentForm:
        schema = schema_for(kind, self.system)
        return DocumentForm(schema, prefix=name, offers=self.offers, fold=_fold, **given)

    def asks(self, paper: Paper) -> bool:
        """Does it matter still? What was sealed just now may say that a document on which nothing was written is not
        needed. Where something was, it stays."""
        paper.asked_by = self._asked.get(paper.kind.id, [])
        return bool(paper.asked_by) or not paper.empty

    def _start(self, kind: RecordKind, which: str) -> Record | None:
        """The draft that is there now of what a form went on from, else the sealed version."""
        key = ""
        if kind.many:
            if which == "new":
                return None
            try:
                begun = record_by_id(self.request.actor, UUID(which))
            except ValueError:
                raise NotFound from None
            if begun.kind != kind.id or begun.system_id != self.system.pk:
                raise NotFound
            key = begun.key
        rows = records(self.request.actor, kind=kind.id, system=self.system).filter(key=key, state__in=STANDS)
        found = {row.state: row for row in rows}
        return found.get("draft") or found.get("sealed")

    def _paper(self, kind: RecordKind, start: Record | None, asked: list[GateRequirement], sent: str = "") -> Paper:
        name = sent or f"{kind.id}:{start.pk if kind.many and start else 'new'}"
        body = start.body if start else offered(kind, self.system)
        form = self._form(kind, name, **({"data": self.request.POST} if sent else {"body": body}))
        key = start.key if start else None if kind.many else ""
        mark = self.request.POST.get(f"{name}-mark", "") if sent else _mark(form)
        return Paper(kind, domain_title(kind), name, key, start, form, asked, mark=mark)

    def _kind(self, row: GateRequirement) -> RecordKind | None:
        """The kind of document about the system that a remedy asks for, if it is the reader's to write. One that leads
        to several places begins with a document while nothing was read, so nothing is sealed."""
        found = REMEDY.match(row.check.remedy) if row.check else None
        first = row.check.writes if row.check and not row.standing.finding.refs else ""
        kind = registry.records.get(found[1] if found else first)
        if kind is None or not kind.of_system:
            return None
        actor = self.request.actor
        return kind if may_write(actor, kind, self.system) and may_read(actor, kind, self.system) else None


def _mark(form: DocumentForm) -> str:
    """A short name of what a form says."""
    return hashlib.sha256(repr(form.body()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _starts(kind: RecordKind, rows: list[Record], asked: Iterable[GateRequirement]) -> list[Record | None]:
    """What the forms of one kind go on from: drafts; the entries that a requirement read; else a new one."""
    drafts = [row for row in rows if row.state == "draft"]
    if not kind.many:
        return [next(iter(drafts), None) or next(iter(rows), None)]
    read = {ref.id for row in asked for ref in row.finding.refs}
    written = {row.key for row in drafts}
    named = [row for row in rows if str(row.pk) in read and row.key not in written]
    starts: list[Record | None] = [*drafts, *named]
    return starts[:MOST] or [None]


def _save(request: Request, desk: Desk) -> HttpResponse:
    papers = desk.sent()
    if request.POST.get("add"):
        return _show(request, desk, papers)
    seal = "seal" in request.POST
    writings = [_writing(request, paper) for paper in papers]
    done = sheet_save(actor=request.actor, system=desk.system, papers=writings, seal=seal)
    sealed = sum(one.sealed for one in done)
    if sealed:
        messages.success(request, f"{sealed} document{'s are' if sealed > 1 else ' is'} sealed.")
        desk = Desk(request, desk.system, _report(desk.system), desk.offers)
    left = [(paper, one) for paper, one in zip(papers, done, strict=True) if not one.sealed and desk.asks(paper)]
    stopped = [desk.again(paper, one, seal) for paper, one in left]
    if any(stopped):
        return _show(request, desk, [paper for paper, _ in left], status=422, tried=seal)
    if not seal:
        saved = sum(one.record is not None for one in done)
        messages.success(request, f"{saved} draft{'s are' if saved != 1 else ' is'} kept.")
    return redirect(f"{_here(request, desk.system)}?saved=1")


def _writing(request: Request, paper: Paper) -> Writing:
    body = paper.form.body()
    told = request.POST.get(f"{paper.name}-revision", "0")
    untouched = _mark(paper.form) == paper.mark
    paper.empty = untouched and paper.draft is None
    return Writing(
        paper.kind.id,
        None if untouched else body,
        paper.key,
        None if paper.key is None else int(told) if told.isdecimal() else 0,
        paper.draft,
    )


def _show(request: Request, desk: Desk, papers: list[Paper], status: int = 200, tried: bool = False) -> HttpResponse:
    slug, system = request.organisation.slug, desk.system
    others = others_to_mend(request.actor, [row.check for row in desk.elsewhere if row.check])
    asked = sum(len(fields) for paper in papers for _, fields in paper.form.needed())
    context = {
        "system": system,
        "report": desk.report,
        "papers": papers,
        "elsewhere": [
            (row, remedy_url(slug, system.number, row.check, gate=True), others.get(row.check_id, ""))
            if row.check
            else (row, "", "")
            for row in desk.elsewhere
        ],
        "offers": desk.offers,
        "answers": asked,
        "minutes": max(1, round(asked * MINUTES)),
        "tried": tried,
        "saved": bool(request.GET.get("saved")),
        "may_write": request.actor.may("record.write", system),
    }
    return render(request, "records/sheet.html", context, status=status)


def _report(system: System) -> GateReport | None:
    """The next gate; of a system that runs and has no further one, the gate into the stage that it is in."""
    target = next_gate(system.stage, inherited=is_inherited(system))
    if target is None and system.stage in RUNNING:
        target = system.stage
    return report_of(system, target, now()) if target else None


def _here(request: Request, system: System) -> str:
    return reverse("records:sheet", kwargs={"slug": request.organisation.slug, "number": system.number})


def _fold(shape: Shape) -> bool:
    return not (shape.required or shape.short)
