"""The package as a whole: everything is exported, named as in the schema, and documented."""

import importlib
import inspect
import pkgutil

import gamesockets
from gamesockets import ConnectionEnd, InfoFlags, Result, SendFlags, Sockets


def test_everything_generated_is_exported() -> None:
    for module in (gamesockets._constants, gamesockets._enums, gamesockets._errors, gamesockets._records):
        missing = set(module.__all__) - set(gamesockets.__all__)
        assert missing == set(), module.__name__
    for name in gamesockets.__all__:
        assert hasattr(gamesockets, name)


def test_everything_native_says_what_it_does() -> None:
    for name in ("Notifier", "ReceivedMessage", "Sockets"):
        kind = getattr(gamesockets, name)
        assert kind.__module__ == "gamesockets"
        assert inspect.getdoc(kind)
        for member, value in vars(kind).items():
            if not member.startswith("_"):
                assert inspect.getdoc(value), f"{name}.{member}"


def test_arguments_have_the_names_of_the_schema() -> None:
    signature = inspect.signature(Sockets.close_connection)
    assert list(signature.parameters) == ["self", "connection_handle", "reason", "debug_message", "linger"]
    assert signature.parameters["linger"].default is False


def test_enums_are_numbers_with_names() -> None:
    assert int(Result.OK) == 1
    assert SendFlags.RELIABLE | SendFlags.NO_NAGLE == SendFlags.RELIABLE_NO_NAGLE
    assert int(SendFlags.RELIABLE_NO_NAGLE) == 9
    assert InfoFlags(3) == InfoFlags.UNAUTHENTICATED | InfoFlags.UNENCRYPTED
    assert repr(ConnectionEnd(1000)) == "<ConnectionEnd.APP_GENERIC: 1000>"
    assert gamesockets.MAX_MESSAGE_SIZE == 512 * 1024


def test_every_module_can_be_imported_alone() -> None:
    for module in pkgutil.iter_modules(gamesockets.__path__, "gamesockets."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
