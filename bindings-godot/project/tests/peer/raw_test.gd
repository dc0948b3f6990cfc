extends "peer_suite.gd"
## GameSocketsPeer without a MultiplayerAPI, and against sockets that do not keep to its rules.

const HELLO := "GSMP\u0001\u0001"


func test_packets_tell_sender_channel_and_mode() -> void:
	var host := GameSocketsPeer.new()
	check_equal(host.create_host(0, "127.0.0.1"), OK, "create_host")
	var client := GameSocketsPeer.new()
	check_equal(client.create_client("127.0.0.1", host.get_local_port()), OK, "create_client")
	await wait_until(func() -> bool:
		host.poll()
		client.poll()
		return client.get_connection_status() == MultiplayerPeer.CONNECTION_CONNECTED, "it is connected")
	client.transfer_channel = 7
	client.transfer_mode = MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED
	client.set_target_peer(1)
	check_equal(client.put_packet("hello".to_utf8_buffer()), OK, "put_packet")
	await wait_until(func() -> bool:
		host.poll()
		return host.get_available_packet_count() == 1, "it arrives")
	check_equal(host.get_packet_peer(), client.get_unique_id(), "the sender")
	check_equal(host.get_packet_channel(), 7, "the channel")
	check_equal(host.get_packet_mode(), MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED, "the mode")
	check_equal(host.get_packet().get_string_from_utf8(), "hello", "the packet")
	check_equal(host.get_available_packet_count(), 0, "what is left")
	check_equal(host.get_packet(), PackedByteArray(), "a packet of none")


func test_what_cannot_be_sent_is_refused() -> void:
	var host := GameSocketsPeer.new()
	check_equal(host.put_packet(PackedByteArray([1])), ERR_UNCONFIGURED, "without a session")
	host.create_host(0, "127.0.0.1")
	check_equal(host.put_packet(PackedByteArray([1])), OK, "to all of none")
	host.set_target_peer(77)
	check_equal(host.put_packet(PackedByteArray([1])), ERR_INVALID_PARAMETER, "to nobody")
	host.set_target_peer(0)
	host.transfer_channel = 84
	check_equal(host.put_packet(PackedByteArray([1])), ERR_INVALID_PARAMETER, "on no channel")


func test_a_peer_object_tells_who_it_is() -> void:
	var host := new_host()
	var client := new_end()
	client.peer.identity = "steamid:76561197960265729"
	client.join(host.peer.get_local_address())
	await wait_until(func() -> bool: return host.api.get_peers().size() == 1, "it is connected")
	var packet_peer: GameSocketsPacketPeer = host.peer.get_peer(client.id())
	check_equal(packet_peer.get_peer_id(), client.id(), "its number")
	check_equal(packet_peer.get_steam_id(), 76561197960265729, "its SteamID")
	check_equal(packet_peer.get_identity(), "steamid:76561197960265729", "its identity")
	check_equal(packet_peer.get_remote_address(), "127.0.0.1", "its address")
	check(packet_peer.get_remote_port() > 0, "its port")
	check(packet_peer.get_connection_handle() != 0, "its handle")
	check_equal(packet_peer.get_state(), GameSocketsPacketPeer.STATE_CONNECTED, "its state")
	check_equal(packet_peer.get_real_time_status().state, 3, "its state in the figures")
	check_equal(host.peer.get_peer_id_for_steam_id(76561197960265729), client.id(), "its number by SteamID")
	check_equal(host.peer.get_steam_id_for_peer_id(client.id()), 76561197960265729, "its SteamID by number")
	check(host.peer.get_peer(5) == null, "nobody")
	client.peer.close()
	await wait_until(func() -> bool: return host.api.get_peers().is_empty(), "it is gone")
	check_equal(packet_peer.get_state(), GameSocketsPacketPeer.STATE_NONE, "its state at last")
	check_equal(packet_peer.get_real_time_status(), {}, "its figures at last")
	packet_peer.disconnect_peer()
	await leave_all()


func test_hostile_sockets_are_turned_away() -> void:
	var ends := await new_session(1)
	var host: End = ends[0]
	var steam := Engine.get_singleton("Steam")
	var handshakes: Array[PackedByteArray] = [PackedByteArray(), "hello".to_utf8_buffer(), hello(1), hello(-5)]
	for handshake in handshakes:
		var handle: int = steam.connectByIPAddress(host.peer.get_local_address(), {})
		steam.sendMessageToConnection(handle, handshake, 8)
		await wait_until(func() -> bool:
			steam.run_callbacks()
			return steam.getConnectionInfo(handle).connection_state == 4, "it is closed")
		check_equal(steam.getConnectionInfo(handle).end_reason, 1004, "the reason")
		steam.closeConnection(handle, 0, "", false)
	var twice: int = steam.connectByIPAddress(host.peer.get_local_address(), {})
	steam.sendMessageToConnection(twice, hello(ends[1].id()), 8)
	await wait_until(func() -> bool:
		steam.run_callbacks()
		return host.api.get_peers().size() == 2, "a good handshake is taken")
	check_equal(host.peer.get_peer(ends[1].id()).get_state(), GameSocketsPacketPeer.STATE_CONNECTED, "the owner of the number stays")
	steam.sendMessageToConnection(twice, hello(0), 8)
	await wait_until(func() -> bool: return host.api.get_peers().size() == 1, "a second one ends it")
	steam.closeConnection(twice, 0, "", false)
	check_equal(host.peer.get_counters().bad_handshakes, 5, "the host counts them")
	ends[1].player.reliable.rpc_id(1, "still here")
	await wait_until(func() -> bool: return host.player.values("reliable") == ["still here"], "the others do not notice")
	await leave_all()


func hello(id: int) -> PackedByteArray:
	var bytes := HELLO.to_utf8_buffer()
	bytes.resize(10)
	bytes.encode_s32(6, id)
	return bytes
