"""What the policy is compiled from. Rules that a person edits as a whole are one JSON value, checked by `rules.py`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System


class Versioned(Owned):
    """A row that people edit, found again by its name."""

    version = models.PositiveIntegerField(default=1, help_text="Counts changes, against lost updates.")

    class Meta:
        abstract = True


class OfSystem(Owned):
    """A row about one system, seen and reached as that system is."""

    view_permission = "system.view"

    class Meta:
        abstract = True

    system: models.ForeignKey[System, System]

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()


class GatewayKey(OfSystem):
    """Lets its bearer make calls for one system. Only a hash is kept; the key itself is shown once."""

    PERSON = (
        ("any", "Nobody need be named"),
        ("told", "A person must be named"),
        ("verified", "A person must be shown by a token of their own"),
    )

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="gateway_keys")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=20, unique=True, help_text="How the key begins, to recognise it by.")
    hash = models.CharField(max_length=64, unique=True)
    unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose budgets it counts against; empty: those of the system's unit.",
    )
    person = models.CharField(max_length=8, choices=PERSON, default="any")
    persons = models.JSONField(null=True, blank=True, help_text="Ids of the people it may act for; null: anybody.")
    agents = models.JSONField(null=True, blank=True, help_text="Names of the agents that may use it; null: any.")
    model_names = models.JSONField(null=True, blank=True, help_text="If fewer than the system's; null: the same.")
    limits = models.JSONField(default=dict)
    issued_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("organisation", "revoked_at", "expires_at"), name="gateway_key_live"),)

    def __str__(self) -> str:
        return self.name

    def is_live(self, moment: datetime) -> bool:
        return self.revoked_at is None and moment < self.expires_at


class Issuer(Versioned):
    """Whose identity tokens show who a person is. Its public keys are fetched, or `given` by hand."""

    view_permission = "gateway.manage"

    name = models.SlugField(max_length=40)
    url = models.CharField(max_length=500, help_text="As its tokens write it (iss).")
    keys_url = models.CharField(max_length=500, blank=True, help_text="Empty: where its discovery document says.")
    audiences = models.JSONField(default=list, help_text="For whom a token must be meant: any of these.")
    algorithms = models.JSONField(default=list)
    claim = models.CharField(max_length=60, default="email", help_text="Which claim says what the person is called.")
    keys = models.JSONField(default=list, help_text="Public keys (JWK).")
    given = models.BooleanField(default=False)
    fetched_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the keys could not be fetched last time.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="issuer_name_once"),
            models.UniqueConstraint(fields=("organisation", "url"), name="issuer_url_once"),
        )

    def __str__(self) -> str:
        return self.name


class Upstream(Versioned):
    """Where calls are sent: a provider, a server of our own, another gateway. Its secret is named, never kept."""

    DIALECTS = (("openai", "OpenAI-compatible"), ("anthropic", "Anthropic-compatible"))
    AUTHS = (
        ("bearer", "Authorization: Bearer"),
        ("x-api-key", "x-api-key"),
        ("api-key", "api-key (Azure)"),
        ("none", "None"),
    )

    name = models.SlugField(max_length=40)
    base_url = models.CharField(max_length=500)
    dialect = models.CharField(max_length=10, choices=DIALECTS, default="openai")
    secret = models.CharField(
        max_length=160, blank=True, help_text="Where the gateway finds it: env:NAME or file:NAME."
    )
    auth = models.CharField(max_length=10, choices=AUTHS, default="bearer")
    region = models.CharField(max_length=40, blank=True)
    data_classes = models.JSONField(null=True, blank=True, help_text="What data it may get; null: any.")
    headers = models.JSONField(default=dict, blank=True)
    query = models.CharField(max_length=200, blank=True)
    connect_ms = models.PositiveIntegerField(default=5_000)
    first_byte_ms = models.PositiveIntegerField(default=60_000)
    total_ms = models.PositiveIntegerField(default=600_000)
    concurrent = models.PositiveIntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="upstream_name_once"),)

    def __str__(self) -> str:
        return self.name


class Alias(Versioned):
    """The name by which callers ask for a model, and what answers. `replaced_by` makes it a retired one."""

    name = models.CharField(max_length=100)
    targets = models.JSONField(default=list, help_text="upstream, model, weight, fallback of each.")
    replaced_by = models.CharField(max_length=100, blank=True)
    endpoints = models.JSONField(null=True, blank=True)
    max_output = models.PositiveIntegerField(default=4_096)
    sticky = models.BooleanField(default=False)
    retries = models.PositiveSmallIntegerField(default=1)
    deadline_ms = models.PositiveIntegerField(default=120_000)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "aliases"
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="alias_name_once"),)

    def __str__(self) -> str:
        return self.name


class Price(Owned):
    """What an upstream's model costs a million tokens from a moment on. Never changed: a new one follows it."""

    upstream = models.ForeignKey(Upstream, on_delete=models.PROTECT, related_name="prices")
    model = models.CharField(max_length=160)
    valid_from = models.DateTimeField()
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(
        max_digits=14, decimal_places=6, default=1, help_text="Of the organisation's currency for one of this."
    )
    input = models.DecimalField(max_digits=14, decimal_places=6)
    output = models.DecimalField(max_digits=14, decimal_places=6)
    cache_read = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    cache_write = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    reasoning = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    request = models.DecimalField(max_digits=14, decimal_places=6, default=0, help_text="For each call.")

    class Meta:
        ordering = ("upstream__name", "model", "-valid_from")
        constraints = (models.UniqueConstraint(fields=("upstream", "model", "valid_from"), name="price_once_a_moment"),)

    def __str__(self) -> str:
        return f"{self.upstream}/{self.model}"


class Budget(Versioned):
    """A hard cap in the organisation's currency on what one scope may spend in each window."""

    SCOPES = (("organisation", "The organisation"), ("unit", "A unit"), ("system", "A system"), ("key", "A key"))
    WINDOWS = (("hour", "Hour"), ("day", "Day"), ("month", "Month"))

    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=12, choices=SCOPES)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="budgets")
    key = models.ForeignKey(GatewayKey, null=True, blank=True, on_delete=models.PROTECT, related_name="budgets")
    window = models.CharField(max_length=5, choices=WINDOWS)
    cap = models.DecimalField(max_digits=18, decimal_places=6)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("scope", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "name"), condition=models.Q(active=True), name="budget_name_once"
            ),
            models.CheckConstraint(
                condition=models.Q(scope="organisation", unit=None, system=None, key=None)
                | models.Q(scope="unit", unit__isnull=False, system=None, key=None)
                | models.Q(scope="system", unit=None, system__isnull=False, key=None)
                | models.Q(scope="key", unit=None, system=None, key__isnull=False),
                name="budget_of_one_thing",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def scope_id(self) -> str:
        """The id of what it caps."""
        return str(self.unit_id or self.system_id or self.key_id or self.organisation_id)


class PolicySetting(OfSystem, Versioned):
    """The rules of one system's calls (see `rules.SystemRules`). Without a row it may call no model."""

    system = models.OneToOneField(System, on_delete=models.CASCADE, related_name="policy_setting")
    rules = models.JSONField(default=dict)
    changed_at = models.DateTimeField(default=now)


class MarkedDocument(Owned):
    """A document whose passages are recognised in prompts and answers. Its fingerprints are kept, never its text."""

    view_permission = "gateway.manage"

    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="Of the text, to know it again by.")
    prints = models.BinaryField()
    count = models.PositiveIntegerField(help_text="How many fingerprints.")
    marked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    marked_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("title",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "sha256"), name="marked_document_once"),
            models.UniqueConstraint(fields=("organisation", "title"), name="marked_document_title_once"),
        )

    def __str__(self) -> str:
        return self.title


class Stop(Owned):
    """Somebody pulled the brake on a key, a model, an upstream or everything. In force until lifted.

    A system is stopped in the register itself: by suspending it (see the gates' restrictions).
    """

    KINDS = (("organisation", "Everything"), ("upstream", "Upstream"), ("model", "Model"), ("key", "Key"))

    kind = models.CharField(max_length=12, choices=KINDS)
    target = models.CharField(max_length=160, help_text="The key's id, the model's or upstream's name, or empty.")
    title = models.CharField(max_length=200)
    reason = models.TextField()
    since = models.DateTimeField(default=now)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_because = models.TextField(blank=True)

    class Meta:
        ordering = ("-since",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "target"), condition=models.Q(lifted_at=None), name="stop_once_in_force"
            ),
        )

    def __str__(self) -> str:
        return self.title


class SnapshotRevision(Owned):
    """One set of rules that was in force, as it was signed; every event of a gateway names the revision it obeyed."""

    view_permission = "traffic.view"

    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    body = models.TextField(
        help_text="Its canonical JSON. It names secrets and holds hashes of keys; without the fingerprints."
    )
    made_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("-revision",)
        constraints = (models.UniqueConstraint(fields=("organisation", "revision"), name="snapshot_revision_once"),)


class Publication(Owned):
    """How far an organisation's policy is published: one row, locked by whoever compiles."""

    revision = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=71, blank=True, help_text="Of the rules alone, without their times.")
    issued_at = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)
    stops_revision = models.PositiveIntegerField(default=0)
    stops_digest = models.CharField(max_length=71, blank=True)
    alarmed = models.PositiveSmallIntegerField(default=0, help_text="Hours without renewal that were told already.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation",), name="publication_once"),)
