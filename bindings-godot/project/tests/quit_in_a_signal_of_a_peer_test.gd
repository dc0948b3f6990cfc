extends SceneTree
## The end of the process from within a lambda that is connected to a `GameSocketsPeer`, with peers open and calls unread:
## the exit code is 0.

var _host := GameSocketsPeer.new()
var _client := GameSocketsPeer.new()


func _initialize() -> void:
	_host.create_host(0, "127.0.0.1")
	get_multiplayer().multiplayer_peer = _host
	_client.create_client(_host.get_local_address())
	process_frame.connect(_client.poll)
	var was_told := [false]
	_client.peer_connected.connect(func(_id: int) -> void: _client.put_packet(PackedByteArray([1, 2, 3])))
	_host.peer_connected.connect(func(_id: int) -> void:
		if not was_told[0]:
			was_told[0] = true
			print("tests: 1 passed, 0 failed")
			quit())
