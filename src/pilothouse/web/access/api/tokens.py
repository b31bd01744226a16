"""Tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Status

from pilothouse.kernel.access.models import Token
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.selectors import tokens
from pilothouse.web.access.api.found import router
from pilothouse.web.access.api.schemas import (
    IssuedOut,
    TokenIn,
    TokenOut,
)
from pilothouse.web.api import ApiRequest, paged


@router.get("/tokens", response=list[TokenOut])
@paged()
def token_list(request: ApiRequest) -> Any:
    """One's own tokens; with token.manage, everyone's."""
    return tokens(request.actor)


@router.post("/tokens", response={201: IssuedOut})
def token_issue(request: ApiRequest, body: TokenIn, response: HttpResponse) -> Status[Any]:
    """Issue a token. Its secret is in this answer and nowhere else."""
    response["Cache-Control"] = "no-store"
    issued = do.token_issue(
        actor=request.actor, name=body.name, scopes=body.scopes, expires_at=body.expires_at, service=body.service
    )
    return Status(201, {"token": issued.token, "secret": issued.secret})


@router.post("/tokens/{token_id}/rotate", response=IssuedOut)
def token_rotate(request: ApiRequest, token_id: UUID, response: HttpResponse) -> dict[str, Any]:
    """Give a token a new secret; the old one stops at once."""
    response["Cache-Control"] = "no-store"
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    issued = do.token_rotate(actor=request.actor, token=token)
    return {"token": issued.token, "secret": issued.secret}


@router.post("/tokens/{token_id}/revoke", response=TokenOut)
def token_revoke(request: ApiRequest, token_id: UUID) -> Token:
    """Make a token worthless now."""
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    return do.token_revoke(actor=request.actor, token=token)
