"""Signing in through the front door: password and its limits, second factors, single sign-on with a local issuer."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from conftest import PASSWORD
from django.conf import settings as live
from django.core import mail
from django.core.cache import cache
from django.test import Client

from pilothouse.kernel.access.models import User
from pilothouse.site.sign_in import oidc_providers

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


def sign_in(client, email, password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_it_works(cast, client):
    answer = sign_in(client, "alice@harbour.example")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)
    assert UserSession.objects.get().user == cast.people["alice"].user


def test_a_wrong_password_and_an_unknown_address_read_the_same(cast, client):
    texts = [
        sign_in(client, who, "wrong").context["form"].non_field_errors()
        for who in ("alice@harbour.example", "no@one.example")
    ]
    assert list(texts[0]) == list(texts[1])
    assert texts[0]
    assert not signed_in(client)


def test_guessing_is_limited_even_with_the_right_password_last(cast, client):
    for _ in range(5):
        sign_in(client, "alice@harbour.example", "wrong")
    answer = sign_in(client, "alice@harbour.example")
    assert not signed_in(client)
    assert "Too many" in str(answer.context["form"].non_field_errors())


def test_guessing_many_addresses_is_limited_by_where_it_comes_from(cast, client):
    for i in range(10):
        sign_in(client, f"someone{i}@harbour.example", "wrong")
    sign_in(client, "bob@harbour.example")
    assert not signed_in(client)


def test_someone_switched_off_does_not_come_in(cast, client):
    User.objects.filter(email="alice@harbour.example").update(is_active=False)
    sign_in(client, "alice@harbour.example")
    assert not signed_in(client)


def test_sign_up_is_closed(db, client):
    answer = client.post("/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_sign_up_can_be_opened_and_gives_nothing_by_itself(db, client, settings):
    settings.SIGNUP_OPEN, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    client.post("/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get().people.count() == 0
    assert not signed_in(client)
    assert mail.outbox[0].to == ["x@y.example"]


def test_a_short_password_is_refused(db, client, settings):
    settings.SIGNUP_OPEN = True
    client.post("/accounts/signup/", {"email": "x@y.example", "password1": "Xy7!kd", "password2": "Xy7!kd"})
    assert not User.objects.exists()


def test_an_invited_person_sets_a_password_by_mail(cast, client):
    User.objects.create_user("new@harbour.example", None)
    client.post("/accounts/password/reset/", {"email": "new@harbour.example"})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    path = client.get(urlsplit(link).path)["Location"]
    client.post(path, {"password1": PASSWORD, "password2": PASSWORD})
    sign_in(client, "new@harbour.example")
    assert signed_in(client)


def test_a_forgotten_password_does_not_tell_who_is_here(cast, client):
    texts = [
        client.post("/accounts/password/reset/", {"email": who}).content
        for who in ("alice@harbour.example", "no@one.example")
    ]
    assert texts[0] == texts[1]
    assert [message.to for message in mail.outbox] == [["alice@harbour.example"]]


def totp(key):
    return format_hotp_value(hotp_value(key, int(time.time()) // 30))


def with_totp(client, email):
    sign_in(client, email)
    EmailAddress.objects.create(user=User.objects.get(email=email), email=email, verified=True, primary=True)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    form = client.get("/accounts/2fa/totp/activate/").context["form"]
    client.post("/accounts/2fa/totp/activate/", {"code": totp(form.secret)})
    client.post("/accounts/logout/")
    # A code counts once, and the one just used is still the current one.
    cache.clear()
    return form.secret


def test_a_second_factor_is_asked_for_and_kept_encrypted(cast, client):
    secret = with_totp(client, "alice@harbour.example")
    row = Authenticator.objects.get(type="totp")
    assert secret not in json.dumps(row.data)
    answer = sign_in(client, "alice@harbour.example")
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp(secret)})
    assert signed_in(client)


def test_a_code_counts_once(cast, client):
    secret = with_totp(client, "alice@harbour.example")
    code = totp(secret)
    for session in (client, Client()):
        sign_in(session, "alice@harbour.example")
        session.post("/accounts/2fa/authenticate/", {"code": code})
    assert signed_in(client)
    assert not signed_in(session)


def test_guessing_codes_is_limited(cast, client):
    secret = with_totp(client, "alice@harbour.example")
    sign_in(client, "alice@harbour.example")
    for _ in range(10):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": totp(secret)})
    assert not signed_in(client)


def test_a_recovery_code_counts_once(cast, client):
    with_totp(client, "alice@harbour.example")
    row = Authenticator.objects.get(type="recovery_codes")
    code = row.wrap().get_unused_codes()[0]
    assert code not in json.dumps(row.data)
    for session in (client, Client()):
        sign_in(session, "alice@harbour.example")
        session.post("/accounts/2fa/authenticate/", {"code": code})
    assert signed_in(client)
    assert not signed_in(session)


def test_a_session_can_be_ended_from_another(cast, client):
    other = Client()
    sign_in(client, "alice@harbour.example")
    sign_in(other, "alice@harbour.example")
    client.post("/accounts/sessions/")
    assert not signed_in(other)
    assert signed_in(client)


def test_cookies_and_hashing_are_strict():
    assert live.SESSION_COOKIE_HTTPONLY
    assert live.SESSION_COOKIE_SAMESITE == "Lax"
    from pilothouse.site import settings as product

    assert product.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")


class Issuer(BaseHTTPRequestHandler):
    """An OpenID Connect issuer that vouches for whomever `claims` says."""

    claims: dict = {}
    seen: dict = {}

    def log_message(self, *args):
        pass

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known/"):
            self.answer(
                {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "userinfo_endpoint": f"{base}/userinfo",
                    "jwks_uri": f"{base}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif self.path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
            self.answer(self.claims)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        Issuer.seen = {key: values[0] for key, values in form.items()}
        base = f"http://127.0.0.1:{self.server.server_port}"
        now = int(time.time())
        token = jwt.encode(
            {"iss": base, "aud": "us", "iat": now, "exp": now + 60, **self.claims}, "k" * 32, algorithm="HS256"
        )
        self.answer({"access_token": "access", "token_type": "Bearer", "id_token": token, "expires_in": 60})

    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def issuer(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(url, "us", "our-secret", "Harbour sign-on")
    yield url
    server.shutdown()


def come_in(client, **claims):
    """Through the issuer and back, as a browser goes."""
    Issuer.claims = {"sub": "42", **claims}
    there = client.post("/accounts/oidc/sso/login/")
    asked = parse_qs(urlsplit(there["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": asked["state"][0]})


def test_single_sign_on_lets_in_who_was_invited(cast, client, issuer):
    come_in(client, email="alice@harbour.example", email_verified=True)
    assert client.session["_auth_user_id"] == str(cast.people["alice"].user.pk)
    assert Issuer.seen["client_secret"] == "our-secret"
    assert len(base64.urlsafe_b64decode(Issuer.seen["code_verifier"] + "==")) >= 32


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "alice@harbour.example", "email_verified": False},
        {"email": "alice@harbour.example"},
        {"email": "stranger@harbour.example", "email_verified": True},
        {},
    ],
)
def test_single_sign_on_lets_in_nobody_else(cast, client, issuer, claims):
    before = User.objects.count()
    come_in(client, **claims)
    assert not signed_in(client)
    assert User.objects.count() == before


def test_single_sign_on_makes_users_only_where_told(cast, client, issuer, settings):
    settings.OIDC_PROVISION = True
    come_in(client, email="new@harbour.example", email_verified=True, name="New")
    user = User.objects.get(email="new@harbour.example")
    assert (user.name, user.people.count()) == ("New", 0)


def test_a_forged_answer_of_the_issuer_is_refused(cast, client, issuer):
    Issuer.claims = {"sub": "42", "email": "alice@harbour.example", "email_verified": True}
    client.post("/accounts/oidc/sso/login/")
    client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": "made-up"})
    assert not signed_in(client)
