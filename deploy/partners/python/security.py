"""How a client shows who calls, and how a partner's machine knows who delivers.

VEILLE_TLS_AUTHORITY      who signs certificates (PEM); without it there is no TLS, and nothing
                          leaves this machine
VEILLE_TOKEN_FILE         the access token: read for each call, so that whoever renews it writes the
                          file, and nothing is restarted
VEILLE_TLS_CERTIFICATE,   a partner's own (PEM): what its inbox serves with, and what it calls with
VEILLE_TLS_KEY            when it has no token
VEILLE_TRUST_DOMAIN       of the services' certificates (veille.internal)
"""

import os
import re
from pathlib import Path

import grpc


def _content_of(variable: str):
    path = os.environ.get(variable)
    return Path(path).read_bytes() if path else None


AUTHORITY = _content_of("VEILLE_TLS_AUTHORITY")
CERTIFICATE, KEY = _content_of("VEILLE_TLS_CERTIFICATE"), _content_of("VEILLE_TLS_KEY")
TOKEN_FILE = os.environ.get("VEILLE_TOKEN_FILE")
TRUST_DOMAIN = os.environ.get("VEILLE_TRUST_DOMAIN", "veille.internal")


class _Bearer(grpc.AuthMetadataPlugin):
    def __call__(self, context, callback):
        try:
            token = Path(TOKEN_FILE).read_text(encoding="ascii").strip()
            callback((("authorization", f"Bearer {token}"),), None)
        except (OSError, ValueError) as error:
            callback((), error)


def _require_loopback(address: str) -> None:
    if not re.fullmatch(r"(127(\.\d{1,3}){3}|localhost|\[::1\]):\d+", address):
        raise SystemExit(f"{address} is not on this machine: VEILLE_TLS_AUTHORITY is needed")


def open_channel(address: str, identity: dict):
    """A channel to a service, and the metadata of its calls."""
    if not AUTHORITY:  # who calls is claimed, which only `serve --insecure-loopback` believes
        _require_loopback(address)
        return (grpc.insecure_channel(address),
                [(f"veille-{key}", value) for key, value in identity.items() if value])
    if not TOKEN_FILE:  # the certificate says it all; one that comes beside a token is refused
        return grpc.secure_channel(
            address, grpc.ssl_channel_credentials(AUTHORITY, KEY, CERTIFICATE)), []
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(AUTHORITY), grpc.metadata_call_credentials(_Bearer()))
    # A token may grant several roles; the rest is in it.
    return grpc.secure_channel(address, credentials), [("veille-role", identity["role"])]


def listen(server: grpc.Server, address: str) -> None:
    """With TLS nobody connects without a certificate of the authority."""
    if AUTHORITY:
        server.add_secure_port(address, grpc.ssl_server_credentials(
            [(KEY, CERTIFICATE)], AUTHORITY, require_client_auth=True))
    else:
        _require_loopback(address)
        server.add_insecure_port(address)


def is_referral_service(context: grpc.ServicerContext, landlord: str) -> bool:
    """Whether the referral service calls, about the landlord's cases."""
    said = dict(context.invocation_metadata())
    if said.get("veille-landlord") != landlord:
        return False
    if not AUTHORITY:
        return (said.get("veille-role"), said.get("veille-subject")) == ("service", "referral")
    # There only if the certificate has exactly one URI, and that is a SPIFFE ID.
    proven = context.auth_context().get("peer_spiffe_id")
    return proven == [f"spiffe://{TRUST_DOMAIN}/service/referral".encode()]
