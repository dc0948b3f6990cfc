extends RichTextLabel
## Sends messages to a server that sends them back, and measures.
##
## Without arguments it is both, in one process. After `--`:
##   --server [IP:PORT]     only the server, at 127.0.0.1:27015 unless told; port 0 takes a free one
##   --client IP:PORT       only a client
##   --count N              how many messages the client sends, 1000 unless told
## The client ends with exit code 0 when all came back unchanged.

const DEFAULT_ADDRESS := "127.0.0.1:27015"
const MESSAGE_SIZE := 100
## How many messages are on their way at once.
const WINDOW := 32

var _listen_socket := 0
var _poll_group := 0
var _connection := 0
var _count := 1000
var _sent := 0
var _returned := 0
var _changed := 0
var _delays_us: Array[int] = []


func _ready() -> void:
	var arguments := _arguments()
	_count = maxi(1, int(arguments.get("count", "1000")))
	Steam.steamInit()
	Steam.network_connection_status_changed.connect(_on_status_changed)
	if arguments.has("server") or not arguments.has("client"):
		_serve(_server_address(arguments))
	if arguments.has("client"):
		_connect(arguments.client)
	elif not arguments.has("server"):
		_connect(Steam.getListenSocketAddress(_listen_socket))


func _process(_delta: float) -> void:
	Steam.run_callbacks()
	if _poll_group != 0:
		_send_back()
	if _connection != 0:
		_measure()


func _serve(address: String) -> void:
	_listen_socket = Steam.createListenSocketIP(address)
	if _listen_socket == 0:
		_end(1, "cannot listen at %s: is another program there already?" % address)
		return
	_poll_group = Steam.createPollGroup()
	_say("listening at %s" % Steam.getListenSocketAddress(_listen_socket))


func _connect(address: String) -> void:
	_connection = Steam.connectByIPAddress(address)
	if _connection == 0:
		_end(1, "cannot connect to \"%s\": write IP:port" % address)


func _on_status_changed(handle: int, connection: Dictionary, _old_state: int) -> void:
	match connection.connection_state:
		Steam.CONNECTION_STATE_CONNECTING when connection.listen_socket != 0:
			Steam.acceptConnection(handle)
			Steam.setConnectionPollGroup(handle, _poll_group)
		Steam.CONNECTION_STATE_CONNECTED when handle != _connection:
			_say("%s came" % connection.identity_string)
		Steam.CONNECTION_STATE_CLOSED_BY_PEER, Steam.CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY:
			Steam.closeConnection(handle, 0, "", false)
			if handle == _connection:
				_connection = 0
				_end(1, "the connection ended: %s (%d)" % [connection.end_debug, connection.end_reason])
			else:
				_say("%s left" % connection.identity_string)


## The server.
func _send_back() -> void:
	for message: Dictionary in Steam.receiveMessagesOnPollGroup(_poll_group, 256):
		Steam.sendMessageToConnection(message.connection, message.payload, message.flags | Steam.NETWORKING_SEND_NO_NAGLE)


## The client: each message has its number and the time it left.
func _measure() -> void:
	for message: Dictionary in Steam.receiveMessagesOnConnection(_connection, 256):
		var payload: PackedByteArray = message.payload
		if payload.size() != MESSAGE_SIZE or payload.decode_u32(0) != _returned:
			_changed += 1
		else:
			_delays_us.append(Time.get_ticks_usec() - payload.decode_s64(4))
		_returned += 1
	while _sent < _count and _sent - _returned < WINDOW:
		var payload := PackedByteArray()
		payload.resize(MESSAGE_SIZE)
		payload.encode_u32(0, _sent)
		payload.encode_s64(4, Time.get_ticks_usec())
		Steam.sendMessageToConnection(_connection, payload, Steam.NETWORKING_SEND_RELIABLE_NO_NAGLE)
		_sent += 1
	if _returned == _count:
		_delays_us.sort()
		var median_ms := 0.0 if _delays_us.is_empty() else _delays_us[_delays_us.size() / 2] / 1000.0
		Steam.closeConnection(_connection, 0, "done", true)
		_connection = 0
		_end(1 if _changed > 0 else 0,
				"%d messages came back, %d changed; half of them within %.1f ms" % [_returned, _changed, median_ms])


func _say(text: String) -> void:
	print(text)
	append_text(text + "\n")


## Without a window, nobody waits to read.
func _end(exit_code: int, text: String) -> void:
	_say(text)
	if DisplayServer.get_name() == "headless":
		get_tree().quit(exit_code)


## For both ends any free port will do, lest it meet another server.
func _server_address(arguments: Dictionary) -> String:
	if not arguments.has("server"):
		return "127.0.0.1:0"
	return arguments.server if arguments.server != "" else DEFAULT_ADDRESS


## `--name value` and `--name`, after `--`.
func _arguments() -> Dictionary:
	var found := {}
	var words := OS.get_cmdline_user_args()
	for index in words.size():
		if words[index].begins_with("--"):
			var has_value := index + 1 < words.size() and not words[index + 1].begins_with("--")
			found[words[index].trim_prefix("--")] = words[index + 1] if has_value else ""
	return found
