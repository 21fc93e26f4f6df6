"""Invented keys for the services that want signed tokens."""

import json
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

CANARY = "canarySecret7f3a"


@cache
def apple_key() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


@cache
def google_account() -> str:
    """The JSON of a service account, as Google gives it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "earshot@example.iam.gserviceaccount.com",
            "private_key_id": "k1",
            "private_key": _pem(key),
        }
    )


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate(host: str) -> str:
    """A certificate that vouches for itself, and its key, for a server at this IP address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        # OpenSSL asks the system's clock, whatever day the run believes in.
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)  # noqa: FBT003
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode() + _pem(key)
