"""Options: set and read by number or by name, at four scopes."""

from gamesockets import ConfigDataType, ConfigScope, ConfigValue, GetConfigValueResult, Sockets


def test_options_are_given_where_things_are_made() -> None:
    with Sockets(nagle_time=1234, options={ConfigValue.TIMEOUT_CONNECTED: 5678}) as sockets:
        assert sockets.get_config_value("nagle_time") == {
            "result": GetConfigValueResult.OK,
            "type": ConfigDataType.INT32,
            "value": (1234).to_bytes(4, "little"),
            "decoded": 1234,
        }
        assert sockets.get_config_value(ConfigValue.TIMEOUT_CONNECTED)["decoded"] == 5678
        listen_socket = sockets.create_listen_socket_ip("127.0.0.1:0", {"nagle_time": 1}, send_rate_max=99_999)
        at_socket = sockets.get_config_value("nagle_time", ConfigScope.LISTEN_SOCKET, listen_socket)
        assert (at_socket["decoded"], at_socket["result"]) == (1, GetConfigValueResult.OK)
        inherited = sockets.get_config_value("timeout_connected", ConfigScope.LISTEN_SOCKET, listen_socket)
        assert (inherited["decoded"], inherited["result"]) == (5678, GetConfigValueResult.OK_INHERITED)
        connection = sockets.connect_by_ip_address("127.0.0.1:9", nagle_time=2)
        assert sockets.get_config_value("nagle_time", ConfigScope.CONNECTION, connection)["decoded"] == 2


def test_options_are_set_and_cleared(server: Sockets) -> None:
    connection, _ = server.create_socket_pair()

    def value(option: str) -> object:
        return server.get_config_value(option, ConfigScope.CONNECTION, connection)["decoded"]

    default = value("nagle_time")
    server.set_global_config_value_int32("nagle_time", 10)
    assert value("nagle_time") == 10
    server.set_connection_config_value_int32(connection, ConfigValue.NAGLE_TIME, 20)
    assert value("nagle_time") == 20
    server.set_connection_config_value_float(connection, "nagle_time", 30.4)
    assert value("nagle_time") == 30
    server.set_connection_config_value_string(connection, "nagle_time", "40")
    assert value("nagle_time") == 40
    server.clear_config_value("nagle_time", ConfigScope.CONNECTION, connection)
    assert value("nagle_time") == 10
    server.set_config_value("NAGLE_TIME", ConfigScope.SOCKETS_INTERFACE, 0, ConfigDataType.STRING, 50)
    assert value("nagle_time") == 50
    server.clear_config_value("nagle_time", ConfigScope.SOCKETS_INTERFACE)
    server.clear_config_value("nagle_time")
    assert value("nagle_time") == default
    server.set_global_config_value_float("fake_packet_loss_send", 2.5)
    assert server.get_config_value("fake_packet_loss_send")["decoded"] == 2.5
    server.set_global_config_value_string("fake_packet_lag_send", "7")
    assert server.get_config_value("fake_packet_lag_send")["value"] == b"\7\0\0\0"


def test_options_describe_themselves(server: Sockets) -> None:
    info = server.get_config_value_info("fake_packet_loss_send")
    assert info == {"name": "FakePacketLoss_Send", "type": ConfigDataType.FLOAT, "scope": ConfigScope.GLOBAL}
    listed = []
    option = server.iterate_generic_editable_config_values(ConfigValue.INVALID, True)
    while option is not ConfigValue.INVALID:
        listed.append(option)
        option = server.iterate_generic_editable_config_values(option, True)
    assert ConfigValue.NAGLE_TIME in listed
    assert len(set(listed)) == len(listed) > 20
