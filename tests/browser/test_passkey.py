"""A passkey, with an authenticator that Chromium plays: added with the password once, then enough by itself."""

from __future__ import annotations

from conftest import PASSWORD

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_it_works(sign_in, cast):
    page = sign_in("alice")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/accounts/2fa/webauthn/add/")
    # Adding a key asks for the password again.
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/webauthn/add/**")
    page.fill("input[name=name]", "Laptop")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/o/harbour/**")
    assert page.locator("h1").count() == 1
