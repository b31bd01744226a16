"""May this call be made? One pure function says so, for the gateway, for `POST /v1/evaluate` and for *what-if*.

Deny by default: whatever is missing, unknown or out of date refuses. The steps are asked in order and the first that
refuses ends it; each only ever narrows what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pilothouse.contracts.policy.request import CHECK, CallRequest, Limit, Route, Verdict
from pilothouse.contracts.policy.snapshot import (
    ANY,
    IN_TOUCH_SECONDS,
    Alias,
    Budget,
    KeyPolicy,
    Limits,
    Snapshot,
    Suspensions,
    SystemPolicy,
    Target,
)

HOPS = 5  # a replacement may itself be replaced, so often at most
NO_LIMITS = Limits()

Refusal = tuple[str, str, str, str]
"""code, reason, what would change it, path of the page where (after `/o/<slug>/`)"""


class Case:
    """One call on its way through the steps: what is known so far."""

    __slots__ = (
        "alias", "budgets", "data", "hold", "key", "now", "purpose", "request", "routes", "snapshot", "stops", "system",
    )  # fmt: skip

    key: KeyPolicy
    system: SystemPolicy
    alias: Alias | None
    routes: tuple[Target, ...]
    budgets: tuple[Budget, ...]

    def __init__(self, snapshot: Snapshot, stops: Suspensions, request: CallRequest, now: datetime) -> None:
        self.snapshot, self.stops, self.request, self.now = snapshot, stops, request, now
        self.alias, self.routes, self.hold = None, (), False
        self.purpose, self.data = request.purpose, request.data_classes


def evaluate(
    snapshot: Snapshot | None, suspensions: Suspensions | None, request: CallRequest, now: datetime
) -> Verdict:
    """The verdict on one call at `now` (aware). None for either document means that none was ever verified."""
    if snapshot is None or suspensions is None or snapshot.organisation != suspensions.organisation:
        return Verdict(False, 0, "no_policy", NO_POLICY, "Start the control plane once so that it signs one.")
    if now >= snapshot.not_after:
        why = "The policy that this gateway holds is out of date, so nothing may be called."
        return Verdict(False, snapshot.revision, "policy_expired", why, "The control plane must run to renew it.")
    case = Case(snapshot, suspensions, request, now)
    for name, step in STEPS:
        refusal = step(case)
        if refusal is not None:
            return _refused(case, name, refusal)
    return Verdict(
        True,
        snapshot.revision,
        reason=f"{case.system.name} ({case.system.ref}) may make this call. {case.system.because}".rstrip(),
        system=case.system,
        key=case.key,
        alias=case.alias,
        purpose=case.purpose,
        data_classes=case.data,
        routes=tuple(Route(target, snapshot.price_at(target, now)) for target in case.routes),
        budgets=case.budgets,
        limits=_limits(case),
        hold=case.hold,
    )


def _refused(case: Case, step: str, refusal: Refusal) -> Verdict:
    code, reason, change, page = refusal
    return Verdict(
        False,
        case.snapshot.revision,
        code,
        reason,
        change,
        f"/o/{case.snapshot.slug}/{page}" if page else "",
        step,
        system=getattr(case, "system", None),
        key=getattr(case, "key", None),
        alias=case.alias,
        purpose=case.purpose,
        data_classes=case.data,
    )


def _limits(case: Case) -> tuple[Limit, ...]:
    both = (Limit("key", case.key.id, case.key.limits), Limit("system", case.system.id, case.system.limits))
    return tuple(limit for limit in both if limit.limits != NO_LIMITS)


def _key(case: Case) -> Refusal | None:
    key = case.snapshot.keys.get(case.request.key)
    if key is None:
        return "unknown_key", "This key is not known here: it was never issued, or it was revoked.", ASK_KEY, ""
    case.key = key
    if key.expires_at is not None and case.now >= key.expires_at:
        return "key_expired", f"The key expired on {key.expires_at:%-d %B %Y}.", ASK_KEY, KEYS
    stop = case.stops.of("organisation", case.snapshot.organisation)
    if stop is not None:
        return "organisation_suspended", f"All calls are stopped: {_sentence(stop.reason)}", LIFT, STOPS
    stop = case.stops.of("key", key.id)
    if stop is not None:
        return "key_suspended", f"The key is stopped: {_sentence(stop.reason)}", LIFT, STOPS
    return None


def _caller(case: Case) -> Refusal | None:
    key, request = case.key, case.request
    if request.person_problem:
        change = "Send a token that an issuer of this organisation signed for it, or none."
        return "person_unverified", f"The person's token does not count: {request.person_problem}", change, ISSUERS
    if key.person != "any" and not request.person:
        change = "Say on whose behalf the call is made."
        return "person_missing", "This key may be used only on behalf of a named person.", change, KEYS
    if key.person == "verified" and not request.person_verified:
        change = "Send the person's own identity token."
        return "person_missing", "Who the person is must be shown by a token, not only told.", change, KEYS
    if key.persons is not None and request.person not in key.persons:
        return "person_refused", "The key may not be used on behalf of this person.", ASK_WIDER_KEY, KEYS
    if key.agents is not None and request.agent not in key.agents:
        who = f"the agent “{request.agent}”" if request.agent else "an agent that is not named"
        return "agent_refused", f"The key may not be used by {who}.", ASK_WIDER_KEY, KEYS
    return None


def _system(case: Case) -> Refusal | None:
    system = case.snapshot.systems.get(case.key.system)
    if system is None:
        return "unknown_system", "The key belongs to no system that is known here.", ASK_KEY, KEYS
    case.system = system
    page = f"systems/{system.number}/"
    if system.stop == "prohibited":
        return "system_prohibited", f"{system.ref} may not run. {system.because}", "Nothing: it is prohibited.", page
    stop = case.stops.of("system", system.id)
    if stop is not None:
        return "system_suspended", f"{system.ref} is stopped: {_sentence(stop.reason)}", LIFT, STOPS
    if system.stop == "suspended":
        return "system_suspended", f"{system.ref} may not run. {system.because}", "Its suspension is lifted.", page
    if system.high_risk and (case.now - case.stops.issued_at).total_seconds() > IN_TOUCH_SECONDS:
        why = f"{system.ref} is of high risk, and this gateway has lost touch with those who could stop it."
        return "out_of_touch", why, "The control plane runs and reaches this gateway again.", page
    return None


def _stage(case: Case) -> Refusal | None:
    system = case.system
    page = f"systems/{system.number}/gates/"
    if system.stop:
        return "stage", f"{system.ref} may not run. {system.because}", "It passes the gate into its stage.", page
    if system.until is not None and case.now >= system.until:
        why = f"The permission of {system.ref} to run ended on {system.until:%-d %B %Y at %H:%M} UTC."
        return "stage", why, "It passes the gate into its stage.", page
    return None


def _model(case: Case) -> Refusal | None:
    if not case.request.model and case.request.endpoint == CHECK:
        return None
    refusal = _resolve(case)
    alias = case.alias
    if refusal is not None or alias is None:
        return refusal
    allowed, key_models = case.system.models, case.key.models
    if ANY not in allowed and alias.name not in allowed:
        why = f"{case.system.ref} may not use the model “{alias.name}”."
        return "model_refused", why, "The model is added to the system's policy.", _policy(case)
    if key_models is not None and alias.name not in key_models:
        return "model_refused", f"This key may not use the model “{alias.name}”.", ASK_WIDER_KEY, KEYS
    if alias.endpoints is not None and case.request.endpoint not in (CHECK, *alias.endpoints):
        why = f"The model “{alias.name}” is not offered at {case.request.endpoint}."
        return "endpoint_refused", why, "Call an endpoint that the model is offered at.", MODELS
    return _reachable(case, alias)


def _resolve(case: Case) -> Refusal | None:
    """Find the alias that answers, following replacements; a stop on any name on the way counts."""
    name = case.request.model
    for _ in range(HOPS):
        stop = case.stops.of("model", name)
        if stop is not None:
            return "model_suspended", f"The model “{name}” is stopped: {_sentence(stop.reason)}", LIFT, STOPS
        alias = case.snapshot.aliases.get(name)
        if alias is None:
            break
        if not alias.replaced_by:
            case.alias = alias
            return None
        name = alias.replaced_by
    why = f"There is no model “{name}” here." if name else "The call names no model."
    return "unknown_model", why, "Ask for a model that this organisation offers.", MODELS


def _reachable(case: Case, alias: Alias) -> Refusal | None:
    """Leave out targets whose upstream or own model is stopped."""
    stopped = ""
    found = []
    for target in alias.targets:
        if target.upstream not in case.snapshot.upstreams:
            continue
        stop = case.stops.of("upstream", target.upstream) or case.stops.of("model", target.model)
        if stop is None:
            found.append(target)
        else:
            stopped = stop.reason
    case.routes = tuple(found)
    if found:
        return None
    if stopped:
        return (
            "model_suspended",
            f"Everything that answers for “{alias.name}” is stopped: {_sentence(stopped)}",
            LIFT,
            STOPS,
        )
    return "no_upstream", f"Nothing answers for “{alias.name}”.", "A target is added to the model.", MODELS


def _region(case: Case) -> Refusal | None:
    permitted, wished = case.system.regions, case.request.regions
    if permitted is None and wished is None:
        return None
    upstreams = case.snapshot.upstreams
    left = tuple(
        target
        for target in case.routes
        if (permitted is None or upstreams[target.upstream].region in permitted)
        and (wished is None or upstreams[target.upstream].region in wished)
    )
    if case.routes and not left:
        where = ", ".join(sorted(permitted if permitted is not None else wished or ())) or "nowhere"
        why = f"The call may be answered only in: {where}. No upstream of this model is there."
        return "region_refused", why, "The model gets an upstream there, or the region is permitted.", _policy(case)
    case.routes = left
    return None


def _purpose(case: Case) -> Refusal | None:
    permitted = case.system.purposes
    case.purpose = case.request.purpose or case.system.purpose
    if permitted is None or case.purpose in permitted:
        return None
    if not case.purpose:
        change = f"Say the purpose: {', '.join(sorted(permitted)) or 'none is permitted'}."
        return "purpose_missing", f"{case.system.ref} must say for what purpose it calls.", change, _policy(case)
    why = f"{case.system.ref} may not be used for “{case.purpose}”."
    return "purpose_refused", why, "The purpose is added to the system's policy.", _policy(case)


def _data(case: Case) -> Refusal | None:
    permitted = case.system.data_classes
    if not case.data and case.system.data_class:
        case.data = frozenset((case.system.data_class,))
    if permitted is not None:
        if not case.data:
            change = f"Say the class: {', '.join(sorted(permitted)) or 'none is permitted'}."
            return "data_class_missing", f"{case.system.ref} must say what data it sends.", change, _policy(case)
        beyond = case.data - permitted
        if beyond:
            why = f"{case.system.ref} may not send data of the class “{min(beyond)}”."
            return "data_class_refused", why, "The class is added to the system's policy.", _policy(case)
    return _data_upstream(case)


def _data_upstream(case: Case) -> Refusal | None:
    """Leave out upstreams that may not get this data; one that is picky gets nothing undeclared."""
    upstreams = case.snapshot.upstreams
    left = []
    for target in case.routes:
        takes = upstreams[target.upstream].data_classes
        if takes is None or (case.data and case.data <= takes):
            left.append(target)
    if case.routes and not left:
        if not case.data:
            change = "Say what class of data the call sends."
            return "data_class_missing", "No upstream of this model takes data of an unsaid class.", change, UPSTREAMS
        why = f"No upstream of this model may get data of the class “{', '.join(sorted(case.data))}”."
        return "data_class_refused", why, "Another model, or the class is permitted at the upstream.", UPSTREAMS
    case.routes = tuple(left)
    return None


def _size(case: Case) -> Refusal | None:
    most = case.system.inspection.max_prompt_bytes
    if most is not None and case.request.size > most:
        why = f"The request has {case.request.size:,} bytes; {case.system.ref} may send {most:,}."
        return "too_large", why, "Send less, or the maximum is raised.", _policy(case)
    return None


def _human(case: Case) -> Refusal | None:
    rules, decision = case.system.human, case.request.decision
    if not decision:
        return None
    rule = rules.get(decision) or rules.get(ANY)
    if rule == "refuse":
        why = f"“{decision}” is a decision that a human must make."
        return "human_required", why, "A person decides; no call may.", "human-decisions/"
    case.hold = rule == "hold"
    return None


def _price(case: Case) -> Refusal | None:
    """Where a cap holds, only what has a price may be called: the worst case must be known to be reserved."""
    case.budgets = case.snapshot.budgets_of(case.key)
    if not case.routes or not case.budgets:
        return None
    left = tuple(target for target in case.routes if case.snapshot.price_at(target, case.now) is not None)
    if not left:
        why = "A budget applies, and nobody has said what this model costs."
        return "unpriced", why, "Its price is entered (zero is a price).", MODELS
    case.routes = left
    return None


def _sentence(words: str) -> str:
    """A person's own words, ended as a sentence."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _policy(case: Case) -> str:
    return f"systems/{case.system.number}/policy/"


NO_POLICY = "This gateway holds no policy that it could verify, so nothing may be called."
ASK_KEY = "A key is issued for the system."
ASK_WIDER_KEY = "A key is issued that permits it."
LIFT = "The stop is lifted."
KEYS, MODELS, UPSTREAMS, STOPS = "gateway/keys/", "gateway/models/", "gateway/upstreams/", "gateway/stops/"
ISSUERS = "gateway/issuers/"

# In this order. The names are what the *what-if* page calls them.
STEPS: tuple[tuple[str, Callable[[Case], Refusal | None]], ...] = (
    ("The key", _key),
    ("On whose behalf", _caller),
    ("The system", _system),
    ("Its stage", _stage),
    ("The model", _model),
    ("Region", _region),
    ("Purpose", _purpose),
    ("Data", _data),
    ("Size", _size),
    ("Decisions of humans", _human),
    ("Price", _price),
)
