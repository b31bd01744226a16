"""What we decide where django-allauth asks: who may sign up, and how the keys of second factors are stored."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from pilothouse.kernel.access.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed unless the operator opens it: people are invited."""

    def is_open_for_signup(self, request: Any) -> bool:
        return bool(settings.SIGNUP_OPEN)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on lets in who was invited. It makes users only where the operator says so.

    A user that it makes belongs to no organisation, so nothing is open to them until someone adds them.
    """

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        return bool(settings.OIDC_PROVISION) and any(address.verified for address in sociallogin.email_addresses)

    def populate_user(self, request: Any, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = data.get("name") or ""
        return user


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The keys of authenticator apps and recovery codes lie encrypted, so a copy of the database signs nobody in."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    """Under the secret key; the fallbacks still read, so that the key can be changed."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"mfa:" + k.encode()).digest())) for k in keys])
