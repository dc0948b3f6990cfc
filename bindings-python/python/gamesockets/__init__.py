"""Reliable and unreliable game networking over UDP.

The asyncio layer begins with :func:`connect` and :func:`listen`::

    async with gamesockets.connect("127.0.0.1:27015") as connection:
        await connection.send(b"hello")
        async for message in connection:
            print(message.payload)

The plain layer is the class :class:`Sockets`, which has the functions of the API under Python's names. What these
answer by a code comes as an exception here; see :class:`GamesocketsError`.
"""

import os as _os

from gamesockets import _native
from gamesockets._asyncio.connection import Connection
from gamesockets._asyncio.group import PollGroup
from gamesockets._asyncio.host import Host
from gamesockets._asyncio.opening import Opening
from gamesockets._asyncio.server import Server
from gamesockets._asyncio.shortcuts import connect, listen, poll_group, socket_pair
from gamesockets._constants import (
    CONNECTION_INVALID,
    FAKE_UDP_PORT_MAX_MESSAGE_SIZE,
    FAKE_UDP_PORT_RECOMMENDED_MTU,
    LISTEN_SOCKET_INVALID,
    MAX_ADDRESS_STRING,
    MAX_CLOSE_REASON,
    MAX_CONNECTION_APP_NAME,
    MAX_CONNECTION_DESCRIPTION,
    MAX_COORDINATOR_LOGIN_APP_DATA,
    MAX_COORDINATOR_LOGIN_SERIALIZED,
    MAX_ERROR_MESSAGE,
    MAX_FAKE_PORTS,
    MAX_IDENTITY_GENERIC_BYTES,
    MAX_IDENTITY_GENERIC_STRING,
    MAX_IDENTITY_STRING,
    MAX_IDENTITY_XBOX_PAIRWISE_ID,
    MAX_MESSAGE_SIZE,
    MAX_PING_LOCATION_STRING,
    MAX_SERIALIZED_TICKET,
    PING_FAILED,
    PING_UNKNOWN,
    POLL_GROUP_INVALID,
    POP_ID_DEV,
)
from gamesockets._enums import (
    Availability,
    ConfigDataType,
    ConfigScope,
    ConfigValue,
    ConnectionEnd,
    ConnectionState,
    DebugOutputType,
    FakeIpType,
    GetConfigValueResult,
    IceCandidates,
    IdentityType,
    InfoFlags,
    InitResult,
    Result,
    SendFlags,
)
from gamesockets._errors import (
    AddressUnavailable,
    CertificateError,
    ConnectionClosed,
    ConnectionRefused,
    ConnectTimeout,
    GamesocketsError,
    HandshakeFailed,
    InvalidArgument,
    InvalidHandle,
    InvalidState,
    LimitExceeded,
    MessageTooLarge,
    NotConnected,
    WouldBlock,
    WrongLoop,
)
from gamesockets._native import Message, Notifier, ReceivedMessage, Sockets
from gamesockets._records import (
    AuthenticationStatus,
    ConfigOptions,
    ConfigValueAnswer,
    ConfigValueInfo,
    ConnectionInfo,
    ConnectionStatusChanged,
    ConnectionWritable,
    DebugOutput,
    Event,
    LaneStatus,
    LifetimeStatistics,
    Options,
    RealTimeStatus,
    RealTimeStatusAnswer,
)

if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_native._forked)

__all__ = [
    "CONNECTION_INVALID",
    "FAKE_UDP_PORT_MAX_MESSAGE_SIZE",
    "FAKE_UDP_PORT_RECOMMENDED_MTU",
    "LISTEN_SOCKET_INVALID",
    "MAX_ADDRESS_STRING",
    "MAX_CLOSE_REASON",
    "MAX_CONNECTION_APP_NAME",
    "MAX_CONNECTION_DESCRIPTION",
    "MAX_COORDINATOR_LOGIN_APP_DATA",
    "MAX_COORDINATOR_LOGIN_SERIALIZED",
    "MAX_ERROR_MESSAGE",
    "MAX_FAKE_PORTS",
    "MAX_IDENTITY_GENERIC_BYTES",
    "MAX_IDENTITY_GENERIC_STRING",
    "MAX_IDENTITY_STRING",
    "MAX_IDENTITY_XBOX_PAIRWISE_ID",
    "MAX_MESSAGE_SIZE",
    "MAX_PING_LOCATION_STRING",
    "MAX_SERIALIZED_TICKET",
    "PING_FAILED",
    "PING_UNKNOWN",
    "POLL_GROUP_INVALID",
    "POP_ID_DEV",
    "AddressUnavailable",
    "AuthenticationStatus",
    "Availability",
    "CertificateError",
    "ConfigDataType",
    "ConfigOptions",
    "ConfigScope",
    "ConfigValue",
    "ConfigValueAnswer",
    "ConfigValueInfo",
    "ConnectTimeout",
    "Connection",
    "ConnectionClosed",
    "ConnectionEnd",
    "ConnectionInfo",
    "ConnectionRefused",
    "ConnectionState",
    "ConnectionStatusChanged",
    "ConnectionWritable",
    "DebugOutput",
    "DebugOutputType",
    "Event",
    "FakeIpType",
    "GamesocketsError",
    "GetConfigValueResult",
    "HandshakeFailed",
    "Host",
    "IceCandidates",
    "IdentityType",
    "InfoFlags",
    "InitResult",
    "InvalidArgument",
    "InvalidHandle",
    "InvalidState",
    "LaneStatus",
    "LifetimeStatistics",
    "LimitExceeded",
    "Message",
    "MessageTooLarge",
    "NotConnected",
    "Notifier",
    "Opening",
    "Options",
    "PollGroup",
    "RealTimeStatus",
    "RealTimeStatusAnswer",
    "ReceivedMessage",
    "Result",
    "SendFlags",
    "Server",
    "Sockets",
    "WouldBlock",
    "WrongLoop",
    "connect",
    "listen",
    "poll_group",
    "socket_pair",
]
