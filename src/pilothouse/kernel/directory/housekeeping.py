"""What nobody misses once it has ended: old answers to repeated requests, expired sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from pilothouse.kernel.access.models import Replay

REPLAYS_KEPT = timedelta(hours=24)


def credentials_tick(moment: datetime) -> dict[str, int]:
    """Delete stored answers after a day, and sessions that have expired with their lines in people's lists."""
    replays, _ = Replay.objects.filter(created_at__lte=moment - REPLAYS_KEPT).delete()
    sessions, _ = Session.objects.filter(expire_date__lte=moment).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return {"replays": replays, "sessions": sessions}
