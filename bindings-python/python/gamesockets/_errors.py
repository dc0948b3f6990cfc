"""What goes wrong, by meaning. Every exception says what was given and what would be right."""

from __future__ import annotations

from gamesockets._enums import ConnectionEnd, Result


class GamesocketsError(Exception):
    """The base of all exceptions of this package; :attr:`result` is the code that the API has for it."""

    def __init__(self, message: str, result: Result = Result.FAIL) -> None:
        """Keep the code beside the message."""
        super().__init__(message, result)
        self.result = result

    def __str__(self) -> str:
        """Give the message alone."""
        return str(self.args[0])


class InvalidHandle(GamesocketsError):
    """The handle was closed, was never given out, or is of another kind."""


class InvalidArgument(GamesocketsError, ValueError):
    """A value that cannot be used: an address, an option, a lane, an identity."""


class MessageTooLarge(InvalidArgument):
    """The message is larger than any message may be, or than the send buffer ever has room for."""


class InvalidState(GamesocketsError):
    """The call does not fit what the object is doing, or the object is closed."""


class WrongLoop(InvalidState, RuntimeError):
    """The object belongs to another event loop than the one that runs."""


class NotConnected(InvalidState):
    """The connection is still being made."""


class LimitExceeded(GamesocketsError):
    """There are as many as there may be."""


class WouldBlock(LimitExceeded):
    """The send buffer is full: wait with ``wait_writable``, or for the event ``ConnectionWritable``."""


class AddressUnavailable(GamesocketsError, OSError):
    """The operating system does not give us this address: the port is taken, or the address is not of this machine."""

    # OSError would take two arguments for number and text.
    __str__ = GamesocketsError.__str__


class CertificateError(GamesocketsError):
    """A certificate, a key or a list of them that cannot be used."""


class ConnectionClosed(GamesocketsError):
    """The connection has ended. :attr:`reason` says why, :attr:`debug` is the text that came with it."""

    def __init__(
        self,
        message: str,
        result: Result = Result.NO_CONNECTION,
        reason: ConnectionEnd = ConnectionEnd.INVALID,
        debug: str = "",
    ) -> None:
        """Keep reason and text beside the message."""
        super().__init__(message, result)
        self.args = (message, result, reason, debug)
        self.reason = reason
        self.debug = debug


class ConnectionRefused(ConnectionClosed):
    """The connection never came about: nobody answered, or the peer did not want it."""


class ConnectTimeout(ConnectionRefused, TimeoutError):
    """Nobody answered in time."""

    # TimeoutError would take two arguments for number and text.
    __str__ = GamesocketsError.__str__


class HandshakeFailed(ConnectionRefused):
    """Both ends could not agree on cipher, keys or certificates."""


__all__ = [
    "AddressUnavailable",
    "CertificateError",
    "ConnectTimeout",
    "ConnectionClosed",
    "ConnectionRefused",
    "GamesocketsError",
    "HandshakeFailed",
    "InvalidArgument",
    "InvalidHandle",
    "InvalidState",
    "LimitExceeded",
    "MessageTooLarge",
    "NotConnected",
    "WouldBlock",
    "WrongLoop",
]
