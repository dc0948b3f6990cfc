"""The exceptions for connections that have ended."""

from __future__ import annotations

from gamesockets._enums import ConnectionEnd, Result
from gamesockets._errors import ConnectionClosed, ConnectionRefused, ConnectTimeout, HandshakeFailed

_TIMEOUTS = (ConnectionEnd.REMOTE_TIMEOUT, ConnectionEnd.MISC_TIMEOUT)
_HANDSHAKE = (
    ConnectionEnd.REMOTE_BAD_CRYPT,
    ConnectionEnd.REMOTE_BAD_CERT,
    ConnectionEnd.REMOTE_BAD_PROTOCOL_VERSION,
)


def closed(end: tuple[ConnectionEnd, str] | None) -> ConnectionClosed:
    """Make the exception for a connection that there was."""
    reason, debug = end or (ConnectionEnd.APP_GENERIC, "closed here")
    message = f"the connection is closed ({int(reason)}): {debug}"
    return ConnectionClosed(message, Result.NO_CONNECTION, reason, debug)


def refusal(address: str, reason: ConnectionEnd, debug: str) -> ConnectionRefused:
    """Make the exception for a connection that never came about."""
    message = f"no connection to {address} ({int(reason)}): {debug}"
    if reason in _TIMEOUTS:
        return ConnectTimeout(message, Result.TIMEOUT, reason, debug)
    if reason in _HANDSHAKE:
        return HandshakeFailed(message, Result.HANDSHAKE_FAILED, reason, debug)
    return ConnectionRefused(message, Result.CONNECT_FAILED, reason, debug)
