extends "suite.gd"
## The base of tests of `Steam`: events are handed over each frame, and collected.

## What network_connection_status_changed has said: [handle, info, old_state] each.
var changes: Array[Array] = []
## Whether incoming connections are accepted by themselves.
var accepts := true


func _initialize() -> void:
	Steam.network_connection_status_changed.connect(_on_status_changed)
	process_frame.connect(Steam.run_callbacks)
	super()


func _on_status_changed(connect_handle: int, connection: Dictionary, old_state: int) -> void:
	changes.append([connect_handle, connection, old_state])
	var is_incoming: bool = connection.listen_socket != 0
	if accepts and is_incoming and connection.connection_state == Steam.CONNECTION_STATE_CONNECTING:
		Steam.acceptConnection(connect_handle)


## The state of a connection as it is now; NONE for a dead handle.
func state(connection: int) -> int:
	return Steam.getConnectionInfo(connection).get("connection_state", Steam.CONNECTION_STATE_NONE)


## Listens on loopback and connects to it over UDP: [listen socket, the client's end, the server's end], or none.
func connected_pair() -> Array[int]:
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	var client := Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	# Each end knows by itself when it is connected, and which comes first is open.
	var servers_end := func() -> int:
		for change in changes:
			if change[1].listen_socket == listen and change[1].connection_state == Steam.CONNECTION_STATE_CONNECTED:
				return change[0]
		return Steam.NETWORKING_CONNECTION_INVALID
	var is_connected := func() -> bool:
		return state(client) == Steam.CONNECTION_STATE_CONNECTED and servers_end.call() != 0
	if not await wait_until(is_connected, "connecting"):
		return []
	return [listen, client, servers_end.call()]


## Waits for this many messages of a connection.
func messages_of(connection: int, count: int) -> Array[Dictionary]:
	var messages: Array[Dictionary] = []
	var has_come := func() -> bool:
		messages.append_array(Steam.receiveMessagesOnConnection(connection, count))
		return messages.size() >= count
	await wait_until(has_come, "%d messages" % count)
	return messages
