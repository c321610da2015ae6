"""The mesh listener's own certificate, made on the first start; agents pin it, no authority signs it."""

import datetime as dt
import hashlib
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wisehosting_cp.local.errors import Unfit
from wisehosting_cp.local.state import write_private

YEARS = 10
"""A pin replaces trust in an authority, so the end of validity protects nobody."""


def ensure_certificate(certificate: Path, key: Path, *, address: str = "127.0.0.1") -> str:
    """Make the pair unless both files exist; return the pin. Raises Unfit when they do not fit together."""
    if not (certificate.exists() and key.exists()):
        _make(certificate, key, address)
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except ValueError as error:
        raise Unfit(f"{certificate} or {key} is damaged: {error}. Remove both and start again.") from error
    if private.public_key() != loaded.public_key():
        raise Unfit(f"{key} is not the key of {certificate}. Remove both and start again.")
    return pin(certificate)


def pin(certificate: Path) -> str:
    """SHA-256 of the certificate's DER form, hexadecimal."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return hashlib.sha256(loaded.public_bytes(serialization.Encoding.DER)).hexdigest()


def _make(certificate: Path, key: Path, address: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WiseHosting mesh")])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    # the certificate last: where it exists, its key does too
    write_private(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    write_private(certificate, made.public_bytes(serialization.Encoding.PEM))
