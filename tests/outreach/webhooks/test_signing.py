"""Signatures: exactly Standard Webhooks, checked against its own published vector."""

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from outreach.webhooks import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_vector_of_the_standard():
    signature = signing.sign(
        SECRET, number="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=300), st.integers(0, 2**40))
def test_a_receiver_that_follows_the_standard_agrees(body, timestamp):
    secret = signing.new_secret()
    key = base64.b64decode(secret.split("_", 1)[1])
    content = b"evt_1." + str(timestamp).encode() + b"." + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert signing.sign(secret, number="evt_1", timestamp=timestamp, body=body) == f"v1,{expected}"


def test_during_a_rotation_both_secrets_sign_the_newest_first():
    new = signing.new_secret()
    found = signing.headers([new, SECRET], number="evt_1", timestamp=5, body=b"{}")
    signs = [signing.sign(secret, number="evt_1", timestamp=5, body=b"{}") for secret in (new, SECRET)]
    assert found == {"webhook-id": "evt_1", "webhook-timestamp": "5", "webhook-signature": " ".join(signs)}


def test_a_new_secret_has_256_bits_and_the_usual_form():
    secrets = {signing.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(secret.startswith("whsec_") and len(base64.b64decode(secret[6:])) == 32 for secret in secrets)
