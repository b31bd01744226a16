"""/api/v1: incident clocks, notices, requests of authorities, and inventories in their forms."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from pilothouse.domains.governance.duties import actions
from pilothouse.domains.governance.duties.inventories.files import MEDIA, atrs_file, missing_csv, omb_csv
from pilothouse.domains.governance.duties.inventories.reading import omb_sheet
from pilothouse.domains.governance.duties.models import Case, Inquiry, SentNotice
from pilothouse.domains.governance.duties.selectors.cases import Standing, case_of, cases, keeping, standing
from pilothouse.domains.governance.duties.selectors.inquiries import inquiries, inquiry_of
from pilothouse.domains.governance.duties.told import told_case, told_clock, told_inquiry
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.selectors import record_by_id
from pilothouse.web.api import ApiRequest

PREFIX = ""
router = Router(tags=["Incident clocks and requests"])


class IncidentCaseIn(Schema):
    system: int = Field(description="The system's number.")
    title: str
    facts: dict[str, Any] = Field(description="aware_at and other moments with offset, member_states, place, answers.")
    incident: UUID | None = Field(None, description="The entry of the register of incidents that it came from.")


class IncidentFactsIn(Schema):
    facts: dict[str, Any]
    title: str = ""
    version: int | None = Field(None, description="The version that you read; refused when it has changed.")


class NoticeSentIn(Schema):
    clocks: list[str]
    to: str
    kind: str = "initial"
    sent_at: datetime | None = None
    channel: str = ""
    receipt: str = ""
    note: str = ""
    notice: UUID | None = Field(None, description="The sealed notice that was sent.")


class NoticeReasonIn(Schema):
    reason: str


class NoticeDraftIn(Schema):
    clock: str
    kind: str = "initial"


class InquiryIn(Schema):
    title: str
    authority: str = ""
    contact: str = ""
    basis: str = ""
    items: list[str] = []
    numbers: list[int] = []
    period_from: date | None = None
    period_to: date | None = None
    received_at: datetime | None = None
    hours: int | None = Field(None, description="The promise to keep; the organisation's own where none is given.")
    set_at: datetime | None = None
    drill: bool = False


class LetterIn(Schema):
    way: str = Field(description="in, out or note.")
    text: str = ""


class AnswerPackIn(Schema):
    title: str
    sha256: str
    sealed_at: datetime
    pack_id: UUID | None = None
    gaps: int | None = None


class GapsReviewIn(Schema):
    gaps: int
    note: str = ""


class InquiryEndIn(Schema):
    outcome: str
    answered: bool = True


@router.get("/incident-clocks", response=list[dict[str, Any]])
def list_cases(request: ApiRequest, open_only: bool = True) -> list[dict[str, Any]]:
    """Incidents under clocks, with what is due first."""
    request.actor.require("duty.view")
    kept, now = keeping(request.actor.organisation_id), clock.now()
    rows = cases(request.actor).filter(closed_at=None) if open_only else cases(request.actor)
    return [told_case(standing(case, kept, now)) for case in rows]


@router.post("/incident-clocks", response={201: dict[str, Any]})
def open_case(request: ApiRequest, body: IncidentCaseIn) -> Status[dict[str, Any]]:
    """Start the clocks of an incident."""
    system = system_by_number(request.actor, body.system)
    source = record_by_id(request.actor, body.incident) if body.incident else None
    made = actions.case_open(actor=request.actor, system=system, title=body.title, facts=body.facts, source=source)
    return Status(201, _whole(request, made.number))


@router.get("/incident-clocks/law", response=dict[str, Any])
def read_law_in_force(request: ApiRequest) -> dict[str, Any]:
    """The questions that facts answer, and the rows that hold here, with citation and confidence."""
    request.actor.require("duty.view")
    law = keeping(request.actor.organisation_id).law
    return {
        "edition": law.edition,
        "as_of": law.as_of,
        "notice": law.notice,
        "questions": [{"id": q.id, "group": q.group, "title": q.title, "help": q.help} for q in law.questions],
        "rows": [
            {"id": r.id, "regime": r.regime, "title": r.title, "cite": r.cite, "to": r.to, "confidence": r.confidence}
            for r in law.rows
        ],
    }


@router.get("/incident-clocks/{int:number}", response=dict[str, Any])
def read_case(request: ApiRequest, number: int) -> dict[str, Any]:
    """One incident with every clock: target, outer limit, citation, confidence, and why."""
    request.actor.require("duty.view")
    return _whole(request, number)


@router.put("/incident-clocks/{int:number}/facts", response=dict[str, Any])
def change_case(request: ApiRequest, number: int, body: IncidentFactsIn) -> dict[str, Any]:
    """Correct or add facts: all of them are given."""
    case = case_of(request.actor, number)
    actions.case_change(actor=request.actor, case=case, facts=body.facts, title=body.title, version=body.version)
    return _whole(request, number)


@router.post("/incident-clocks/{int:number}/draft", response={201: dict[str, Any]})
def draft_notice(request: ApiRequest, number: int, body: NoticeDraftIn) -> Status[dict[str, Any]]:
    """Draft the notice for one clock; it is a document from then on (see /records)."""
    case = case_of(request.actor, number)
    draft = actions.notice_draft(actor=request.actor, case=case, clock=body.clock, kind=body.kind)
    return Status(201, {"id": str(draft.pk), "kind": draft.kind, "key": draft.key, "body": draft.body})


@router.post("/incident-clocks/{int:number}/sent", response={201: dict[str, Any]})
def keep_sent(request: ApiRequest, number: int, body: NoticeSentIn) -> Status[dict[str, Any]]:
    """Keep that a notice was sent: the only thing that stops a clock."""
    case = case_of(request.actor, number)
    said = body.model_dump(exclude={"notice"})
    notice = record_by_id(request.actor, body.notice) if body.notice else None
    actions.notice_sent(actor=request.actor, case=case, notice=notice, **said)
    return Status(201, _whole(request, number))


@router.post("/incident-clocks/{int:number}/sent/{uuid:sent_id}/void", response=dict[str, Any])
def void_sent(request: ApiRequest, number: int, sent_id: UUID, body: NoticeReasonIn) -> dict[str, Any]:
    """An entry was a mistake: what it stopped runs on."""
    case = case_of(request.actor, number)
    sent: SentNotice = SentNotice.objects.get_of(request.actor, pk=sent_id, case=case)
    actions.sent_void(actor=request.actor, case=case, sent=sent, reason=body.reason)
    return _whole(request, number)


@router.post("/incident-clocks/{int:number}/close", response=dict[str, Any])
def close_case(request: ApiRequest, number: int, body: NoticeReasonIn) -> dict[str, Any]:
    """Say that nothing more is to be told."""
    actions.case_close(actor=request.actor, case=case_of(request.actor, number), reason=body.reason)
    return _whole(request, number)


@router.post("/incident-clocks/{int:number}/reopen", response=dict[str, Any])
def reopen_case(request: ApiRequest, number: int, body: NoticeReasonIn) -> dict[str, Any]:
    """Let the clocks run on."""
    actions.case_reopen(actor=request.actor, case=case_of(request.actor, number), reason=body.reason)
    return _whole(request, number)


@router.get("/inquiries", response=list[dict[str, Any]])
def list_inquiries(request: ApiRequest) -> list[dict[str, Any]]:
    """Requests of authorities and drills, newest first."""
    return [told_inquiry(row) for row in inquiries(request.actor)]


@router.post("/inquiries", response={201: dict[str, Any]})
def open_inquiry(request: ApiRequest, body: InquiryIn) -> Status[dict[str, Any]]:
    """Enter a request, or begin a drill of one."""
    made = actions.inquiry_open(actor=request.actor, **body.model_dump())
    return Status(201, told_inquiry(inquiry_of(request.actor, made.number)))


@router.get("/inquiries/{int:number}", response=dict[str, Any])
def read_inquiry(request: ApiRequest, number: int) -> dict[str, Any]:
    """One request with its correspondence and the packs that answer it."""
    return _inquiry(request, number)


@router.post("/inquiries/{int:number}/letters", response={201: dict[str, Any]})
def keep_letter(
    request: ApiRequest, number: int, body: Form[LetterIn], file: File[UploadedFile | None] = None
) -> Status[dict[str, Any]]:
    """Keep a letter, a file or a note (multipart)."""
    found = inquiry_of(request.actor, number)
    name, data = ((file.name or "") if file else "", file.read() if file else None)
    actions.letter_keep(actor=request.actor, inquiry=found, way=body.way, text=body.text, filename=name, data=data)
    return Status(201, _inquiry(request, number))


@router.post("/inquiries/{int:number}/packs", response={201: dict[str, Any]})
def attach_pack(request: ApiRequest, number: int, body: AnswerPackIn) -> Status[dict[str, Any]]:
    """Say which sealed pack answers the request, by its hash."""
    actions.pack_attach(actor=request.actor, inquiry=inquiry_of(request.actor, number), **body.model_dump())
    return Status(201, _inquiry(request, number))


@router.post("/inquiries/{int:number}/review", response=dict[str, Any])
def review_gaps(request: ApiRequest, number: int, body: GapsReviewIn) -> dict[str, Any]:
    """Say that somebody went through the gaps of the pack."""
    found = inquiry_of(request.actor, number)
    actions.gaps_review(actor=request.actor, inquiry=found, gaps=body.gaps, note=body.note)
    return _inquiry(request, number)


@router.post("/inquiries/{int:number}/close", response=dict[str, Any])
def close_inquiry(request: ApiRequest, number: int, body: InquiryEndIn) -> dict[str, Any]:
    """End a request, answered or not."""
    found = inquiry_of(request.actor, number)
    actions.inquiry_close(actor=request.actor, inquiry=found, outcome=body.outcome, answered=body.answered)
    return _inquiry(request, number)


@router.get("/inventories/omb-2025", response=list[dict[str, Any]])
def read_omb(request: ApiRequest, where: str = "") -> list[dict[str, Any]]:
    """The US inventory, row by row, with what is missing in each."""
    sheet = omb_sheet(request.actor, SystemQuery.parse(where))
    return [
        {"number": line.number, "cells": line.cells, "missing": line.missing, "strange": line.strange}
        for line in sheet.lines
    ]


@router.get("/inventories/omb-2025.csv", response={200: bytes})
def download_omb(request: ApiRequest, where: str = "", missing: bool = False) -> HttpResponse:
    """The US inventory as CSV, or what is missing in it."""
    sheet = omb_sheet(request.actor, SystemQuery.parse(where))
    return HttpResponse(missing_csv(sheet) if missing else omb_csv(sheet), content_type=MEDIA["csv"])


@router.get("/inventories/transparency-records", response={200: bytes})
def download_atrs(request: ApiRequest, where: str = "", ending: str = "json") -> HttpResponse:
    """Transparency records of the UK standard; `ending` is json, md or csv."""
    data = atrs_file(request.actor, SystemQuery.parse(where), ending)
    return HttpResponse(data, content_type=MEDIA[ending])


def _whole(request: ApiRequest, number: int) -> dict[str, Any]:
    case: Case = case_of(request.actor, number)
    found: Standing = standing(case, keeping(request.actor.organisation_id), clock.now())
    sent = [
        {
            "id": one.pk,
            "clocks": one.clocks,
            "kind": one.kind,
            "to": one.to,
            "sent_at": one.sent_at,
            "receipt": one.receipt,
        }
        for one in case.sent.filter(void_at=None)
    ]
    return told_case(found) | {"facts": case.facts, "sent": sent, "clocks": [told_clock(one) for one in found.clocks]}


def _inquiry(request: ApiRequest, number: int) -> dict[str, Any]:
    found: Inquiry = inquiry_of(request.actor, number)
    letters = [
        {"id": one.pk, "way": one.way, "text": one.text, "file": one.filename, "sha256": one.sha256, "at": one.at}
        for one in found.letters.all()
    ]
    packs = [
        {"title": one.title, "sha256": one.sha256, "sealed_at": one.sealed_at, "gaps": one.gaps}
        for one in found.packs.all()
    ]
    return told_inquiry(found) | {"letters": letters, "packs": packs}
