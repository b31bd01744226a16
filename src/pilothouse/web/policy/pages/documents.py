"""Marked documents: whose passages are recognised, and whose text is kept nowhere."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.policy.actions.marking import MOST_PRINTS, document_mark, document_unmark
from pilothouse.kernel.policy.models import MarkedDocument
from pilothouse.kernel.policy.selectors import marked_documents
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import MarkForm
from pilothouse.web.policy.pages.frame import saved, status, tabs


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def document_list(request: Request) -> HttpResponse:
    """Every marked document, and the form for a new one."""
    form = MarkForm(request.POST or None, request.FILES or None)
    made = saved(
        request,
        "gateway.manage",
        form,
        lambda: document_mark(
            actor=request.actor, title=form.cleaned_data["title"], data=form.cleaned_data["file"].read()
        ),
    )
    if made is not None:
        messages.success(request, f"“{made.title}” is recognised from now on. Its text was not kept.")
        return redirect("policy:documents", slug=request.organisation.slug)
    rows = list(marked_documents(request.actor))
    context = {
        "tabs": tabs(request),
        "rows": rows,
        "used": sum(row.count for row in rows),
        "most": MOST_PRINTS,
        "form": form,
    }
    return render(request, "policy/documents.html", context, status=status(form))


@require_POST
@page("gateway.manage")
def unmark(request: Request, document_id: UUID) -> HttpResponse:
    """Recognise a document no more."""
    document: MarkedDocument = MarkedDocument.objects.get_of(request.actor, pk=document_id)
    try:
        document_unmark(actor=request.actor, document=document, reason=request.POST.get("reason", ""))
        messages.success(request, f"“{document.title}” is not recognised any more.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("policy:documents", slug=request.organisation.slug)
