extends "peer_suite.gd"
## What handlers of a peer's signals do to the peer that is calling them.

## The first byte of a packet that the MultiplayerAPI hands on as it is.
const RAW := 3


func test_a_handler_may_let_go_of_the_peer() -> void:
	for who: int in [0, 1]:
		var ends: Array[End] = [new_host(), new_end()]
		var end := ends[who]
		var told := [0]
		end.api.peer_connected.connect(func(_id: int) -> void:
			told[0] += 1
			# The last reference but the engine's own is gone before.
			end.api.multiplayer_peer = null)
		check_equal(ends[1].join(ends[0].peer.get_local_address()), OK, "create_client")
		end.peer = null
		await wait_until(func() -> bool: return told[0] > 0, "the handler is called")
		for _frame in 5:
			await process_frame
		end.peer = GameSocketsPeer.new()
		await leave_all()


func test_a_handler_may_begin_anew() -> void:
	var host := new_host()
	var begun := [0]
	host.api.peer_connected.connect(func(_id: int) -> void:
		if begun[0] == 0:
			begun[0] += 1
			host.peer.close()
			check_equal(host.peer.create_host(0, "127.0.0.1"), OK, "create_host in a handler"))
	var clients: Array[End] = [new_client(host), new_client(host), new_client(host)]
	await wait_until(func() -> bool: return begun[0] == 1, "the handler is called")
	for client in clients:
		await wait_until(func() -> bool: return not client.is_connected_now(), "a client of before is told")
	for _frame in 5:
		await process_frame
	check_equal(host.peer.get_peers(), PackedInt32Array(), "the peers of the new session")
	await leave_all()


func test_a_handler_may_call_everything() -> void:
	var host := new_host()
	var heard := func(id: int) -> void:
		host.peer.poll()
		host.peer.get_peers()
		host.peer.get_counters()
		host.peer.get_peer(id)
		host.peer.set_config_value(End.TIMEOUT_CONNECTED, 5000)
		host.peer.set_target_peer(id)
		host.peer.put_packet(PackedByteArray([RAW, 1, 2, 3]))
		host.peer.get_packet()
		host.peer.refuse_new_connections = true
		host.peer.debug_level = 0
		Steam.steamShutdown()
		check(Steam.steamInit(), "steamInit")
		host.peer.disconnect_peer(id)
	host.peer.peer_connected.connect(heard)
	var client := new_client(host)
	await wait_until(func() -> bool: return client.signals.has("server_disconnected"), "it is sent away")
	host.peer.peer_connected.disconnect(heard)
	await leave_all()


func test_a_peer_that_is_dropped_without_a_word_leaves_nothing() -> void:
	var host := new_host()
	var client := GameSocketsPeer.new()
	check_equal(client.create_client(host.peer.get_local_address()), OK, "create_client")
	# A lambda would keep the peer.
	var end := Time.get_ticks_msec() + 30_000
	while client.get_connection_status() != MultiplayerPeer.CONNECTION_CONNECTED and Time.get_ticks_msec() < end:
		client.poll()
		await process_frame
	var connection := client.get_peer(1)
	var id := client.get_unique_id()
	client = null
	check_equal(connection.get_ping(), -1, "the ping of one that is no more")
	check_equal(connection.get_real_time_status(), {}, "its status")
	connection.disconnect_peer()
	await wait_until(func() -> bool: return host.signals.has("peer_disconnected %d" % id), "the host is told")
	await leave_all()
