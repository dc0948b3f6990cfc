"""Certificates of one's own CA, made by gamesockets-cert."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from gamesockets import Availability, ConnectionState, ConnectionStatusChanged, Event, InfoFlags, Sockets
from programs import build
from support import LIMIT, connect, take_state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """Make a CA, and certificates for Alice and for the server."""
    program = build("--package", "gamesockets-cert")

    def run(*arguments: str) -> None:
        subprocess.run([program, *arguments], cwd=tmp_path, timeout=LIMIT, check=True, capture_output=True)

    run("ca", "create", "--out", "ca")
    for name in ("alice", "server"):
        run("request", "--identity", f"str:{name}", "--key", f"{name}.key", "--out", f"{name}.req")
        run("sign", "--ca-key", "ca.key", "--out", f"{name}.cert", f"{name}.req")
    return tmp_path


def instance(credentials: Path, name: str) -> Sockets:
    sockets = Sockets()
    sockets.add_trusted_ca((credentials / "ca.cert").read_text())
    sockets.set_certificate((credentials / f"{name}.cert").read_bytes(), (credentials / f"{name}.key").read_bytes())
    return sockets


def test_both_ends_prove_who_they_are(credentials: Path) -> None:
    with instance(credentials, "server") as server, instance(credentials, "alice") as alice:
        assert alice.get_identity() == "str:alice"
        assert alice.init_authentication() is Availability.CURRENT
        for sockets in (server, alice):
            sockets.set_global_config_value_int32("ip_allow_without_auth", 0)
            sockets.set_global_config_value_int32("ip_local_host_allow_without_auth", 0)
        pair = connect(server, alice)
        info = server.get_connection_info(pair.to_client)
        assert info["identity_string"] == "str:alice"
        assert InfoFlags.UNAUTHENTICATED not in info["info_flags"]


def test_a_stranger_is_refused(credentials: Path, client: Sockets) -> None:
    with instance(credentials, "server") as server:
        listen_socket = server.create_listen_socket_ip(
            "127.0.0.1:0", ip_allow_without_auth=0, ip_local_host_allow_without_auth=0
        )
        address = server.get_listen_socket_address(listen_socket)
        connection = client.connect_by_ip_address(address, timeout_initial=500)
        take_state(client, ConnectionState.PROBLEM_DETECTED_LOCALLY, connection)
        events: list[Event] = []
        server.run_networking_callbacks(events.append)
        assert not any(isinstance(event, ConnectionStatusChanged) for event in events), "it hears nothing of strangers"


def test_a_request_names_our_identity(server: Sockets) -> None:
    request = server.get_certificate_request()
    assert isinstance(request, bytes)
    assert b"server" in request
    assert server.get_certificate_request() == request
    server.set_current_app_id(480)
    assert server.get_current_app_id() == 480
    server.revoke(1)
    assert server.revoke_all("# two\n2\n3\n") == 2
