"""Certificates for servers on this machine, and an authority that nobody trusts who is not told to."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = timedelta(days=1)


class Authority:
    """Signs; `bundle` is the file by which it is trusted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("authority of the tests")
        made = _begun(self._name, self._name, self._key, since=-DAY, until=DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def server(self, *names: str, since: timedelta = -DAY, until: timedelta = DAY) -> ssl.SSLContext:
        """Return what a server with these names or numbers shows. since, until: counted from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _begun(_named("server of the tests"), self._name, key, since=since, until=until)
        made = made.add_extension(x509.SubjectAlternativeName([_alternative(one) for one in names]), critical=False)
        file = self._folder / f"server-{x509.random_serial_number()}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + _pem(made.sign(self._key, hashes.SHA256())))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _begun(subject, issuer, key, *, since, until):
    now = datetime.now(UTC)
    begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    begun = begun.serial_number(x509.random_serial_number())
    return begun.not_valid_before(now + since).not_valid_after(now + until)


def _named(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
