"""Measuring bias from a file, on a page of the system. Nothing is kept unless somebody asks for it."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.actions import bias_keep
from pilothouse.domains.governance.assessments.bias import STATES, interval, number, thresholds
from pilothouse.domains.governance.assessments.fairness.counts import UNKNOWN
from pilothouse.domains.governance.assessments.fairness.judging import State
from pilothouse.domains.governance.assessments.fairness.reading import Columns, read
from pilothouse.domains.governance.assessments.fairness.report import LEAST_SHOWN, Report, measure
from pilothouse.domains.governance.assessments.forms import MOST_ROWS, BiasForm
from pilothouse.domains.governance.assessments.needs import BIAS_POLICY
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.loaders import Sealed, latest_sealed
from pilothouse.web.page import Request, page

TONES = {State.BREACH: "bad", State.WATCH: "warn", State.INSUFFICIENT: "unknown", State.OK: "good"}


@require_http_methods(["GET", "POST"])
@page("system.view")
def bias(request: Request, number: int) -> HttpResponse:
    """The form, and below it what the last file said."""
    system = system_by_number(request.actor, number)
    policy: Sealed | None = latest_sealed(BIAS_POLICY)(system.organisation_id, [system.pk]).get(system.pk)
    asked = [one["metric"] for one in policy.body["measures"]] if policy else ["four_fifths", "statistical_parity"]
    form = BiasForm(request.POST or None, request.FILES or None, initial={"metrics": asked})
    report: Report | None = None
    if request.method == "POST" and form.is_valid():
        try:
            report, data = _measured(form, policy)
        except Invalid as error:
            for name, problem in (error.fields or {"": error.detail}).items():
                form.add_error(name if name in form.fields else None, f"{error.detail} {problem}".strip())
        else:
            if form.cleaned_data["keep"]:
                least = policy.body["withheld"] if policy else LEAST_SHOWN
                kept = bias_keep(actor=request.actor, system=system, report=report, data=data, least=least)
                messages.success(request, f"“{kept.title}” is kept. The rows of the file are not.")
                return redirect("evidence:detail", slug=request.organisation.slug, evidence_id=kept.pk)
    context = {
        "system": system,
        "form": form,
        "policy": policy,
        "report": report,
        "shown": _shown(report) if report else [],
        "may_keep": request.actor.may("evidence.add", system),
        "state": (STATES[report.state], TONES[report.state]) if report else None,
    }
    return render(request, "assessments/bias.html", context, status=422 if form.errors else 200)


def _measured(form: BiasForm, policy: Sealed | None) -> tuple[Report, bytes]:
    said = form.cleaned_data
    data: bytes = said["file"].read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("This is no text in UTF-8.", fields={"file": "Save it as CSV in UTF-8."}) from None
    columns = Columns(form.groups(), said["outcome"], said["truth"], said["score"], said["flipped"], said["favourable"])
    report = measure(
        read(io.StringIO(text), columns, MOST_ROWS),
        metrics=said["metrics"],
        asked=thresholds(policy.body if policy else None),
        reference=said["reference"],
        attribute=" × ".join(form.groups()),
        exclude=said["exclude"],
    )
    return report, data


def _shown(report: Report) -> list[dict[str, Any]]:
    """Each metric with its lines as the table has them. Whoever reads it has the file, so nothing is withheld."""
    return [
        {
            "metric": result.metric,
            "reference": result.reference,
            "bar": float(report.asked.bar(result.metric)),
            "chip": (STATES[result.state], TONES[result.state]),
            "rows": [
                {
                    "line": line,
                    "unknown": line.group == UNKNOWN,
                    "share": number(line.share.value) if line.share else "",
                    "value": number(line.compared.value) if line.compared else "",
                    "interval": interval(line.compared) if line.compared else "",
                    "p": number(line.adjusted) if line.compared else "",
                    "detectable": number(line.detectable) if line.detectable is not None else "",
                    "chip": (STATES[line.compared.state], TONES[line.compared.state]) if line.compared else None,
                }
                for line in result.lines
            ],
        }
        for result in report.results
    ]
