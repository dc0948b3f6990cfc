extends Node
## A script as projects for GodotSteam have it: nothing in it knows of this addon. One node listens, another connects,
## both talk, and the client closes.

signal finished(log: PackedStringArray)

var is_host := false
var address := ""
var listen_socket := 0
var connection := 0
var log_lines := PackedStringArray()


func _ready() -> void:
	var initialize_response: Dictionary = Steam.steamInitEx(480, false)
	if initialize_response["status"] > Steam.STEAM_API_INIT_RESULT_OK:
		log_lines.append("failed to initialize: %s" % initialize_response["verbal"])
		return
	Steam.network_connection_status_changed.connect(_on_network_connection_status_changed)
	if is_host:
		listen_socket = Steam.createListenSocketIP(address, {})
		address = Steam.getListenSocketAddress(listen_socket)
	else:
		connection = Steam.connectByIPAddress(address, {Steam.NETWORKING_CONFIG_TIMEOUT_INITIAL: 10000})


func _process(_delta: float) -> void:
	Steam.run_callbacks()
	read_messages()


func read_messages() -> void:
	if connection == 0:
		return
	var messages: Array = Steam.receiveMessagesOnConnection(connection, 16)
	for message in messages:
		var this_message: Dictionary = bytes_to_var(message["payload"])
		log_lines.append("%s: %s" % [this_message["from"], this_message["text"]])
		if is_host:
			send_text("welcome")
		else:
			Steam.closeConnection(connection, Steam.CONNECTION_END_APP_GENERIC, "done", true)
			connection = 0
			finished.emit(log_lines)


func send_text(text: String) -> void:
	var from := "host" if is_host else "client"
	var this_data := var_to_bytes({"from": from, "text": text})
	var sent: Dictionary = Steam.sendMessageToConnection(connection, this_data, Steam.NETWORKING_SEND_RELIABLE)
	if sent["result"] != Steam.RESULT_OK:
		log_lines.append("not sent: %s" % sent["result"])


func _on_network_connection_status_changed(connect_handle: int, this_connection: Dictionary, old_state: int) -> void:
	match this_connection["connection_state"]:
		Steam.CONNECTION_STATE_CONNECTING:
			if is_host and this_connection["listen_socket"] == listen_socket:
				var result: int = Steam.acceptConnection(connect_handle)
				if result == Steam.RESULT_OK:
					connection = connect_handle
		Steam.CONNECTION_STATE_CONNECTED:
			if connect_handle == connection and old_state == Steam.CONNECTION_STATE_CONNECTING:
				log_lines.append("connected")
				if not is_host:
					send_text("hello")
		Steam.CONNECTION_STATE_CLOSED_BY_PEER, Steam.CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY:
			if connect_handle == connection:
				log_lines.append("closed: %s" % this_connection["end_debug"])
				Steam.closeConnection(connect_handle, 0, "", false)
				connection = 0
				Steam.closeListenSocket(listen_socket)
				finished.emit(log_lines)
