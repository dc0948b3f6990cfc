"""What cannot be done raises an exception that names the cause; the interpreter lives on."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import gamesockets
from gamesockets import (
    CertificateError,
    ConfigValue,
    GamesocketsError,
    InvalidArgument,
    InvalidHandle,
    InvalidState,
    LimitExceeded,
    Notifier,
    Result,
    SendFlags,
    Sockets,
)
from support import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

NO_HANDLES = [0, 1, 0x80000000, 0xFFFFFFFF]


@pytest.mark.parametrize("handle", NO_HANDLES)
def test_numbers_that_are_no_handles(server: Sockets, handle: int) -> None:
    notifier = Notifier(server)
    calls: list[Callable[[], object]] = [
        lambda: server.accept_connection(handle),
        lambda: server.close_connection(handle),
        lambda: server.close_listen_socket(handle),
        lambda: server.configure_connection_lanes(handle, 1, [0], [1]),
        lambda: server.destroy_poll_group(handle),
        lambda: server.flush_messages_on_connection(handle),
        lambda: server.get_connection_info(handle),
        lambda: server.get_connection_lifetime_statistics(handle),
        lambda: server.get_connection_name(handle),
        lambda: server.get_connection_real_time_status(handle),
        lambda: server.get_connection_user_data(handle),
        lambda: server.get_detailed_connection_status(handle),
        lambda: server.get_listen_socket_address(handle),
        lambda: server.get_quick_connection_status(handle),
        lambda: server.receive_messages_on_connection(handle, 1),
        lambda: server.receive_messages_on_listen_socket(handle, 1),
        lambda: server.receive_messages_on_poll_group(handle, 1),
        lambda: server.send_message_to_connection(handle, b"", SendFlags.RELIABLE),
        lambda: server.set_connection_name(handle, ""),
        lambda: server.set_connection_poll_group(handle, 0),
        lambda: server.set_connection_user_data(handle, 0),
        lambda: server.set_connection_config_value_int32(handle, "nagle_time", 0),
        lambda: server.wait_messages(handle, 0),
        lambda: server.wait_writable(handle, 0),
        lambda: notifier.watch_messages(handle),
        lambda: notifier.watch_writable(handle),
    ]
    for call in calls:
        with pytest.raises(InvalidHandle, match=f"{handle:#010x}"):
            call()
    assert server.send_messages(handle, [b""], SendFlags.RELIABLE) == [-Result.INVALID_PARAM]


def test_handles_of_another_kind_or_another_instance(pair: Pair) -> None:
    group = pair.server.create_poll_group()
    with pytest.raises(InvalidHandle, match="no live connection"):
        pair.server.close_connection(pair.listen_socket)
    with pytest.raises(InvalidHandle, match="no live listen socket"):
        pair.server.close_listen_socket(group)
    with pytest.raises(InvalidHandle, match="no live poll group"):
        pair.server.set_connection_poll_group(pair.to_client, pair.to_client)
    with pytest.raises(InvalidHandle, match="no live poll group"):
        pair.client.receive_messages_on_poll_group(group, 1)


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ("text", "bytes-like object is required, not 'str'"),
        (5, "bytes-like object is required, not 'int'"),
        (None, "bytes-like object is required, not 'NoneType'"),
        ([b"list"], "bytes-like object is required, not 'list'"),
    ],
)
def test_payloads_that_are_no_bytes(pair: Pair, payload: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        pair.client.send_message_to_connection(pair.to_server, payload, SendFlags.RELIABLE)
    with pytest.raises(TypeError, match=problem):
        pair.client.send_messages(pair.to_server, [b"good", payload], SendFlags.RELIABLE)
    status = pair.client.get_quick_connection_status(pair.to_server)
    assert status["pending_reliable"] + status["sent_unacknowledged_reliable"] == 0, "nothing was sent"


def test_buffers_with_gaps_and_buffers_let_go_of(pair: Pair) -> None:
    send = pair.client.send_message_to_connection
    payloads: list[Any] = [np.arange(10)[::2], memoryview(bytes(10))[::2]]
    for gaps in payloads:
        with pytest.raises((BufferError, ValueError), match="contiguous"):
            send(pair.to_server, gaps, SendFlags.RELIABLE)
    view = memoryview(b"gone")
    view.release()
    with pytest.raises(ValueError, match="released"):
        send(pair.to_server, view, SendFlags.RELIABLE)
    growing = bytearray(b"free again")
    send(pair.to_server, growing, SendFlags.RELIABLE)
    growing.extend(b" when the call is over")


def test_an_iterator_that_fails_sends_nothing(pair: Pair) -> None:
    def broken() -> Any:
        yield b"good"
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        pair.client.send_messages(pair.to_server, broken(), SendFlags.RELIABLE)
    with pytest.raises(TypeError, match="not iterable"):
        pair.client.send_messages(pair.to_server, 5, SendFlags.RELIABLE)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [-1, 2**32, 2**80, 1.5, "1", None])
def test_handles_that_are_no_numbers_of_32_bits(server: Sockets, number: Any) -> None:
    with pytest.raises((TypeError, OverflowError)):
        server.close_connection(number)


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:0", "0.0.0.0:5", "\0"])
def test_addresses_that_cannot_be_connected_to(client: Sockets, address: str) -> None:
    with pytest.raises(InvalidArgument, match="address|connect"):
        client.connect_by_ip_address(address)


@pytest.mark.parametrize(
    ("identity", "error"),
    [("nonsense", ValueError), ("str:" + "x" * 40, ValueError), (5, ValueError), (-1, ValueError), (1.5, TypeError)],
)
def test_identities_that_are_none(identity: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="dentity|SteamID|steamid"):
        Sockets(identity)


def test_unknown_options_name_the_nearest() -> None:
    for keyword, nearest in [("nagel_time", "nagle_time"), ("timeout_conected", "timeout_connected")]:
        with pytest.raises(InvalidArgument, match=f"no option {keyword}: did you mean {nearest}"):
            Sockets(**{keyword: 1})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="no option qqqqqq: see"):
        Sockets(options={"qqqqqq": 1})
    with pytest.raises(InvalidArgument, match="option 4711"):
        Sockets(options={4711: 1})


def test_options_with_wrong_values(client: Sockets) -> None:
    with pytest.raises(TypeError, match=r"nagle_time: give a bool, int, float or str, not list"):
        client.connect_by_ip_address("127.0.0.1:9", nagle_time=[])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="named by a str or a ConfigValue, not by float"):
        client.connect_by_ip_address("127.0.0.1:9", {1.5: 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.connect_by_ip_address("127.0.0.1:9", [1])  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="many"):
        client.connect_by_ip_address("127.0.0.1:9", nagle_time="many")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="64 bits"):
        client.connect_by_ip_address("127.0.0.1:9", nagle_time=2**64)
    with pytest.raises(InvalidArgument, match="whole instance"):
        client.connect_by_ip_address("127.0.0.1:9", fake_packet_loss_send=1.0)
    with pytest.raises(InvalidArgument, match="arrives with P2P"):
        client.set_global_config_value_string("p2p_stun_server_list", "")
    with pytest.raises(InvalidArgument, match="is no ConfigScope"):
        client.get_config_value("nagle_time", 77)
    with pytest.raises(InvalidArgument, match="is no ConfigDataType"):
        client.set_config_value("nagle_time", 1, 0, 77, 5)
    with pytest.raises(InvalidArgument, match="is no DebugOutputType"):
        client.set_debug_output_function(77)
    with pytest.raises(TypeError, match="not an instance of .Mapping"):
        client.connect_by_ip_address("127.0.0.1:9", options=5)  # type: ignore[arg-type]


def test_times_that_are_none(server: Sockets) -> None:
    with pytest.raises(InvalidArgument, match="NaN"):
        server.wait_event(math.nan)
    assert server.wait_event(-1) is None
    assert server.wait_event(-math.inf) is None
    with pytest.raises(TypeError):
        server.wait_event("soon")  # type: ignore[arg-type]


def test_certificates_that_are_none(server: Sockets) -> None:
    with pytest.raises(CertificateError, match="certificate refused") as caught:
        server.set_certificate(b"nonsense")
    assert caught.value.result is Result.INVALID_PARAM
    with pytest.raises(CertificateError, match="no CA to trust"):
        server.add_trusted_ca("nonsense")
    with pytest.raises(CertificateError, match="nothing was revoked"):
        server.revoke_all("1\nnonsense")
    with pytest.raises(CertificateError, match="needs a certificate"):
        server.create_listen_socket_ip("127.0.0.1:0", ip_allow_without_auth=0)


def test_a_closed_instance_says_so() -> None:
    sockets = Sockets()
    first, _ = sockets.create_socket_pair()
    notifier = Notifier(sockets)
    sockets.close()
    sockets.close()
    assert sockets.closed
    assert repr(sockets) == "<Sockets (closed)>"
    calls: list[Callable[[], object]] = [
        sockets.get_identity,
        sockets.poll_event,
        sockets.wait_event,
        sockets.create_poll_group,
        lambda: sockets.send_message_to_connection(first, b"", SendFlags.RELIABLE),
        lambda: sockets.connect_by_ip_address("127.0.0.1:9"),
        lambda: sockets.receive_messages_on_connection(first, 1),
        lambda: Notifier(sockets),
        notifier.watch_events,
        lambda: notifier.watch_messages(first),
    ]
    for call in calls:
        with pytest.raises(InvalidState, match="this Sockets is closed"):
            call()
    notifier.close()
    notifier.close()
    assert notifier.closed
    with pytest.raises(InvalidState, match="this Notifier is closed"):
        notifier.fileno()


def test_there_are_only_so_many_connections() -> None:
    with Sockets() as sockets, pytest.raises(LimitExceeded, match="16383 may be open at once") as caught:
        while True:
            sockets.create_socket_pair()
    assert caught.value.result is Result.LIMIT_EXCEEDED


def test_every_exception_can_be_pickled() -> None:
    import pickle

    for name in gamesockets._errors.__all__:
        error = getattr(gamesockets, name)("what happened", Result.BUSY)
        again = pickle.loads(pickle.dumps(error))
        assert isinstance(again, GamesocketsError)
        assert (type(again), str(again), again.result) == (type(error), "what happened", Result.BUSY)
    closed = gamesockets.ConnectionClosed("it ended", Result.NO_CONNECTION, gamesockets.ConnectionEnd(1234), "bye")
    again = pickle.loads(pickle.dumps(closed))
    assert (again.reason, again.debug, str(again)) == (1234, "bye", "it ended")


def test_threads_that_close_what_others_use_see_exceptions_only() -> None:
    problems: list[BaseException] = []

    def use(sockets: Sockets) -> None:
        try:
            while True:
                first, second = sockets.create_socket_pair()
                sockets.send_message_to_connection(first, b"x", SendFlags.RELIABLE)
                sockets.receive_messages_on_connection(second, 1)
                sockets.close_connection(first)
        except InvalidState:
            pass
        except BaseException as problem:
            problems.append(problem)

    for _ in range(5):
        sockets = Sockets()
        threads = [threading.Thread(target=use, args=(sockets,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        sockets.close()
        for thread in threads:
            thread.join()
    assert problems == []


def test_a_member_without_a_name_is_kept() -> None:
    assert ConfigValue(4711) == 4711
    assert repr(ConfigValue(4711)) == "<ConfigValue.4711: 4711>"
    with pytest.raises(ValueError, match="not a valid"):
        ConfigValue("nagle_time")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a valid"):
        gamesockets.ConnectionState(77)
