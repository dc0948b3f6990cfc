extends "peer_suite.gd"
## Sessions of several processes.

const World := preload("world.gd")
const METHODS := ["reliable", "unreliable", "ordered", "on_channel_5", "on_channel_83"]


func test_processes_call_each_other_in_every_mode_and_through_the_host() -> void:
	var host := new_host()
	var others: Array[Other] = [start_other("client", host.peer.get_local_address()),
			start_other("client", host.peer.get_local_address())]
	await wait_until(func() -> bool: return host.api.get_peers().size() == 2, "both come")
	var ids := host.api.get_peers()
	for id in ids:
		for method: String in METHODS:
			host.player.calls.clear()
			host.player.rpc_id.call(id, method, method)
			await wait_until(func() -> bool: return not host.player.calls.is_empty(), method + " is answered")
			check_equal(host.player.calls[0][0], id, "who answers")
			check_equal(host.player.calls[0][2], {"answer": method}, "the answer")
	host.player.calls.clear()
	host.player.reliable.rpc_id(ids[0], {"relay": ids[1]})
	await wait_until(func() -> bool: return not host.player.calls.is_empty(), "the clients have spoken")
	check_equal(host.player.calls[0], [ids[0], "reliable", {"answered by": ids[1], "value": "from a client"}], "what they said")
	host.player.reliable.rpc("quit")
	await wait_until(func() -> bool: return host.api.get_peers().is_empty(), "both go")
	for other in others:
		await wait_for_exit(other)
	await leave_all()


func test_spawned_nodes_are_synchronised_between_processes() -> void:
	var host := new_end()
	var world := World.new()
	host.add_child(world)
	host.host()
	world.spawn(1)
	host.api.peer_connected.connect(world.spawn)
	var others: Array[Other] = [start_other("client", host.peer.get_local_address()),
			start_other("client", host.peer.get_local_address())]
	await wait_until(func() -> bool: return world.bodies.get_child_count() == 3, "all have bodies")
	var of_host := world.body(1)
	of_host.position = Vector2(2000, 0)
	for id in host.api.get_peers():
		var body := world.body(id)
		var start := body.position.x
		await wait_until(func() -> bool: return body.position.x > start + 5.0, "a client moves its body here")
		await wait_until(func() -> bool: return body.get("score") == 42, "it has seen where the host's body is")
	var gone := host.api.get_peers()[0]
	host.player.reliable.rpc_id(gone, "quit")
	host.api.peer_disconnected.connect(func(id: int) -> void: world.body(id).queue_free())
	await wait_until(func() -> bool: return world.body(gone) == null, "one goes, and its body")
	host.peer.close()
	for other in others:
		await wait_for_exit(other)
	await leave_all()


func test_a_host_that_crashes_is_lost_after_the_timeout() -> void:
	var other := start_other("host")
	var client := new_end()
	client.peer.set_config_value(End.TIMEOUT_CONNECTED, 1000)
	client.join(await line_of(other, "ADDRESS"))
	await wait_until(client.is_connected_now, "it is connected")
	client.player.reliable.rpc_id(1, "crash")
	await wait_until(func() -> bool: return client.signals.has("server_disconnected"), "the client is told")
	check(client.signals.has("peer_disconnected 1"), "so it is of the peer")
	check(client.peer.get_end_reason() >= 3000, "the reason is the network's")
	await wait_for_exit(other)
	await leave_all()


func test_a_client_that_crashes_is_lost_after_the_timeout() -> void:
	var host := new_end()
	host.peer.set_config_value(End.TIMEOUT_CONNECTED, 1000)
	host.host()
	var other := start_other("client", host.peer.get_local_address())
	await wait_until(func() -> bool: return host.api.get_peers().size() == 1, "it comes")
	var id := host.api.get_peers()[0]
	host.player.reliable.rpc_id(id, "crash")
	await wait_until(func() -> bool: return host.signals.has("peer_disconnected %d" % id), "the host is told")
	await wait_for_exit(other)
	await leave_all()
