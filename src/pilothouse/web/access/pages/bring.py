"""People from a CSV file: choose it, see what it will do, confirm."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Conflict, Invalid, PilothouseError
from pilothouse.kernel.directory.roster import COLUMNS, LARGEST, Plan, plan, roster_apply
from pilothouse.web.access.forms import tell
from pilothouse.web.page import Request, page

SHOWN = 500


class BringForm(forms.Form):
    file = forms.FileField(label="CSV file", required=False, help_text=f"Columns: {', '.join(COLUMNS)}.")
    text = forms.CharField(
        label="Or paste it", required=False, strip=False, max_length=LARGEST, widget=forms.Textarea(attrs={"rows": 6})
    )
    absent_leave = forms.BooleanField(
        label="People with an external id who are not in the file have left",
        required=False,
        help_text="For a complete list out of the HR system.",
    )

    def content(self) -> str:
        """The file's text, or what was pasted. Raises Invalid."""
        upload = self.cleaned_data.get("file")
        if upload is None:
            return str(self.cleaned_data["text"])
        try:
            return str(upload.read(4 * LARGEST + 1).decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Invalid("The file is not UTF-8 text.", fields={"file": "Save it as CSV in UTF-8."}) from None


@require_http_methods(["GET", "POST"])
@page("people.manage")
def people_bring(request: Request) -> HttpResponse:
    """Upload, preview and carry out. The preview carries the text along, so nothing is kept on the server."""
    form = BringForm(request.POST or None, request.FILES or None)
    shown: Plan | None = None
    text = ""
    if request.method == "POST" and form.is_valid():
        absent = form.cleaned_data["absent_leave"]
        try:
            text = form.content()
            if "fingerprint" in request.POST:
                done = roster_apply(
                    actor=request.actor, text=text, fingerprint=request.POST["fingerprint"], absent_leave=absent
                )
                messages.success(request, _said(done))
                return redirect("access:people", slug=request.organisation.slug)
            shown = plan(request.actor, text, absent_leave=absent)
        except Conflict as error:
            messages.warning(request, error.detail)
            shown = plan(request.actor, text, absent_leave=absent)
        except PilothouseError as error:
            tell(form, error)
    context = {
        "form": form,
        "plan": shown,
        "lines": sorted(shown.lines, key=lambda line: line.deed == "unchanged")[:SHOWN] if shown else [],
        "text": text,
        "columns": COLUMNS,
    }
    return render(request, "access/people_bring.html", context, status=422 if form.errors else 200)


def _said(done: Plan) -> str:
    words = {"create": "added", "change": "changed", "leave": "left", "unchanged": "as before", "refused": "refused"}
    return ", ".join(f"{done.counts[deed]} {word}" for deed, word in words.items() if done.counts.get(deed)) + "."
