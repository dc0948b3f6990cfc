"""The native part of gamesockets."""

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Protocol, TypeAlias, final, type_check_only

from typing_extensions import Buffer, Self, Unpack

from gamesockets._asyncio.connection import Connection
from gamesockets._enums import Availability, ConfigScope, ConfigValue, FakeIpType
from gamesockets._records import (
    ConfigOptions,
    ConfigValueAnswer,
    ConfigValueInfo,
    ConnectionInfo,
    Event,
    LifetimeStatistics,
    Options,
    RealTimeStatus,
    RealTimeStatusAnswer,
)

__all__ = ["Message", "Notifier", "ReceivedMessage", "Sockets", "_forked", "_option_scope"]

# numpy's arrays have a buffer, and their stubs say so from Python 3.12 on only.
@type_check_only
class _Array(Protocol):
    @property
    def __array_interface__(self) -> dict[str, Any]: ...

_Payload: TypeAlias = Buffer | _Array

def _forked() -> None: ...
def _option_scope(name: int | str) -> ConfigScope: ...
@final
class ReceivedMessage:
    """A message that has arrived. Its payload was copied out of the library once."""

    @property
    def payload(self) -> bytes:
        """What the peer sent."""
    @property
    def connection(self) -> int:
        """The handle of the connection it came by."""
    @property
    def lane(self) -> int:
        """The lane it came by."""
    @property
    def reliable(self) -> bool:
        """Whether it was sent reliably."""
    @property
    def number(self) -> int:
        """The number the sender gave it: per lane, from 1."""
    @property
    def time_received(self) -> int:
        """When it arrived, on the clock of ``get_local_timestamp``, microseconds."""
    @property
    def user_data(self) -> int:
        """The number that the application attached to the connection; -1 when none."""
    @property
    def identity(self) -> str:
        """Who sent it, as text."""
    def __len__(self) -> int: ...

@final
class Message:
    """A message that has arrived. Its payload was copied out of the library once."""

    @property
    def payload(self) -> bytes:
        """What the peer sent."""
    @property
    def connection(self) -> Connection:
        """The connection it came by."""
    @property
    def lane(self) -> int:
        """The lane it came by."""
    @property
    def reliable(self) -> bool:
        """Whether it was sent reliably."""
    @property
    def number(self) -> int:
        """The number the sender gave it: per lane, from 1."""
    @property
    def time_received(self) -> int:
        """When it arrived, on the clock of ``Host.time``, microseconds."""
    def __len__(self) -> int: ...

@final
class Notifier:
    """One file descriptor that becomes readable, once per burst, when something that is watched has happened.

    Each watch fires once. What it reports is a hint, as any readiness: somebody else may have been faster.
    """

    def __new__(cls, sockets: Sockets) -> Self: ...
    def fileno(self) -> int:
        """Give the file descriptor (on Windows: the socket) to watch for reading; ``take`` reads from it."""
    def watch_events(self) -> bool:
        """Ask to be told of the next event. True: one waits already, and nothing will be told."""
    def watch_messages(self, handle: int) -> bool:
        """Ask to be told when messages can be read from a connection or a poll group.

        True: now, and nothing will be told. Raises ``ConnectionClosed`` when the connection has ended and everything
        was read, and ``InvalidHandle``.
        """
    def watch_writable(self, connection_handle: int) -> bool:
        """Ask to be told when a send that raised ``WouldBlock`` may be tried again.

        True: now, and nothing will be told. Raises ``ConnectionClosed`` and ``InvalidHandle``.
        """
    def unwatch(self, handle: int) -> None:
        """Forget what is watched about a connection or a poll group."""
    def take(self) -> tuple[bool, list[int], list[int]]:
        """Take what has happened: whether there are events, the handles to read from, and those to write to.

        The descriptor is not readable any more. It becomes so when the Sockets is closed, too.
        """
    def close(self) -> None:
        """Close the file descriptor and forget every watch. Closing twice does nothing."""
    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""

@final
class Sockets:
    """One identity on the network: its listen sockets, connections and poll groups, and the thread that serves them.

    Every call may be made from any thread; none waits for the network, except those named ``wait_*``, which let other
    threads run meanwhile. What the API answers by a code or by ``false`` raises an exception here, whose ``result`` is
    that code. Handles are ints that are never reused. Use it in a ``with`` statement, or call ``close``.
    """

    def __new__(
        cls,
        identity: int | str | None = None,
        *,
        options: Options | None = None,
        trace_directory: str | PathLike[str] | None = None,
        trace_size_limit: int | None = None,
        **config: Unpack[ConfigOptions],
    ) -> Self:
        """Start an instance.

        ``identity`` is a SteamID (int) or a text such as ``"str:alice"``; without it we are anonymous. Options of the
        global scope are given by name. With ``trace_directory``, each connection writes what happens to it there, up to
        ``trace_size_limit`` bytes.
        """
    def close(self) -> None:
        """Close every connection (reason 2999) and every listen socket, and end the thread.

        Connections that were closed with ``linger`` get up to one second to deliver. Closing twice does nothing.
        """
    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...
    def _receive(self, connection_handle: int, max_messages: int, connection: Connection) -> list[Message]: ...
    def _receive_of_group(
        self,
        poll_group: int,
        max_messages: int,
        connections: dict[int, Connection],
    ) -> list[Message]: ...
    def poll_event(self) -> Event | None:
        """Take the next event; None when there is none."""
    def wait_event(self, timeout: float | None = None) -> Event | None:
        """Wait for an event, at most ``timeout`` seconds (None: without end). None when none came."""
    def wait_messages(self, handle: int, timeout: float | None = None) -> bool:
        """Wait until messages can be read from a connection or a poll group, at most ``timeout`` seconds.

        False when none came. Raises ``ConnectionClosed`` when the connection has ended and everything was read.
        """
    def wait_writable(self, connection_handle: int, timeout: float | None = None) -> bool:
        """Wait until a send that raised ``WouldBlock`` may be tried again, at most ``timeout`` seconds.

        False when there was no room. Raises ``ConnectionClosed``.
        """
    def get_connection_lifetime_statistics(self, connection_handle: int) -> LifetimeStatistics:
        """Tell the figures of a connection over its whole life: traffic, losses, the spread of ping and jitter."""
    def clear_config_value(self, config_value: int | str, scope_type: int = 1, connection_handle: int = 0) -> None:
        """Take back what was set: the option is inherited again; at the global scope it has its default."""
    def add_trusted_ca(self, authority: _Payload | str) -> list[int]:
        """Believe the certificates that a CA signs, from now on, in new connections; gives the ids of its keys.

        ``authority`` is a public key (a line ``ssh-ed25519 ...``, or 32 bytes), or a certificate of a CA.
        """
    def revoke(self, key_id: int) -> None:
        """Distrust a key, a CA's or a peer's, from now on, in new connections."""
    def revoke_all(self, key_ids: str) -> int:
        """Distrust every key of a list, one decimal key id per line, ``#`` begins a remark; tells how many."""
