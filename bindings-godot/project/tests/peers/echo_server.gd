extends SceneTree
## A server in a process of its own: sends every message back, and ends with its first connection.

const SECONDS_MAX := 60.0

var _group := 0
var _end := 0


func _initialize() -> void:
	_end = Time.get_ticks_msec() + int(SECONDS_MAX * 1000.0)
	Steam.steamInit()
	Steam.network_connection_status_changed.connect(_on_status_changed)
	_group = Steam.createPollGroup()
	print("listening on ", Steam.getListenSocketAddress(Steam.createListenSocketIP("127.0.0.1:0")))


func _process(_delta: float) -> bool:
	Steam.run_callbacks()
	for message in Steam.receiveMessagesOnPollGroup(_group, 100):
		Steam.sendMessageToConnection(message.connection, message.payload, message.flags)
	if Time.get_ticks_msec() > _end:
		push_error("no client has come and gone within %d seconds" % SECONDS_MAX)
		quit(1)
	return false


func _on_status_changed(connect_handle: int, connection: Dictionary, _old_state: int) -> void:
	match connection.connection_state:
		Steam.CONNECTION_STATE_CONNECTING:
			if Steam.acceptConnection(connect_handle) == Steam.RESULT_OK:
				Steam.setConnectionPollGroup(connect_handle, _group)
		Steam.CONNECTION_STATE_CLOSED_BY_PEER, Steam.CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY:
			print("ended: %d %s" % [connection.end_reason, connection.end_debug])
			Steam.closeConnection(connect_handle, 0, "", false)
			quit()
