"""Reliable and unreliable game networking over UDP.

The plain layer is the class :class:`Sockets`, which has the functions of the API under Python's names. What these
answer by a code comes as an exception here; see :class:`GamesocketsError`.
"""

import os as _os

from gamesockets import _constants, _enums, _errors, _native, _records
from gamesockets._constants import *
from gamesockets._enums import *
from gamesockets._errors import *
from gamesockets._native import Notifier, ReceivedMessage, Sockets
from gamesockets._records import *

if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_native._forked)

__all__ = [
    "Notifier",
    "ReceivedMessage",
    "Sockets",
    *_constants.__all__,
    *_enums.__all__,
    *_errors.__all__,
    *_records.__all__,
]
