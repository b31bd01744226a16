"""Organisations, their units and people, who holds which role, and the credentials they use."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from pilothouse.kernel.base import Owned, new_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in. What they may do comes from their memberships, never from this row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """One tenant. Nothing crosses from one to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False, help_text="Made by the demo generator; marked so on every page.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Unit(Owned):
    """A node of the organisation's tree. `path` lists the ids from the root, so a subtree is a prefix."""

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    view_permission = "organisation.view"

    name = models.CharField(max_length=300)
    code = models.CharField(max_length=60, blank=True)
    path = models.CharField(max_length=600, editable=False, db_index=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "parent", "name"), name="unit_name_once_in_parent"),
            # SQL counts two nulls as different, so the roots need a constraint of their own.
            models.UniqueConstraint(
                fields=("organisation", "name"), condition=models.Q(parent=None), name="unit_root_name_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset()

    def unit_path(self) -> str:
        return self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else '/'}{self.pk.hex}/"
        super().save(*args, **kwargs)


class Person(Owned):
    """Someone the organisation knows: an owner, a signer, an employee. A person may or may not sign in (`user`)."""

    view_permission = "people.view"

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    external_id = models.CharField(max_length=200, blank=True, help_text="Id in the HR system or directory.")
    left_at = models.DateTimeField(null=True, blank=True, help_text="When this person left; systems lose their owner.")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "email"), condition=~models.Q(email=""), name="person_email_once"
            ),
            models.UniqueConstraint(
                fields=("organisation", "external_id"), condition=~models.Q(external_id=""), name="person_external_once"
            ),
            models.UniqueConstraint(
                fields=("organisation", "user"), condition=models.Q(user__isnull=False), name="person_user_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset({self.pk})

    def unit_path(self) -> str:
        return self.unit.path if self.unit else ""


class Role(Owned):
    """What a role may do, as data. `permissions` maps a permission to `all` or `own` (see actor.py)."""

    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    permissions = models.JSONField(default=dict)

    class Meta:
        ordering = ("title",)
        constraints = (models.UniqueConstraint(fields=("organisation", "key"), name="role_key_once"),)

    def __str__(self) -> str:
        return self.title


class Membership(Owned):
    """A person holds a role, in the whole organisation or (with `unit`) in one part of its tree."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "role", "unit"), name="membership_once_in_unit"),
            models.UniqueConstraint(
                fields=("person", "role"), condition=models.Q(unit=None), name="membership_once_everywhere"
            ),
        )

    view_permission = "people.view"

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset()

    def unit_path(self) -> str:
        return self.unit.path if self.unit else ""


class Deputy(Owned):
    """`deputy` may act for `person` from `starts_at` until `ends_at`, and every act says so."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stands_in_for")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "deputies"


class Token(Owned):
    """An API credential: personal (acts as its person) or a service's (acts with its scopes). Only a hash is kept."""

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    issued_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    hash = models.CharField(max_length=64)
    scopes = models.JSONField(
        default=list, help_text="Permissions this token may use; a personal one never exceeds its person."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_service(self) -> bool:
        return self.person_id is None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class Replay(Owned):
    """The answer to a request that carried an Idempotency-Key, kept for a day so that a retry gets the same one."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes, help_text="Empty when the answer must not be stored (a secret).")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="replay_key_once"),)
