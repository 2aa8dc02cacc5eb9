"""People as the pages of accounts meet them: before, between and after the steps of signing in.

A security key is made here without a browser; what it answers is as sound as a real one's.
"""

from __future__ import annotations

import secrets
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from portal.core.models import User
from tests import makers as make

SECRET = "JBSWY3DPEHPK3PXP"
HOST = "testserver"
TOUCHED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
# Each page of allauth, and who stands before it when it has something to say.
STANDING = {
    "account_login": "visitor",
    "mfa_authenticate": "half_way",
    "account_logout": "plain",
    "account_inactive": "plain",
    "account_reauthenticate": "plain",
    "account_change_password": "plain",
    "mfa_activate_totp": "plain",
    "mfa_index": "guarded",
    "mfa_reauthenticate": "guarded",
    "mfa_deactivate_totp": "guarded",
    "mfa_view_recovery_codes": "guarded",
    "mfa_generate_recovery_codes": "guarded",
    "mfa_download_recovery_codes": "guarded",
    "mfa_list_webauthn": "guarded",
    "mfa_add_webauthn": "guarded",
    "mfa_remove_webauthn": "guarded",
    "mfa_reauthenticate_webauthn": "guarded",
}


class Key:
    """A security key: it makes itself known once, and proves later that it is the same."""

    def __init__(self) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)

    def made(self, challenge: str) -> dict[str, Any]:
        """What a browser sends when the key is added."""
        public = ES256.from_cryptography_key(self.secret.public_key())
        held = AttestedCredentialData.create(bytes(16), self.id, public)
        flags = TOUCHED | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(sha256(HOST.encode()), flags, 0, held)
        proof = AttestationObject.create("none", data, {})
        return self._sent("webauthn.create", challenge, attestationObject=websafe_encode(proof))

    def shown(self, challenge: str) -> dict[str, Any]:
        """What a browser sends when the key is asked for."""
        data = AuthenticatorData.create(sha256(HOST.encode()), TOUCHED, 1)
        told = CollectedClientData.create("webauthn.get", challenge, f"https://{HOST}")
        sign = self.secret.sign(data + told.hash, ec.ECDSA(hashes.SHA256()))
        return self._sent(
            "webauthn.get", challenge,
            authenticatorData=websafe_encode(data), signature=websafe_encode(sign),
        )  # fmt: skip

    def _sent(self, kind: str, challenge: str, **response: str) -> dict[str, Any]:
        told = CollectedClientData.create(kind, challenge, f"https://{HOST}")
        key = websafe_encode(self.id)
        return {
            "id": key, "rawId": key, "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": websafe_encode(told), **response},
        }  # fmt: skip

    def give(self, person: User) -> int:
        """Let the person have added it; the number it is removed by."""
        challenge = websafe_encode(secrets.token_bytes(32))
        return int(WebAuthn.add(person, "蓝色密钥", self.made(challenge)).instance.pk)


class Accounts:
    """Somebody with a password alone, somebody with two factors, and he again on his way in."""

    def __init__(self) -> None:
        self.people = {
            "plain": make.operator(password=make.PASSWORD),
            "guarded": make.clerk(password=make.PASSWORD),
        }
        self.clients = {name: _certain(person) for name, person in self.people.items()}
        guarded = self.people["guarded"]
        TOTP.activate(guarded, SECRET)
        RecoveryCodes.activate(guarded)
        self.key = Key()
        self.key_number = self.key.give(guarded)
        self.clients |= {"visitor": Client(), "half_way": _signed_in(guarded)}

    def client(self, route: str) -> Client:
        """The browser the page is opened with."""
        return self.clients[STANDING[route]]

    def url(self, route: str) -> str:
        """The address of the page."""
        return reverse(route, args=[self.key_number] if "remove" in route else None)


def _signed_in(person: User) -> Client:
    """By the password; who has a second factor stands before its page."""
    client = Client()
    typed = {"login": person.username, "password": make.PASSWORD}
    assert client.post(reverse("account_login"), typed).status_code == 302
    return client


def _certain(person: User) -> Client:
    """Signed in, and the password told once more, as the careful pages ask."""
    client = _signed_in(person)
    typed = {"password": make.PASSWORD}
    assert client.post(reverse("account_reauthenticate"), typed).status_code == 302
    return client
