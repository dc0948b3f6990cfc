extends "peer_suite.gd"
## How sessions begin and end.


func test_where_nobody_listens_the_connection_fails() -> void:
	var gone := new_host()
	var address := gone.peer.get_local_address()
	gone.peer.close()
	var client := new_end()
	client.peer.set_config_value(End.TIMEOUT_INITIAL, 300)
	check_equal(client.join(address), OK, "it begins")
	check_equal(client.status(), MultiplayerPeer.CONNECTION_CONNECTING, "the status at first")
	await wait_until(func() -> bool: return not client.signals.is_empty(), "a signal comes")
	check_equal(client.signals, PackedStringArray(["connection_failed"]), "the signals")
	check_equal(client.status(), MultiplayerPeer.CONNECTION_DISCONNECTED, "the status at last")
	check(client.peer.get_end_reason() >= 3000 and client.peer.get_end_debug() != "", "there is a reason")
	await leave_all()


func test_a_host_that_refuses_is_heard() -> void:
	var ends := await new_session(1)
	ends[0].peer.refuse_new_connections = true
	var refused := new_client(ends[0])
	await wait_until(func() -> bool: return not refused.signals.is_empty(), "a signal comes")
	check_equal(refused.signals, PackedStringArray(["connection_failed"]), "the signals")
	check_equal(refused.peer.get_end_reason(), 1002, "the reason")
	check_equal(ends[0].peer.get_counters().refused, 1, "the host counts it")
	ends[0].peer.refuse_new_connections = false
	var welcome := new_client(ends[0])
	await wait_until(welcome.is_connected_now, "then the next is taken")
	await leave_all()


func test_a_full_host_takes_nobody() -> void:
	var host := new_end()
	host.peer.max_clients = 1
	host.host()
	var first := new_client(host)
	await wait_until(first.is_connected_now, "the first is taken")
	var second := new_client(host)
	await wait_until(func() -> bool: return second.signals == PackedStringArray(["connection_failed"]), "the second is not")
	check_equal(second.peer.get_end_reason(), 1003, "the reason")
	await leave_all()


func test_a_kicked_client_hears_the_last_call_and_goes() -> void:
	var ends := await new_session(2)
	var kicked: End = ends[1]
	var id := kicked.id()
	ends[0].player.reliable.rpc_id(id, "farewell")
	ends[0].peer.get_peer(id).disconnect_peer()
	await wait_until(func() -> bool: return kicked.signals.has("server_disconnected"), "it is told")
	check_equal(kicked.player.values("reliable"), ["farewell"], "what it heard")
	check_equal(kicked.peer.get_end_reason(), 1001, "the reason")
	await wait_until(func() -> bool: return ends[0].signals.has("peer_disconnected %d" % id), "the host is told")
	await wait_until(func() -> bool: return ends[2].signals.has("peer_disconnected %d" % id), "the others are told")
	check(ends[2].is_connected_now(), "the others stay")
	check(ends[0].peer.get_peer(id) == null, "the host has forgotten it")
	await leave_all()


func test_with_force_the_host_is_not_told() -> void:
	var ends := await new_session(1)
	var id: int = ends[1].id()
	ends[0].peer.disconnect_peer(id, true)
	await wait_until(func() -> bool: return ends[1].signals.has("server_disconnected"), "the client is told")
	check(not ends[0].signals.has("peer_disconnected %d" % id), "the host is not")
	check_equal(ends[0].peer.get_peers(), PackedInt32Array(), "its peers")
	await leave_all()


func test_a_client_that_closes_is_gone_for_all() -> void:
	var ends := await new_session(2)
	var id: int = ends[1].id()
	ends[1].player.reliable.rpc_id(1, "last words")
	ends[1].peer.close()
	await wait_until(func() -> bool: return ends[0].signals.has("peer_disconnected %d" % id), "the host is told")
	await wait_until(func() -> bool: return ends[2].signals.has("peer_disconnected %d" % id), "the other is told")
	check_equal(ends[0].peer.get_end_reason(), 1000, "the reason")
	await leave_all()


func test_a_host_that_closes_is_lost_for_all() -> void:
	var ends := await new_session(2)
	ends[0].peer.close()
	for client: End in [ends[1], ends[2]]:
		await wait_until(func() -> bool: return client.signals.has("server_disconnected"), "a client is told")
		check_equal(client.status(), MultiplayerPeer.CONNECTION_DISCONNECTED, "its status")
		check_equal(client.peer.get_end_reason(), 1000, "the reason")
	await leave_all()


func test_a_handler_may_close_the_peer_it_hears_from() -> void:
	var host := new_host()
	host.api.peer_connected.connect(func(_id: int) -> void: host.peer.close())
	var client := new_client(host)
	await wait_until(func() -> bool: return host.status() == MultiplayerPeer.CONNECTION_DISCONNECTED, "the host closes")
	await wait_until(func() -> bool: return not client.signals.is_empty(), "the client is told")
	await leave_all()


func test_a_handler_may_kick_whom_it_hears_of() -> void:
	var host := new_host()
	host.api.peer_connected.connect(func(id: int) -> void: host.peer.disconnect_peer(id, true))
	var client := new_client(host)
	await wait_until(func() -> bool: return client.status() == MultiplayerPeer.CONNECTION_DISCONNECTED, "it is kicked")
	check_equal(client.peer.get_end_reason(), 1001, "the reason")
	await leave_all()


func test_a_peer_can_be_used_again() -> void:
	var end := new_host()
	check_equal(end.peer.create_host(0), ERR_ALREADY_IN_USE, "a second create_host")
	check_equal(end.peer.create_client("127.0.0.1:1"), ERR_ALREADY_IN_USE, "create_client of a host")
	end.peer.close()
	check_equal(end.peer.get_local_port(), 0, "the port of a closed peer")
	var other := new_host()
	check_equal(end.join(other.peer.get_local_address()), OK, "the same as a client")
	await wait_until(end.is_connected_now, "it is connected")
	await leave_all()


func test_arguments_that_cannot_be_are_refused() -> void:
	var peer := GameSocketsPeer.new()
	for arguments: Array in [[-1], [65536], [0, "nowhere"], [0, ""], [0, "127.0.0.1:5"]]:
		check_equal(peer.create_host.callv(arguments), ERR_INVALID_PARAMETER, "create_host %s" % [arguments])
	for arguments: Array in [["127.0.0.1"], [""], ["127.0.0.1:0"], ["0.0.0.0:5"], ["127.0.0.1", 70000], ["::1:5:x"]]:
		check_equal(peer.create_client.callv(arguments), ERR_INVALID_PARAMETER, "create_client %s" % [arguments])
	peer.identity = "steamid:1"
	check_equal(peer.create_host(0), ERR_INVALID_PARAMETER, "create_host of nobody")
	check_equal(peer.set_config_value(123456, 1), ERR_INVALID_PARAMETER, "an option that is not")
	check_equal(peer.set_config_value(9, []), ERR_INVALID_PARAMETER, "a value that cannot be")
	check_equal(peer.get_connection_status(), MultiplayerPeer.CONNECTION_DISCONNECTED, "the status")
	var host := new_host()
	var taken := GameSocketsPeer.new()
	check_equal(taken.create_host(host.peer.get_local_port(), "127.0.0.1"), ERR_ALREADY_IN_USE, "a port that is taken")
	await leave_all()


func test_a_name_is_looked_up() -> void:
	var host := new_host()
	var client := new_end()
	check_equal(client.peer.create_client("localhost", host.peer.get_local_port()), OK, "create_client")
	client.api.multiplayer_peer = client.peer
	await wait_until(client.is_connected_now, "it is connected")
	await leave_all()


func test_a_name_may_have_its_port_with_it() -> void:
	var host := new_host()
	var client := new_end()
	check_equal(client.join("localhost:%d" % host.peer.get_local_port()), OK, "create_client")
	await wait_until(client.is_connected_now, "it is connected")
	await leave_all()


func test_a_name_that_nobody_knows_fails_the_connection() -> void:
	var client := new_end()
	check_equal(client.join("no-such-computer.invalid:4242"), OK, "create_client")
	check_equal(client.status(), MultiplayerPeer.CONNECTION_CONNECTING, "the status at first")
	await wait_until(func() -> bool: return not client.signals.is_empty(), "a signal comes")
	check_equal(client.signals, PackedStringArray(["connection_failed"]), "the signals")
	check_equal(client.peer.get_end_reason(), 1007, "the reason")
	check(client.peer.get_end_debug().contains("no-such-computer.invalid"), "the reason names it")
	await leave_all()


func test_authentication_of_the_scene_tree_works() -> void:
	var host := new_end()
	host.api.auth_callback = func(id: int, data: PackedByteArray) -> void:
		if data.get_string_from_utf8() == "open sesame":
			host.api.complete_auth(id)
	host.host()
	var client := new_end()
	client.api.auth_callback = func(_id: int, _data: PackedByteArray) -> void: pass
	client.api.peer_authenticating.connect(func(id: int) -> void:
		client.api.send_auth(id, "open sesame".to_utf8_buffer())
		client.api.complete_auth(id))
	client.join(host.peer.get_local_address())
	await wait_until(func() -> bool: return host.api.get_peers().size() == 1, "it is let in")
	await leave_all()
