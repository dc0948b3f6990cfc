extends VBoxContainer
## A chat in the manner of GodotSteam: one server, many clients with nicknames.
##
## In a window, buttons do it. After `--`:
##   --server [IP:PORT]     be the server, at 127.0.0.1:27016 unless told; port 0 takes a free one
##   --join IP:PORT         be a client
##   --name NICKNAME        the nickname
##   --say TEXT             say this, and leave when it has come back
##   --until N              the server ends when the Nth client has left
##
## A client's first message is its nickname, each further one a line of text. The server sends lines to show. The chat in
## Rust (`cargo run --example chat`) says and hears the same.

const DEFAULT_ADDRESS := "127.0.0.1:27016"
const NICKNAME_LENGTH_MAX := 24
const LINE_LENGTH_MAX := 2000
## Why a client is turned away: our own reason, from the range for applications.
const NICKNAME_REFUSED := 1001

var _listen_socket := 0
var _poll_group := 0
## Of the server: the nicknames by connection.
var _nicknames := {}
var _connection := 0
var _to_say := ""
var _clients_until_end := 0


func _ready() -> void:
	$Start/Join.pressed.connect(func() -> void: _join($Start/Address.text, $Start/Nickname.text))
	$Start/Host.pressed.connect(_host_and_join)
	$Input.text_submitted.connect(_on_text_submitted)
	Steam.steamInit()
	Steam.network_connection_status_changed.connect(_on_network_connection_status_changed)
	var arguments := _arguments()
	_to_say = arguments.get("say", "")
	_clients_until_end = int(arguments.get("until", "0"))
	if arguments.has("server"):
		_serve(arguments.server if arguments.server != "" else DEFAULT_ADDRESS)
	if arguments.has("join"):
		_join(arguments.join, arguments.get("name", "player"))


func _process(_delta: float) -> void:
	Steam.run_callbacks()
	if _poll_group != 0:
		for message: Dictionary in Steam.receiveMessagesOnPollGroup(_poll_group, 64):
			_hear(message)
	if _connection != 0:
		_show_lines()


func _host_and_join() -> void:
	if _serve($Start/Address.text):
		_join(Steam.getListenSocketAddress(_listen_socket), $Start/Nickname.text)


#region The server

func _serve(address: String) -> bool:
	_listen_socket = Steam.createListenSocketIP(address)
	if _listen_socket == 0:
		_end(1, "* cannot listen at %s: is another program there already?" % address)
		return false
	_poll_group = Steam.createPollGroup()
	_show("* listening at %s" % Steam.getListenSocketAddress(_listen_socket))
	return true


func _hear(message: Dictionary) -> void:
	var text: String = message.payload.get_string_from_utf8().strip_escapes().left(LINE_LENGTH_MAX)
	if _nicknames.has(message.connection):
		_tell_all("%s: %s" % [_nicknames[message.connection], text])
		return
	var problem := _problem_with(text)
	if problem != "":
		Steam.closeConnection(message.connection, NICKNAME_REFUSED, problem, true)
		return
	_nicknames[message.connection] = text
	_tell_all("* %s joined; %d here" % [text, _nicknames.size()])


func _problem_with(nickname: String) -> String:
	if nickname.strip_edges() != nickname or nickname == "" or nickname.length() > NICKNAME_LENGTH_MAX:
		return "a nickname has 1 to %d characters, and no space around" % NICKNAME_LENGTH_MAX
	return "the nickname %s is taken" % nickname if nickname in _nicknames.values() else ""


func _tell_all(line: String) -> void:
	if _connection == 0:
		_show(line)
	for connection: int in _nicknames:
		Steam.sendMessageToConnection(connection, line.to_utf8_buffer(), Steam.NETWORKING_SEND_RELIABLE)


func _lose(connection: int) -> void:
	# What it said last is still to be heard.
	for message: Dictionary in Steam.receiveMessagesOnConnection(connection, 1000):
		_hear(message)
	Steam.closeConnection(connection, 0, "", false)
	if not _nicknames.has(connection):
		return
	var nickname: String = _nicknames[connection]
	_nicknames.erase(connection)
	_tell_all("* %s left" % nickname)
	_clients_until_end -= 1
	if _clients_until_end == 0:
		_end(0, "* that was the last")

#endregion
#region The client

func _join(address: String, nickname: String) -> void:
	_connection = Steam.connectByIPAddress(address)
	if _connection == 0:
		_end(1, "* cannot connect to \"%s\": write IP:port" % address)
		return
	# It is sent as soon as the connection is up.
	Steam.sendMessageToConnection(_connection, nickname.to_utf8_buffer(), Steam.NETWORKING_SEND_RELIABLE)
	$Start.hide()
	$Input.editable = true
	$Input.grab_focus()
	if _to_say != "":
		_say(_to_say)


func _say(text: String) -> void:
	Steam.sendMessageToConnection(_connection, text.to_utf8_buffer(), Steam.NETWORKING_SEND_RELIABLE)


func _show_lines() -> void:
	for message: Dictionary in Steam.receiveMessagesOnConnection(_connection, 64):
		var line: String = message.payload.get_string_from_utf8()
		_show(line)
		if _to_say != "" and line.ends_with(": " + _to_say):
			Steam.closeConnection(_connection, 0, "bye", true)
			_connection = 0
			_end(0, "* bye")
			return


func _on_text_submitted(text: String) -> void:
	$Input.clear()
	if text != "" and _connection != 0:
		_say(text)

#endregion


func _on_network_connection_status_changed(handle: int, connection: Dictionary, _old_state: int) -> void:
	match connection.connection_state:
		Steam.CONNECTION_STATE_CONNECTING when connection.listen_socket != 0:
			if Steam.acceptConnection(handle) == Steam.RESULT_OK:
				Steam.setConnectionPollGroup(handle, _poll_group)
		Steam.CONNECTION_STATE_CLOSED_BY_PEER, Steam.CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY:
			if handle != _connection:
				_lose(handle)
				return
			_show_lines()
			Steam.closeConnection(handle, 0, "", false)
			_connection = 0
			$Start.show()
			$Input.editable = false
			_end(1, "* the connection ended: %s (%d)" % [connection.end_debug, connection.end_reason])


func _show(line: String) -> void:
	print(line)
	$Lines.add_text(line + "\n")


## Without a window, nobody waits to read.
func _end(exit_code: int, text: String) -> void:
	_show(text)
	if DisplayServer.get_name() == "headless":
		get_tree().quit(exit_code)


## `--name value` and `--name`, after `--`.
func _arguments() -> Dictionary:
	var found := {}
	var words := OS.get_cmdline_user_args()
	for index in words.size():
		if words[index].begins_with("--"):
			var has_value := index + 1 < words.size() and not words[index + 1].begins_with("--")
			found[words[index].trim_prefix("--")] = words[index + 1] if has_value else ""
	return found
