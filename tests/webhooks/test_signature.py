"""Signatures are those of Standard Webhooks."""

import base64
import subprocess

import pytest

from algomancy_api.webhooks.signature import key_of, signature_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105


def test_the_signature_is_that_of_the_published_example() -> None:
    body = b'{"test": 2432232314}'
    signature = signature_of([key_of(SECRET)], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_of_two_secrets_signs() -> None:
    keys = [b"a" * 24, b"b" * 64]
    both = signature_of(keys, "evt_1", 12, b"{}").split(" ")
    assert both == [signature_of([key], "evt_1", 12, b"{}") for key in keys]
    assert both[0] != both[1]


@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_is_the_base64_of_its_key(size: int) -> None:
    key = bytes(range(size))
    assert key_of(f"whsec_{base64.b64encode(key).decode()}") == key


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "whsec_"),
        (None, "whsec_"),
        (b"whsec_" + base64.b64encode(b"k" * 24), "whsec_"),
        (base64.b64encode(b"k" * 24).decode(), "whsec_"),
        (f"whsec_{base64.b64encode(b'k' * 23).decode()}", "it has 23 bytes"),
        (f"whsec_{base64.b64encode(b'k' * 65).decode()}", "it has 65 bytes"),
        ("whsec_", "it has 0 bytes"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "other characters"),
        ("whsec_MfKQ9r8GKYqr wjUPD8ILPZIo2LaLaSw", "other characters"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaé=", "other characters"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_shown(secret: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refusal:
        key_of(secret)
    shown = str(secret or "").removeprefix("whsec_")[:8]
    assert not shown or shown not in str(refusal.value)


def test_openssl_computes_the_same() -> None:
    key, content = b"k" * 32, b"evt_1.12.{}"
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"]
    try:
        digest = subprocess.run(command, input=content, capture_output=True, check=True).stdout  # noqa: S603
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    assert signature_of([key], "evt_1", 12, b"{}") == f"v1,{base64.b64encode(digest).decode()}"
