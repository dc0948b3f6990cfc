extends "peer_suite.gd"
## RPCs between a host and clients, each with a MultiplayerAPI of its own.


func test_both_ends_are_told_of_each_other() -> void:
	var ends := await new_session(2)
	var host: End = ends[0]
	check_equal(host.id(), 1, "the host's number")
	check(host.api.is_server() and not ends[1].api.is_server(), "the host is the server")
	for client: End in [ends[1], ends[2]]:
		check(client.id() > 1, "a client has a number of its own")
		check(client.signals.has("peer_connected 1") and client.signals.has("connected_to_server"), "it is told of the host")
		check(host.signals.has("peer_connected %d" % client.id()), "the host is told of it")
		check_equal(client.status(), MultiplayerPeer.CONNECTION_CONNECTED, "its status")
	check(ends[1].signals.has("peer_connected %d" % ends[2].id()), "clients are told of each other")
	check_equal(host.signals.size(), 2, "the host's signals")
	await leave_all()


func test_every_mode_and_channel_carries_calls_both_ways() -> void:
	var ends := await new_session(1)
	for pair: Array in [[ends[0], ends[1]], [ends[1], ends[0]]]:
		var from: End = pair[0]
		var to: End = pair[1]
		for method: String in ["reliable", "unreliable", "ordered", "on_channel_5", "on_channel_83"]:
			from.player.rpc_id.call(to.id(), method, method)
			var before := to.player.calls.size()
			await wait_until(func() -> bool: return to.player.calls.size() > before, method + " arrives")
			check_equal(to.player.calls.back()[0], from.id(), "the sender of " + method)
			check_equal(to.player.calls.back()[2], method, "its value")
	await leave_all()


func test_reliable_calls_keep_their_order_within_a_channel() -> void:
	var ends := await new_session(1)
	for number in 500:
		ends[0].player.reliable.rpc(number)
		ends[0].player.on_channel_5.rpc(number)
	var player := ends[1].player
	await wait_until(func() -> bool: return player.calls.size() == 1000, "all arrive")
	check_equal(player.values("reliable"), range(500), "those on channel 0")
	check_equal(player.values("channel 5"), range(500), "those on channel 5")
	await leave_all()


func test_ordered_calls_are_never_overtaken() -> void:
	var host := new_host()
	var client := new_end()
	# NETWORKING_CONFIG_FAKE_PACKET_REORDER_SEND, _REORDER_TIME, _LOSS_SEND
	client.peer.set_config_value(6, 30.0)
	client.peer.set_config_value(8, 30)
	client.peer.set_config_value(2, 5.0)
	client.peer.no_nagle = true
	client.join(host.peer.get_local_address())
	await wait_until(client.is_connected_now, "it is connected")
	var sent := [0]
	await wait_until(func() -> bool:
		for index in 20:
			client.player.ordered.rpc_id(1, sent[0])
			sent[0] += 1
		return host.peer.get_counters().late > 0, "one comes late")
	client.player.reliable.rpc_id(1, "end")
	await wait_until(func() -> bool: return not host.player.values("reliable").is_empty(), "the end comes")
	var values := host.player.values("ordered")
	var sorted := values.duplicate()
	sorted.sort()
	check_equal(values, sorted, "what came")
	check(values.size() > 0 and values.size() < sent[0], "the late ones were dropped")
	await leave_all()


func test_clients_call_each_other_through_the_host() -> void:
	var ends := await new_session(3)
	var a: End = ends[1]
	var b: End = ends[2]
	var c: End = ends[3]
	a.player.reliable.rpc_id(b.id(), "to one")
	a.player.ordered.rpc_id(c.id(), "in order")
	await wait_until(func() -> bool: return b.player.calls.size() == 1 and c.player.calls.size() == 1, "they arrive")
	check_equal(b.player.calls, [[a.id(), "reliable", "to one"]] as Array[Array], "what one got")
	check_equal(c.player.calls, [[a.id(), "ordered", "in order"]] as Array[Array], "what the other got")
	check(ends[0].player.calls.is_empty(), "the host only hands them on")
	a.player.on_channel_5.rpc("to all")
	for end: End in [ends[0], b, c]:
		await wait_until(func() -> bool: return end.player.values("channel 5") == ["to all"], "all get it")
	a.player.reliable.rpc_id(-b.id(), "to all but one")
	for end: End in [ends[0], c]:
		await wait_until(func() -> bool: return end.player.values("reliable") == ["to all but one"], "the others get it")
	check_equal(b.player.values("reliable"), ["to one"], "the one does not")
	await leave_all()


func test_without_relay_clients_do_not_know_each_other() -> void:
	var host := new_end()
	host.peer.server_relay = false
	host.host()
	var clients: Array[End] = [new_client(host), new_client(host)]
	await wait_until(func() -> bool: return host.api.get_peers().size() == 2, "both come")
	host.player.reliable.rpc("hello")
	await wait_until(func() -> bool: return clients.all(func(end: End) -> bool: return end.player.calls.size() == 1), "a call")
	for client in clients:
		check_equal(client.api.get_peers(), PackedInt32Array([1]), "whom a client knows")
	await leave_all()


func test_a_large_call_arrives_whole() -> void:
	var ends := await new_session(1)
	var bytes := PackedByteArray()
	bytes.resize(500_000)
	for index in range(0, bytes.size(), 1000):
		bytes[index] = index % 251
	ends[0].player.reliable.rpc(bytes)
	ends[1].player.unreliable.rpc_id(1, bytes)
	await wait_until(func() -> bool: return ends.all(func(end: End) -> bool: return end.player.calls.size() == 1), "both arrive")
	check(ends[0].player.calls[0][2] == bytes and ends[1].player.calls[0][2] == bytes, "they are whole")
	await leave_all()


func test_thirty_peers_live_in_one_process() -> void:
	var ends := await new_session(30)
	for end in ends:
		end.player.everywhere.rpc(end.id())
	await wait_until(func() -> bool: return ends.all(func(end: End) -> bool: return end.player.calls.size() == 31), "all hear all")
	await leave_all()
