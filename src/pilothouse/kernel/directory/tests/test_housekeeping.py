from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from pilothouse.kernel.access.models import Replay
from pilothouse.kernel.directory.actions import token_issue
from pilothouse.kernel.directory.housekeeping import credentials_tick


def test_it_works(cast, client):
    now = timezone.now()
    issued = token_issue(actor=cast.actor("bob"), name="CI", scopes=["system.view"], expires_at=now + timedelta(days=9))
    for hours, key in ((1, "new"), (25, "old")):
        Replay.objects.create(
            organisation=cast.organisation, token=issued.token, key=key, request_hash="0" * 64,
            created_at=now - timedelta(hours=hours),
        )  # fmt: skip
    client.force_login(cast.people["bob"].user)
    kept = client.session.session_key
    for session_key in (kept, "gone"):
        UserSession.objects.create(
            user=cast.people["bob"].user, session_key=session_key, ip="127.0.0.1", user_agent="x"
        )
    Session.objects.create(session_key="gone", session_data="", expire_date=now - timedelta(minutes=1))
    assert credentials_tick(now) == {"replays": 1, "sessions": 1}
    assert Replay.objects.get().key == "new"
    assert UserSession.objects.get().session_key == kept
    assert credentials_tick(now) == {"replays": 0, "sessions": 0}
