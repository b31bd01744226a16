"""Signatures of webhooks, as Standard Webhooks writes them (webhook-id, webhook-timestamp, webhook-signature)."""

from __future__ import annotations

import base64
from datetime import datetime

from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook

from pilothouse.kernel.notify.models import Delivery, Outlet


def signing_secret(outlet: Outlet) -> str:
    """The secret that an outlet's receiver checks with: derived from the installation's key, so stored nowhere.

    A new `secret_version` gives a new one.
    """
    value = f"{outlet.pk}:{outlet.secret_version}"
    raw = salted_hmac("pilothouse.notify.outlet", value, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(raw).decode()


def message_id(delivery: Delivery) -> str:
    """The same at every attempt, so that a receiver can tell a repetition."""
    return f"msg_{delivery.pk.hex}"


def headers(outlet: Outlet, delivery: Delivery, moment: datetime) -> dict[str, str]:
    """The headers of one attempt at `moment`."""
    signature = Webhook(signing_secret(outlet)).sign(message_id(delivery), moment, delivery.body)
    return {
        "webhook-id": message_id(delivery),
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
        "user-agent": "Pilothouse",
    }
