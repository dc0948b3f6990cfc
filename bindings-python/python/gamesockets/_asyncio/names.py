"""Host names instead of IP addresses."""

from __future__ import annotations

import asyncio
import re
import socket

from gamesockets._asyncio.ends import refusal
from gamesockets._enums import ConnectionEnd
from gamesockets._errors import InvalidArgument

_NAME_AND_PORT = re.compile(r"(?P<name>(?=[^:]*[a-z])[a-z0-9_.-]+):(?P<port>[0-9]{1,5})", re.IGNORECASE)
"""A name has a letter, IPv4 has none, and IPv6 has more than one colon."""


async def resolved(address: str, deadline: float | None) -> str:
    """Give the IP address and port that are meant; what has no name is given back as it is.

    Raises `InvalidArgument` for a name that nobody knows, and `ConnectTimeout`.
    """
    found = _NAME_AND_PORT.fullmatch(address) if isinstance(address, str) else None
    if found is None:
        return address
    loop = asyncio.get_running_loop()
    asking = loop.getaddrinfo(found["name"], None, type=socket.SOCK_DGRAM)
    try:
        answers = await asyncio.wait_for(asking, None if deadline is None else deadline - loop.time())
    except asyncio.TimeoutError:
        raise refusal(address, ConnectionEnd.MISC_TIMEOUT, f"no answer about the name {found['name']}") from None
    except (OSError, UnicodeError) as error:
        raise InvalidArgument(f"no host is known as {found['name']!r}: {error}") from error
    # Servers at "[::]" hear IPv4, too; the other way round it does not work.
    family, *_, end = min(answers, key=lambda answer: answer[0] != socket.AF_INET)
    return f"{end[0]}:{found['port']}" if family == socket.AF_INET else f"[{end[0]}]:{found['port']}"
