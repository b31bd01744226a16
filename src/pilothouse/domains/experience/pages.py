"""“My AI” for everybody, and what the generic pages cannot show: use, reports that wait, who has read which rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.experience.actions import feedback_give, reply_give, rules_acknowledge, tool_ask
from pilothouse.domains.experience.checks import FEEDBACK, TOOL_REQUEST
from pilothouse.domains.experience.forms import AskForm, ReplyForm, ReportForm
from pilothouse.domains.experience.rules import FRESH, months_before
from pilothouse.domains.experience.schemas.voice import WRONG
from pilothouse.domains.experience.selectors.acknowledged import acknowledged
from pilothouse.domains.experience.selectors.mine import me, mine, rule_sets, tools
from pilothouse.domains.experience.selectors.reports import reports, tool_requests
from pilothouse.domains.experience.selectors.use import as_of, figures, running, shown, sums
from pilothouse.kernel import clock
from pilothouse.kernel.records.judging import today
from pilothouse.kernel.records.kinds import kind_of, may_write
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import record_by_id, versions
from pilothouse.web.page import Request, page

PAGE = 50
HOME = "experience:my_ai"


@require_GET
@page("feedback.give")
def my_ai(request: Request) -> HttpResponse:
    """The tools one may use and for what, the rules to acknowledge, and what one reported and asked for."""
    who = me(request.actor)
    reported, asked = mine(request.actor, who)
    sets = rule_sets(request.actor, who)
    context = {
        "tools": tools(request.actor, who, clock.now()),
        "due": [one for one in sets if not one.done],
        "done": [one for one in sets if one.done],
        "reported": [(row, WRONG.get(row.body["wrong"], "")) for row in reported],
        "asked": asked,
        "may_acknowledge": request.actor.may("rules.acknowledge"),
    }
    return render(request, "experience/my_ai.html", context)


@require_http_methods(["GET", "POST"])
@page("feedback.give")
def report(request: Request) -> HttpResponse:
    """Report a bad answer of a tool that one may use."""
    mine_to_use = tools(request.actor, me(request.actor), clock.now())
    form = ReportForm(request.POST or None, initial={"number": request.GET.get("tool", "")}, tools=mine_to_use)

    def give(said: dict[str, Any]) -> None:
        feedback_give(
            actor=request.actor,
            number=said["number"],
            what=said["what"],
            wrong=said["wrong"],
            harm=said["harm"] == "yes",
            named=not said["unnamed"],
        )

    done = "Thank you. Whoever answers for the tool has been told, and replies here."
    unnamed = "Thank you. Whoever answers for the tool has been told, without your name."
    told = unnamed if form.is_bound and form.data.get("unnamed") else done
    return _sent(request, form, give, told, "experience/report.html", tools=mine_to_use)


@require_http_methods(["GET", "POST"])
@page("feedback.give")
def ask(request: Request) -> HttpResponse:
    """Ask for a tool."""
    form = AskForm(request.POST or None)

    def give(said: dict[str, Any]) -> None:
        tool_ask(actor=request.actor, tool=said["tool"], purpose=said["purpose"], data=said["goes_in"])

    return _sent(request, form, give, "Thank you. The answer will stand here.", "experience/ask.html")


@require_POST
@page("rules.acknowledge")
def acknowledge(request: Request, record_id: UUID) -> HttpResponse:
    """Acknowledge the rules in the version that was shown."""
    found: Record = Record.objects.get_of(request.actor, pk=record_id)
    try:
        rules_acknowledge(actor=request.actor, record=found, read_hash=request.POST.get("hash", ""))
    except (Conflict, Invalid) as error:
        messages.warning(request, error.detail)
    else:
        messages.success(request, f"Kept: you acknowledged “{found.key}”, version {found.version}.")
    return redirect(HOME, slug=request.organisation.slug)


@require_GET
@page("system.view")
def use(request: Request) -> HttpResponse:
    """The running systems with the newest figures of their use: what the domain's answer counts."""
    day = today(clock.now())
    ids = running(request.actor)
    newest = as_of(figures(request.actor, months_before(day, FRESH)), day)
    known = sorted((pk for pk in ids if pk in newest), key=lambda pk: newest[pk].active_share or 0)
    silent = [pk for pk in ids if pk not in newest]
    every = {"all": known + silent, "known": known, "unknown": silent}
    which = request.GET.get("show", "all")
    which = which if which in every else "all"
    labels = {"all": "All running systems", "known": "With figures", "unknown": "Without"}
    chosen = Paginator(every[which], PAGE).get_page(request.GET.get("page"))
    context = {
        "sums": sums(newest.values(), len(ids)),
        "tabs": [(key, labels[key], f"?show={key}", len(found)) for key, found in every.items()],
        "show": which,
        "page": chosen,
        "rows": shown(request.actor, list(chosen), newest),
    }
    return render(request, "experience/use.html", context)


@require_GET
@page("system.view")
def waiting(request: Request) -> HttpResponse:
    """Reports of bad answers: those that wait for a reply, the one that is due first first, or all; and requests."""
    every = reports(request.actor)
    open_ = sorted((one for one in every if one.due), key=lambda one: (one.due or one.on, one.on))
    lists: dict[str, tuple[str, list[Any]]] = {
        "open": ("To be replied to", open_),
        "all": ("All reports", every),
        "asked": ("Requests for a tool", tool_requests(request.actor)),
    }
    show = request.GET.get("show", "open")
    show = show if show in lists else "open"
    context = {
        "tabs": [(key, label, f"?show={key}", len(found)) for key, (label, found) in lists.items()],
        "show": show,
        "page": Paginator(lists[show][1], PAGE).get_page(request.GET.get("page")),
        "today": today(clock.now()),
        "may_reply": request.actor.may("record.write"),
        "may_answer": request.actor.scope("record.write").everywhere,
    }
    return render(request, "experience/reports.html", context)


@require_http_methods(["GET", "POST"])
@page("record.write")
def reply(request: Request, record_id: UUID) -> HttpResponse:
    """Reply to a report of a bad answer, or to a request for a tool."""
    found = record_by_id(request.actor, record_id)
    if found.kind not in (FEEDBACK, TOOL_REQUEST):
        raise NotFound
    if not may_write(request.actor, kind_of(found.kind), found.system):
        raise Forbidden("Whoever answers for the system replies to this.")
    if found.state == "superseded":  # a notice leads to what was reported, which may be replied to since
        found = next((one for one in versions(request.actor, found) if one.state == "sealed"), found)
    asked = found.kind == TOOL_REQUEST
    form = ReplyForm(request.POST or None, asked=asked)

    def give(said: dict[str, Any]) -> None:
        reply_give(actor=request.actor, record=found, **said)

    back = ("experience:reports", "?show=asked" if asked else "")
    context = {"record": found, "asked": asked, "wrong": WRONG.get(found.body.get("wrong", ""), "")}
    return _sent(request, form, give, "The reply is kept.", "experience/reply.html", back, **context)


@require_GET
@page("people.view")
def rules(request: Request) -> HttpResponse:
    """The rules of use with who has acknowledged which version, by unit."""
    return render(request, "experience/rules.html", {"counts": acknowledged(request.actor)})


def _sent(
    request: Request,
    form: forms.Form,
    give: Callable[[dict[str, Any]], None],
    told: str,
    template: str,
    back: tuple[str, str] = (HOME, ""),
    **more: Any,
) -> HttpResponse:
    """Show a form; when it is sent whole, do what it asks and go back. Nothing typed is lost."""
    if request.method == "POST" and form.is_valid():
        try:
            give(form.cleaned_data)
        except Invalid as error:
            for name, words in error.fields.items():
                form.add_error(name if name in form.fields else None, words)
            if not error.fields:
                form.add_error(None, error.detail)
        except Conflict as error:
            form.add_error(None, error.detail)
        except NotFound:
            form.add_error(None, "This tool is no longer there for you; choose another.")
        else:
            messages.success(request, told)
            return redirect(reverse(back[0], kwargs={"slug": request.organisation.slug}) + back[1])
    shown: HttpResponse = render(request, template, {"form": form, **more}, status=422 if form.is_bound else 200)
    return shown
