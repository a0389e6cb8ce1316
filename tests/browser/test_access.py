"""Getting in: an invitation, a forgotten password, a second factor, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from django.core import mail as outbox
from playwright.sync_api import Page, expect

from outreach.access.models import User
from outreach.jobs.draining import drain
from outreach.operating import Issuer
from tests.browser.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"


def test_an_invited_person_joins_and_gets_the_time_zone_of_the_browser(
    signed_in_page: Any, browser: Any, screenshot: Any
) -> None:
    page = signed_in_page("administrator", "/users/")
    page.get_by_label("E-mail").fill("nina@firm.example")
    page.get_by_label("Role", exact=True).select_option("operator")
    page.get_by_role("button", name="Create the link").click()
    link = page.locator("#new-link").inner_text()
    screenshot(page, "team-invited")
    context = browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB", reduced_motion="reduce")
    theirs = context.new_page()
    theirs.goto(link)
    expect(theirs.get_by_label("Login name")).to_have_value("nina")
    screenshot(theirs, "invitation")
    theirs.get_by_label("Password").fill("short")
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.locator(".error-summary")).to_be_focused()
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_text("Your user is ready")).to_be_visible()
    theirs.goto(link)
    expect(theirs.get_by_role("heading", name="This link doesn't work")).to_be_visible()
    context.close()
    user = User.objects.get(username="nina")
    assert (user.role, user.time_zone) == ("operator", "Asia/Tokyo")


def test_a_forgotten_password_is_reset_by_the_mailed_link(
    live_server: Any, page: Page, screenshot: Any, settings: Any
) -> None:
    settings.CAN_MAIL_USERS, settings.PUBLIC_BASE_URL = True, live_server.url
    make_user("operator", username="olga", email="olga@firm.example")
    page.goto(live_server.url + "/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    screenshot(page, "forgotten")
    page.get_by_label("E-mail").fill("olga@firm.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    drain()
    (mail,) = outbox.outbox
    page.goto(re.search(r"http\S+/password/new/\S+", mail.body)[0])  # type: ignore[index]
    screenshot(page, "new-password")
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Save the password").click()
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill("another long password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(live_server.url + "/")


def test_a_second_factor_is_turned_on_and_asked_for(live_server: Any, signed_in_page: Any, screenshot: Any) -> None:
    user = make_user("operator", username="olga")
    page = signed_in_page(path="/profile/", user=user)
    page.get_by_role("link", name="Turn on").click()
    page.get_by_text("Can't scan it?").click()
    totp = pyotp.TOTP(page.locator("details code").inner_text().replace(" ", ""))
    screenshot(page, "second-factor")
    page.get_by_role("textbox", name="Code").fill(totp.now())
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    screenshot(page, "recovery-codes")
    page.context.clear_cookies()
    page.goto(live_server.url + "/profile/")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    screenshot(page, "second-step")
    page.get_by_role("textbox", name="Code").fill(codes[3])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_without_a_password(
    live_server: Any, signed_in_page: Any, screenshot: Any, settings: Any
) -> None:
    page = signed_in_page(path="/profile/", user=make_user("operator", username="olga"))
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    number = devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"]
    section = page.get_by_role("region", name="Passkeys")
    section.get_by_label("Name").fill("Work laptop")
    section.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    expect(section.get_by_text("Work laptop", exact=True)).to_be_visible()
    screenshot(page, "passkeys")
    section.get_by_role("button", name="Add a passkey").click()
    expect(section.get_by_role("alert")).to_have_text("This device already has a passkey of yours.")
    page.context.clear_cookies()
    settings.OUTREACH.sign_in.issuers = {"google": Issuer(issuer="https://accounts.google.com", client_id="x")}
    page.goto(live_server.url + "/login/?next=/profile/")
    expect(page.get_by_role("link", name="Continue with Google")).to_have_attribute(
        "href", re.compile(r"\?next=%2Fprofile%2F&time_zone=\w+")
    )
    screenshot(page, "sign-in-with-passkey")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(live_server.url + "/profile/")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    page.context.clear_cookies()
    page.goto(live_server.url + "/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or sign in another way.")
