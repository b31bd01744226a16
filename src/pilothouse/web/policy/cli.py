"""The gateway's policy on the command line: `pilothouse gateway …`."""

from __future__ import annotations

import json as json_
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from django.core.exceptions import ValidationError

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.contracts.policy.request import CHECK, CallRequest, key_hash, person_id
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.policy import selectors as read
from pilothouse.kernel.policy.actions import stops as stop
from pilothouse.kernel.policy.actions.caps import budget_end, budget_save
from pilothouse.kernel.policy.actions.keys import key_issue, key_revoke, key_rotate
from pilothouse.kernel.policy.actions.marking import document_mark, document_unmark
from pilothouse.kernel.policy.actions.routing import alias_save, price_add, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.files import place
from pilothouse.kernel.policy.models import Budget, GatewayKey, MarkedDocument, Stop, Upstream
from pilothouse.kernel.policy.publish import publish
from pilothouse.kernel.policy.rules import plain as rules_of
from pilothouse.kernel.traffic.effect import effect_of_rules
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.policy import running
from pilothouse.web.policy.cli_issuers import issuers
from pilothouse.web.policy.forms import read_target, write_target

gateway = typer.Typer(help="What may be called: keys, upstreams, models, budgets, stops.", no_args_is_help=True)
keys = typer.Typer(help="Keys of the gateway.", no_args_is_help=True)
upstreams = typer.Typer(help="Where models run.", no_args_is_help=True)
aliases = typer.Typer(help="Models by the name that callers ask for, and prices.", no_args_is_help=True)
budgets = typer.Typer(help="Hard caps in money.", no_args_is_help=True)
GROUPS = {"keys": keys, "upstreams": upstreams, "issuers": issuers, "aliases": aliases, "budgets": budgets}
for name, group in GROUPS.items():
    gateway.add_typer(group, name=name)

Ref = Annotated[str, typer.Argument(help="The system's number, such as S-42.")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Prefix = Annotated[str, typer.Argument(help="How the key begins, such as phk_1a2b3c4d.")]


@keys.command("list")
def key_list(org: Org, json: Json = False) -> None:
    """Live keys."""
    rows = read.keys(operator(org)).filter(revoked_at=None, expires_at__gt=now())
    emit(
        [{"prefix": key.prefix, "name": key.name, "system": key.system.ref, "expires": key.expires_at} for key in rows],
        json,
    )


@keys.command("issue")
def key_new(
    system: Ref,
    name: Annotated[str, typer.Argument(help="What uses it.")],
    org: Org,
    days: Annotated[int, typer.Option(help="For how many days.")] = 90,
    model: Annotated[list[str] | None, typer.Option(help="Only this model; may be repeated.")] = None,
    person: Annotated[str, typer.Option(help="any, told or verified: what must be known of the person.")] = "any",
    json: Json = False,
) -> None:
    """Issue a key and print it, this once."""
    actor, ends = operator(org), now() + timedelta(days=days)
    row = _system(actor, system)
    made = key_issue(actor=actor, system=row, name=name, expires_at=ends, models=model or None, person=person)
    emit({"key": made.text, "prefix": made.key.prefix, "expires": made.key.expires_at}, json)


@keys.command("rotate")
def key_rotation(
    prefix: Prefix,
    org: Org,
    grace_hours: Annotated[int, typer.Option(help="How long the old key still works.")] = 24,
    json: Json = False,
) -> None:
    """Issue a successor with the same rights and print it, this once."""
    actor = operator(org)
    made = key_rotate(actor=actor, key=_key(actor, prefix), grace_hours=grace_hours)
    emit({"key": made.text, "prefix": made.key.prefix, "expires": made.key.expires_at}, json)


@keys.command("revoke")
def key_end(prefix: Prefix, org: Org, reason: Why, json: Json = False) -> None:
    """End a key at once."""
    actor = operator(org)
    key = key_revoke(actor=actor, key=_key(actor, prefix), reason=reason)
    emit({"revoked": key.prefix}, json)


@upstreams.command("list")
def upstream_list(org: Org, json: Json = False) -> None:
    """Every upstream."""
    shown = ("name", "base_url", "dialect", "region", "active")
    emit([{field: getattr(row, field) for field in shown} for row in read.upstreams(operator(org))], json)


@upstreams.command("save")
def upstream_put(
    name: Annotated[str, typer.Argument(help="Small letters, digits, hyphens.")],
    org: Org,
    url: Annotated[str | None, typer.Option(help="Up to where the endpoint begins.")] = None,
    dialect: Annotated[str | None, typer.Option(help="openai or anthropic.")] = None,
    secret: Annotated[str | None, typer.Option(help="env:NAME or file:NAME; never the secret.")] = None,
    auth: Annotated[str | None, typer.Option(help="bearer, x-api-key, api-key or none.")] = None,
    region: Annotated[str | None, typer.Option(help="Such as eu.")] = None,
    json: Json = False,
) -> None:
    """Add an upstream, or change what is said of the one of that name."""
    said = {"base_url": url, "dialect": dialect, "secret": secret, "auth": auth, "region": region}
    facts = {key: value for key, value in said.items() if value is not None}
    row = upstream_save(actor=operator(org), name=name, facts=facts)
    emit({"name": row.name, "version": row.version}, json)


@aliases.command("list")
def alias_list(org: Org, json: Json = False) -> None:
    """Every model, and what answers."""
    rows = read.aliases(operator(org))
    emit(
        [
            {
                "name": row.name,
                "answers": row.replaced_by or ", ".join(write_target(target) for target in row.targets),
                "active": row.active,
            }
            for row in rows
        ],
        json,
    )


@aliases.command("save")
def alias_put(
    name: Annotated[str, typer.Argument(help="The name that callers ask for.")],
    org: Org,
    target: Annotated[list[str] | None, typer.Option(help="“upstream/model [weight] [fallback]”; repeat it.")] = None,
    replaced_by: Annotated[str | None, typer.Option(help="Retire it in favour of this model.")] = None,
    max_output: Annotated[int | None, typer.Option(help="Put into calls that name no maximum.")] = None,
    json: Json = False,
) -> None:
    """Offer a model, or change what answers by its name."""
    facts: dict[str, Any] = {} if target is None else {"targets": [_target(line) for line in target]}
    facts |= {} if replaced_by is None else {"replaced_by": replaced_by}
    facts |= {} if max_output is None else {"max_output": max_output}
    row = alias_save(actor=operator(org), name=name, facts=facts)
    emit({"name": row.name, "version": row.version}, json)


@aliases.command("price")
def price_new(
    target: Annotated[str, typer.Argument(help="upstream/model")],
    org: Org,
    input: Annotated[str, typer.Option(help="A million input tokens.")],  # noqa: A002 - what the command line calls it
    output: Annotated[str, typer.Option(help="A million output tokens.")],
    currency: Annotated[str, typer.Option(help="The organisation's unless said.")] = "",
    rate: Annotated[str, typer.Option(help="What one of it costs in the organisation's.")] = "1",
    json: Json = False,
) -> None:
    """Say what a model costs from now on."""
    actor, (upstream, _, model) = operator(org), target.partition("/")
    row = Upstream.objects.get_of(actor, name=upstream)
    amounts = {"input": _money(input), "output": _money(output)}
    made = price_add(actor=actor, upstream=row, model=model, amounts=amounts, currency=currency, rate=_money(rate))
    emit({"price": str(made), "from": made.valid_from}, json)


@budgets.command("list")
def budget_list(org: Org, json: Json = False) -> None:
    """Caps in force."""
    rows = read.budgets(operator(org))
    emit(
        [
            {"name": row.name, "scope": row.scope, "scope_id": row.scope_id, "window": row.window, "cap": row.cap}
            for row in rows
        ],
        json,
    )


@budgets.command("save")
def budget_put(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    cap: Annotated[str, typer.Argument(help="At most, in the organisation's currency.")],
    window: Annotated[str, typer.Argument(help="hour, day or month")],
    org: Org,
    system: Annotated[str, typer.Option(help="Cap this system, such as S-42.")] = "",
    unit: Annotated[str, typer.Option(help="Cap this unit, by its name.")] = "",
    key: Annotated[str, typer.Option(help="Cap this key, by how it begins.")] = "",
    json: Json = False,
) -> None:
    """Add a cap or change the one of that name; with no scope it caps the organisation."""
    actor = operator(org)
    row = budget_save(
        actor=actor,
        name=name,
        cap=_money(cap),
        window=window,
        system=_system(actor, system) if system else None,
        unit=Unit.objects.get_of(actor, name=unit) if unit else None,
        key=_key(actor, key) if key else None,
    )
    emit({"name": row.name, "cap": row.cap, "window": row.window, "version": row.version}, json)


@budgets.command("end")
def budget_stop(name: Annotated[str, typer.Argument()], org: Org, reason: Why, json: Json = False) -> None:
    """Take a cap away."""
    actor = operator(org)
    row = budget_end(actor=actor, budget=Budget.objects.get_of(actor, name=name, active=True), reason=reason)
    emit({"ended": row.name}, json)


@gateway.command()
def policy(
    system: Ref,
    org: Org,
    set_: Annotated[Path | None, typer.Option("--set", help="A JSON file with the rules to set.")] = None,
    try_: Annotated[bool, typer.Option("--try", help="With --set: only say what it would have refused.")] = False,
    json: Json = False,
) -> None:
    """What one system's calls may do; with --set, set it, or --try it on last week's calls (exit code 1: refusals)."""
    actor = operator(org)
    row = _system(actor, system)
    if set_ is not None:
        try:
            body = json_.loads(set_.read_text())
        except (OSError, ValueError) as error:
            raise Invalid(f"{set_} cannot be read as JSON.") from error
        if try_:
            effect = effect_of_rules(actor, row, body, now())
            told = {"calls": effect.calls, "would_refuse": effect.total, "would_hold": effect.held}
            emit(told | {"because": effect.refused}, json)
            finish(1 if effect.total else 0)
        system_policy_save(actor=actor, system=row, body=body)
    rules, version = read.setting_of(row)
    emit({"system": row.ref, "version": version, "rules": rules_of(rules)}, json)


@gateway.command()
def mark(
    title: Annotated[str, typer.Argument(help="What the document is.")],
    file: Annotated[Path, typer.Argument(help="Its plain text in UTF-8.")],
    org: Org,
    json: Json = False,
) -> None:
    """Recognise a document's passages in prompts and answers. Its text is not kept."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read.") from error
    row = document_mark(actor=operator(org), title=title, data=data)
    emit({"marked": row.title, "fingerprints": row.count}, json)


@gateway.command()
def unmark(title: Annotated[str, typer.Argument(help="As it was marked.")], org: Org, reason: Why) -> None:
    """Recognise a document no more."""
    actor = operator(org)
    document_unmark(actor=actor, document=MarkedDocument.objects.get_of(actor, title=title), reason=reason)
    emit({"unmarked": title}, False)


@gateway.command()
def marked(org: Org, json: Json = False) -> None:
    """Documents that are recognised."""
    rows = read.marked_documents(operator(org))
    emit([{"title": row.title, "fingerprints": row.count, "marked": row.marked_at} for row in rows], json)


@gateway.command()
def suspend(
    what: Annotated[str, typer.Argument(help="organisation, system:S-42, key:PREFIX, model:NAME or upstream:NAME")],
    org: Org,
    reason: Why,
    json: Json = False,
) -> None:
    """Stop at once; every gateway in touch obeys within two seconds."""
    actor, (kind, _, name) = operator(org), what.partition(":")
    if kind == "organisation":
        row = stop.suspend_organisation(actor=actor, reason=reason)
    elif kind == "system":
        row = stop.suspend_system(actor=actor, system=_system(actor, name), reason=reason)
    elif kind == "key":
        row = stop.suspend_key(actor=actor, key=_key(actor, name), reason=reason)
    elif kind == "model":
        row = stop.suspend_model(actor=actor, name=name, reason=reason)
    elif kind == "upstream":
        row = stop.suspend_upstream(actor=actor, upstream=Upstream.objects.get_of(actor, name=name), reason=reason)
    else:
        raise Invalid(f"“{what}”: write organisation, system:…, key:…, model:… or upstream:….")
    emit({"stopped": what, "id": str(row.pk)}, json)


@gateway.command()
def stops(org: Org, json: Json = False) -> None:
    """What is stopped now."""
    rows = read.stops(operator(org)).filter(lifted_at=None)
    emit([{"id": str(row.pk), "what": row.title, "reason": row.reason, "since": row.since} for row in rows], json)


@gateway.command()
def lift(stop_id: Annotated[str, typer.Argument(help="As `stops` lists it.")], org: Org, reason: Why) -> None:
    """Let run again what was stopped."""
    actor = operator(org)
    row = stop.stop_lift(actor=actor, stop=Stop.objects.get_of(actor, pk=stop_id), reason=reason)
    emit({"lifted": row.title}, False)


@gateway.command()
def evaluate(
    key: Annotated[str, typer.Argument(help="The key, or how it begins.")],
    org: Org,
    model: Annotated[str, typer.Option(help="The model that is asked for.")] = "",
    endpoint: Annotated[str, typer.Option(help="chat, responses, embeddings, messages or check.")] = CHECK,
    purpose: Annotated[str, typer.Option()] = "",
    data_class: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    decision: Annotated[str, typer.Option()] = "",
    person: Annotated[str, typer.Option(help="On whose behalf: an e-mail address.")] = "",
    verified: Annotated[bool, typer.Option("--verified", help="As if a token of their own had shown it.")] = False,
    agent: Annotated[str, typer.Option()] = "",
    json: Json = False,
) -> None:
    """What a gateway would say to a call. Exit code 1 when it would refuse."""
    actor = operator(org)
    row = GatewayKey.objects.of(actor).filter(prefix=key).first()
    call = CallRequest(
        key=row.hash if row else key_hash(key),
        endpoint=endpoint,
        model=model,
        purpose=purpose,
        data_classes=frozenset(data_class or ()),
        decision=decision,
        person=person_id(str(actor.organisation_id), person),
        person_verified=verified,
        agent=agent,
    )
    judged = read.verdict(actor, call)
    words = judged.reason if judged.allow else f"{judged.code}: {judged.reason}\nWhat would change it: {judged.change}"
    emit(judged.plain(), json, words)
    finish(0 if judged.allow else 1)


@gateway.command()
def snapshot(
    org: Org,
    renew: Annotated[bool, typer.Option("--renew", help="Compile and sign it now.")] = False,
    json: Json = False,
) -> None:
    """The policy that gateways hold: its revision, its end, and the file."""
    actor = operator(org)
    if renew:
        publish(actor.organisation_id)
    head = read.publication(actor)
    if head is None:
        raise NotFound("Nothing is published yet: use --renew.")
    file = place(str(actor.organisation_id), Snapshot)
    data = {"revision": head.revision, "issued_at": head.issued_at, "not_after": head.not_after, "digest": head.digest}
    emit(plain({**data, "file": str(file), "there": file.exists()}), json)


def _system(actor: Actor, ref: str) -> System:
    digits = ref.upper().removeprefix("S-")
    if not digits.isdigit():
        raise Invalid(f"“{ref}” is no system's number. Write it like S-42.")
    return system_by_number(actor, int(digits))


def _key(actor: Actor, prefix: str) -> GatewayKey:
    key: GatewayKey = GatewayKey.objects.of(actor).select_related("system").get_of(actor, prefix=prefix)
    return key


def _target(line: str) -> dict[str, Any]:
    try:
        return read_target(line)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error


def _money(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise Invalid(f"“{text}” is no amount.") from error


gateway.command("run")(running.run)
COMMANDS = {"gateway": gateway}
