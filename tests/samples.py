"""One real object of Harbour for every parameter that a route may have.

A route with a parameter that is not named here fails the outsider's walk: add the object to `SAMPLES`. A key is the
parameter's name, or `<room>.<parameter>` where rooms mean different things by one name
(`api.<room>.<parameter>` where a room's API means something else than its pages).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from pilothouse.contracts.policy.texts import Held, Kept, Kind, Label, Piece
from pilothouse.domains.experience.actions import tool_ask
from pilothouse.domains.governance.duties import actions as duties
from pilothouse.domains.governance.duties.models import Case, Inquiry
from pilothouse.domains.governance.frameworks.actions import control_save, framework_save
from pilothouse.domains.governance.frameworks.documents import control_of, framework_of
from pilothouse.domains.governance.pack.actions import packs_request
from pilothouse.domains.governance.pack.models import Pack
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.base import new_id
from pilothouse.kernel.checks.actions import rulebook_adopt, rulebook_draft
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.decisions.register import human_only_add
from pilothouse.kernel.directory import actions as directory
from pilothouse.kernel.directory.power import power_request
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.gates.actions.breakglass import breakglass_open
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.waivers import waiver_request
from pilothouse.kernel.gates.models import Incident
from pilothouse.kernel.imports.actions import import_preview
from pilothouse.kernel.imports.models import Source
from pilothouse.kernel.imports.tests.files import file_2024, row_2024
from pilothouse.kernel.inventory import actions as inventory
from pilothouse.kernel.inventory.models import CustomField, DuplicateProposal, SavedView, System
from pilothouse.kernel.ledger.actions import checkpoint_make
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.delivery import webhooks_tick
from pilothouse.kernel.notify.models import Delivery, Notice
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.notify.outlets import outlet_add
from pilothouse.kernel.policy.actions.caps import budget_save
from pilothouse.kernel.policy.actions.issuers import issuer_save
from pilothouse.kernel.policy.actions.keys import key_issue
from pilothouse.kernel.policy.actions.marking import document_mark
from pilothouse.kernel.policy.actions.routing import alias_save, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.actions.stops import suspend_organisation
from pilothouse.kernel.policy.publish import publish
from pilothouse.kernel.records.actions import record_draft
from pilothouse.kernel.requests.actions import request_send
from pilothouse.kernel.reviews.actions import reviews_take_in
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic.actions import usage_observe
from pilothouse.kernel.traffic.observed.seen import Seen
from pilothouse.kernel.traffic.selectors import asked_period, calls

# Stands in every text of Harbour's, so that a leak of any of it is found by one word.
MARK = "Kelpwood"


class Harbour:
    """Harbour with something of everything in it, each made when first asked for."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast

    @cached_property
    def caio(self) -> Actor:
        return self.cast.actor("caio")  # type: ignore[no-any-return]

    @cached_property
    def unit(self) -> Any:
        return directory.unit_add(actor=self.caio, name=f"{MARK} quay", parent=None)

    @cached_property
    def system(self) -> System:
        """A system whose number Elsewhere does not have."""
        made = inventory.system_create(
            actor=self.caio, name=f"{MARK} planner", purpose=f"{MARK} purpose", owner_id=self.cast.people["alice"].pk
        )
        System.objects.filter(pk=made.pk).update(number=4217)
        return System.objects.get(pk=made.pk)

    @cached_property
    def person(self) -> Any:
        return directory.person_add(actor=self.caio, name=f"{MARK} person", email="kelp@harbour.example")

    @cached_property
    def membership(self) -> Membership:
        return Membership.objects.get(person=self.cast.people["bob"])

    @cached_property
    def deputy(self) -> Any:
        return directory.deputy_appoint(
            actor=self.caio, person=self.cast.people["caio"], deputy=self.cast.people["bob"], reason=MARK,
            starts_at=timezone.now() + timedelta(days=90), ends_at=timezone.now() + timedelta(days=91),
        )  # fmt: skip

    @cached_property
    def token(self) -> Any:
        ends = timezone.now() + timedelta(days=9)
        return directory.token_issue(actor=self.caio, name=MARK, scopes=["system.view"], expires_at=ends).token

    @cached_property
    def notice(self) -> Notice:
        notify([self.cast.people["caio"]], f"{MARK} notice", "/o/harbour/")
        return Notice.objects.get(text=f"{MARK} notice")

    @cached_property
    def outlet(self) -> Any:
        made = outlet_add(actor=self.caio, title=MARK, actions=["*"], url="https://kelpwood.invalid/")
        _ = self.system
        return made

    @cached_property
    def delivery(self) -> Delivery:
        outlet = self.outlet
        human_only_add(actor=self.caio, title=f"{MARK} again", why=MARK)
        webhooks_tick(timezone.now())
        return Delivery.objects.filter(outlet=outlet).first()  # type: ignore[return-value]

    @cached_property
    def decision(self) -> Any:
        role = self.cast.people["ciso"].memberships.get().role
        return power_request(actor=self.caio, person=self.person, role=role, reason=f"{MARK} reason")

    @cached_property
    def human_only(self) -> Any:
        return human_only_add(actor=self.caio, title=f"{MARK} decision", why=MARK)

    @cached_property
    def entry(self) -> Entry:
        entry = Entry.objects.get(subject_id=self.system.pk, action="system.created")
        checkpoint_make(actor=self.caio)
        return entry

    @cached_property
    def evidence(self) -> Any:
        return evidence_add(
            actor=self.caio, system=self.system, title=f"{MARK} test", filename="kelp.txt", data=MARK.encode()
        )

    @cached_property
    def batch(self) -> Any:
        data = file_2024(row_2024(use_case_name=f"{MARK} import"), row_2024(use_case_name=""))
        return import_preview(actor=self.caio, adapter="us-federal-2024", filename="kelp.csv", data=data)

    @cached_property
    def review(self) -> Review:
        """An answer that a gateway held."""
        store.write(self._label("held"), Held(why="every", endpoint="chat", body=b"{}", answer=(Piece("a", MARK),)))
        reviews_take_in(actor=system_actor(self.cast.organisation.pk))
        return Review.objects.get(system=self.system)

    @cached_property
    def stored_call(self) -> str:
        """A call whose text is stored."""
        label = self._label("kept")
        system_policy_save(actor=self.caio, system=self.system, body={"storage": {"on": True}})
        store.write(label, Kept(prompt=(Piece("a", MARK),)))
        return label.call

    def _label(self, kind: Kind) -> Label:
        organisation = str(self.cast.organisation.pk)
        return Label(
            kind=kind, organisation=organisation, call=str(new_id()), at=timezone.now(), system=str(self.system.pk)
        )

    @cached_property
    def call(self) -> str:
        """A call that was seen in a log. Elsewhere must not be told of it, whoever guesses its number."""
        seen = Seen(1, f"{MARK} call", timezone.now() - timedelta(minutes=1), model=f"{MARK} model")
        usage_observe(actor=self.caio, seen=[seen], source="import", system=self.system)
        rows, _ = calls(self.caio, asked_period(self.caio, timezone.now()), {"system": str(self.system.pk)}, 1)
        return str(rows[0]["call"])

    @cached_property
    def source(self) -> Source:
        return Source.objects.create(
            organisation=self.cast.organisation, kind="jira", name=f"{MARK} tracker", url="https://kelpwood.invalid/"
        )

    @cached_property
    def request(self) -> Any:
        keys = ("outcome", "practice:monitoring")
        return request_send(actor=self.caio, title=f"{MARK} request", numbers=[self.system.number], keys=keys)

    @cached_property
    def rulebook(self) -> Rulebook:
        return rulebook_adopt(actor=self.caio, base="enterprise", title=f"{MARK} rules")

    @cached_property
    def draft(self) -> Rulebook:
        return rulebook_draft(actor=self.caio, body=self.rulebook.body, title=f"{MARK} draft")

    @cached_property
    def restriction(self) -> Any:
        return gate_restrict(
            actor=self.caio, system=self.system, kind="restrict", reason=f"{MARK} reason", conditions=f"{MARK} terms"
        )

    @cached_property
    def waiver(self) -> Any:
        return waiver_request(
            actor=self.caio, system=self.system, check_id="inventory.outcome", reason=f"{MARK} waiver", days=30
        )

    @cached_property
    def glass(self) -> Any:
        _ = self.rulebook  # it names roles that somebody else here holds
        return breakglass_open(actor=self.caio, system=self.system, reason=f"{MARK} emergency", hours=1)

    @cached_property
    def incident(self) -> Incident:
        return Incident.objects.create(
            organisation=self.cast.organisation, system=self.system, kind="break_glass", title=f"{MARK} incident"
        )

    @cached_property
    def kind(self) -> str:
        return next(kind.id for kind in registry.records.values() if kind.of_system)

    @cached_property
    def record(self) -> Any:
        return record_draft(actor=self.caio, system=self.system, kind=self.kind, body={})

    @cached_property
    def asked(self) -> Any:
        """A request for a tool, as an employee writes it."""
        return tool_ask(actor=self.caio, tool=f"{MARK} translator", purpose=f"{MARK} letters", data="internal")

    @cached_property
    def case(self) -> Case:
        """An incident under clocks, under a number that Elsewhere does not have; a request has the same."""
        facts = {"aware_at": timezone.now().isoformat(), "place": MARK, "answers": {"provider": "yes", "death": "yes"}}
        made = duties.case_open(actor=self.caio, system=self.system, title=f"{MARK} fall", facts=facts)
        asked = duties.inquiry_open(actor=self.caio, title=f"{MARK} records", authority=f"{MARK} authority")
        Case.objects.filter(pk=made.pk).update(number=4217)
        Inquiry.objects.filter(pk=asked.pk).update(number=4217)
        return Case.objects.get(pk=made.pk)

    @cached_property
    def sent(self) -> Any:
        clocks = ["ai_act_73_4:report:-"]
        return duties.notice_sent(actor=self.caio, case=self.case, clocks=clocks, to=f"{MARK} authority")

    @cached_property
    def letter(self) -> Any:
        inquiry = Inquiry.objects.get(number=self.case.number)
        return duties.letter_keep(
            actor=self.caio, inquiry=inquiry, way="in", filename="kelp.txt", data=f"{MARK} letter".encode()
        )

    @cached_property
    def component(self) -> Any:
        return inventory.component_add(actor=self.caio, kind="tool", name=f"{MARK} tool")

    @cached_property
    def relation(self) -> Any:
        return inventory.relation_add(actor=self.caio, system=self.system, kind="uses", component=self.component)

    @cached_property
    def view(self) -> SavedView:
        return SavedView.objects.create(organisation=self.cast.organisation, name=MARK, query="q=kelp")

    @cached_property
    def field(self) -> CustomField:
        return inventory.custom_field_add(actor=self.caio, title=f"{MARK} field")

    @cached_property
    def proposal(self) -> DuplicateProposal:
        other = inventory.system_create(actor=self.caio, name=f"{MARK} planner two")
        return DuplicateProposal.objects.create(
            organisation=self.cast.organisation, left=self.system, right=other, score="0.9", reason=MARK
        )

    @cached_property
    def upstream(self) -> Any:
        facts = {"base_url": "https://kelpwood.invalid/v1", "auth": "none", "region": MARK}
        return upstream_save(actor=self.caio, name="kelpwood", facts=facts)

    @cached_property
    def issuer(self) -> Any:
        facts = {"url": "https://kelpwood.invalid", "audiences": [MARK]}
        return issuer_save(actor=self.caio, name="kelpwood", facts=facts)

    @cached_property
    def alias(self) -> Any:
        targets = [{"upstream": self.upstream.name, "model": MARK}]
        return alias_save(actor=self.caio, name=f"{MARK}-chat", facts={"targets": targets})

    @cached_property
    def key(self) -> Any:
        return key_issue(actor=self.caio, system=self.system, name=f"{MARK} key").key

    @cached_property
    def budget(self) -> Any:
        return budget_save(actor=self.caio, name=f"{MARK} cap", cap=Decimal(5), window="day", key=self.key)

    @cached_property
    def stop(self) -> Any:
        return suspend_organisation(actor=self.caio, reason=f"{MARK} fire")

    @cached_property
    def document(self) -> Any:
        words = " ".join(f"{MARK} word{number}" for number in range(40))
        return document_mark(actor=self.caio, title=f"{MARK} document", data=words.encode())

    @cached_property
    def framework(self) -> Any:
        requirement = {"id": "K-1", "title": f"{MARK} requirement", "by": {"SEC-5": "equal"}}
        group = {"id": "k", "title": MARK, "requirements": [requirement]}
        document = framework_of({"id": "kelpwood", "title": f"{MARK} framework", "groups": [group]})
        return framework_save(actor=self.caio, framework=document)

    @cached_property
    def control(self) -> str:
        said = {"id": "KELP-1", "title": f"{MARK} control", "does": MARK}
        control_save(actor=self.caio, control=control_of(said))
        return "KELP-1"

    @cached_property
    def revision(self) -> int:
        _ = self.key, self.alias, self.budget
        return publish(self.cast.organisation.pk).snapshot.revision

    @cached_property
    def pack(self) -> Pack:
        """One that waits in a run."""
        return packs_request(actor=self.caio, systems=[self.system], title=MARK).packs.get()  # type: ignore[no-any-return]


SAMPLES: dict[str, Callable[[Harbour], Any]] = {
    "slug": lambda h: h.cast.organisation.slug,
    "number": lambda h: h.system.number,
    "person_id": lambda h: h.person.pk,
    "membership_id": lambda h: h.membership.pk,
    "access.deputy_id": lambda h: h.deputy.pk,
    "unit_id": lambda h: h.unit.pk,
    "role_id": lambda h: h.membership.role.pk,
    "access.key": lambda h: h.membership.role.key,
    "token_id": lambda h: h.token.pk,
    "notice_id": lambda h: h.notice.pk,
    "outlet_id": lambda h: h.outlet.pk,
    "webhook_id": lambda h: h.outlet.pk,
    "delivery_id": lambda h: h.delivery.pk,
    "decision_id": lambda h: h.decision.pk,
    "review_id": lambda h: h.review.pk,
    "reviews.call_id": lambda h: h.stored_call,
    "decisions.entry_id": lambda h: h.human_only.pk,
    "ledger.entry_id": lambda h: h.entry.pk,
    "evidence_id": lambda h: h.evidence.pk,
    "restriction_id": lambda h: h.restriction.pk,
    "waiver_id": lambda h: h.waiver.pk,
    "glass_id": lambda h: h.glass.pk,
    "incident_id": lambda h: h.incident.pk,
    "batch_id": lambda h: h.batch.pk,
    "import_id": lambda h: h.batch.pk,
    "source_id": lambda h: h.source.pk,
    "imports.kind": lambda h: "jira",
    "line": lambda h: 2,
    "request_id": lambda h: h.request.pk,
    "link_id": lambda h: h.request.links.get().pk,
    "checks.version": lambda h: h.draft.version,
    "section": lambda h: "limits",
    "check_id": lambda h: next(iter(registry.checks)),
    "rule_set_id": lambda h: "eu_ai_act",
    "checks.kind": lambda h: "csv",
    "records.ending": lambda h: "csv",
    "stage": lambda h: "pilot",
    "domains.domain": lambda h: "strategy",
    "day": lambda h: "2026-01-31",
    "inventory.kind": lambda h: "csv",
    "api.inventory.kind": lambda h: "initiated",
    "inventory.key": lambda h: "monitoring",
    "records.kind": lambda h: h.kind,
    "record_id": lambda h: h.record.pk,
    "experience.record_id": lambda h: h.asked.pk,
    "other_id": lambda h: h.record.pk,
    "duties.number": lambda h: h.case.number,
    "incident-clocks.number": lambda h: h.case.number,
    "inquiries.number": lambda h: h.case.number,
    "sent_id": lambda h: h.sent.pk,
    "letter_id": lambda h: h.letter.pk,
    "duties.part": lambda h: "inventory",
    "duties.ending": lambda h: "json",
    "component_id": lambda h: h.component.pk,
    "relation_id": lambda h: h.relation.pk,
    "view_id": lambda h: h.view.pk,
    "field_id": lambda h: h.field.pk,
    "proposal_id": lambda h: h.proposal.pk,
    "key_id": lambda h: h.key.pk,
    "upstream_id": lambda h: h.upstream.pk,
    "issuer_id": lambda h: h.issuer.pk,
    "alias_id": lambda h: h.alias.pk,
    "budget_id": lambda h: h.budget.pk,
    "stop_id": lambda h: h.stop.pk,
    "revision": lambda h: h.revision,
    "document_id": lambda h: h.document.pk,
    "framework_id": lambda h: h.framework.key,
    "frameworks.key": lambda h: h.framework.key,
    "frameworks.kind": lambda h: "yaml",
    "frameworks.ending": lambda h: "csv",
    "requirement_id": lambda h: "K-1",
    "control_id": lambda h: h.control,
    "call_id": lambda h: h.call,
    "pack_id": lambda h: h.pack.pk,
    "run_id": lambda h: h.pack.run_id,
}
ABSENT_ID = "00000000-0000-7000-8000-00000000dead"


def sample(harbour: Harbour, room: str, parameter: str, face: str = "page") -> Any:
    """The real value of a route's parameter. KeyError, with what to do, when there is none."""
    for key in (f"{face}.{room}.{parameter}", f"{room}.{parameter}", parameter):
        if key in SAMPLES:
            return SAMPLES[key](harbour)
    raise KeyError(f"no sample for “{parameter}” of {room}: add it to tests/samples.py")


def absent(value: Any) -> Any:
    """A value of the same shape that names nothing anywhere."""
    if isinstance(value, int):
        return 999_999
    return ABSENT_ID if len(str(value)) == 36 and str(value).count("-") == 4 else value
