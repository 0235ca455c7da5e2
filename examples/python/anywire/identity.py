"""Who proves what to whom: mutual TLS 1.3 between certificates of the cluster's own authority (twite keys)."""

import os
import ssl


class CertificatesMissing(Exception):
    """A file that is needed is not there, or cannot be used. The message says which, and what to do."""


def client_context(folder, name):
    """How to call services: with the certificate NAME.pem and its key, believing the authorities in ca.pem and nobody else."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, folder, name)


def server_context(folder, name):
    """How to be called: whoever cannot prove to belong to the cluster gets no further than the handshake."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, folder, name)
    context.verify_mode = ssl.CERT_REQUIRED
    # A resumed session would be believed without looking at the certificate again.
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    return context


def name_of(certificate):
    """The service that a peer's certificate names: its first DNS name. The common name proves nothing."""
    return next((value for kind, value in (certificate or {}).get("subjectAltName", ()) if kind == "DNS"), None)


def _context(protocol, folder, name):
    authorities, certificate, key = (os.path.join(folder, file) for file in ("ca.pem", f"{name}.pem", f"{name}.key"))
    for file in (authorities, certificate, key):
        if not os.path.isfile(file):
            raise CertificatesMissing(f"The certificate is missing: there is no file {file}. Make one: twite keys issue {name} --dir {os.path.dirname(folder.rstrip('/')) or '.'}")
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(authorities)
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise CertificatesMissing(f"{certificate} and its key cannot be used: {error}") from error
    return context
