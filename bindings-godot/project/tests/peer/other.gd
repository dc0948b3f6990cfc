extends SceneTree
## A second process: the host or a client, as its arguments say. It answers every call by the mode it came by, and does
## what it is told: {"relay": id} calls a third peer, "crash" and "quit" end it.

const End := preload("end.gd")
const World := preload("world.gd")

var _end := End.new()
var _world := World.new()
var _answered := 0


func _initialize() -> void:
	_begin.call_deferred()


func _begin() -> void:
	_end.add_child(_world)
	root.add_child(_end)
	var arguments := OS.get_cmdline_user_args()
	if arguments[0] == "host":
		_end.host()
		print("ADDRESS ", _end.peer.get_local_address())
	else:
		_end.join(arguments[1])
	_end.api.server_disconnected.connect(_leave)
	_end.api.connection_failed.connect(quit.bind(3))
	# Whatever goes wrong, nobody is left behind.
	create_timer(120.0).timeout.connect(quit.bind(4))


func _process(_delta: float) -> bool:
	while is_instance_valid(_end.player) and _answered < _end.player.calls.size():
		var entry := _end.player.calls[_answered]
		_answered += 1
		_answer(entry[0], entry[1], entry[2])
	if _end.status() == MultiplayerPeer.CONNECTION_CONNECTED and _world.body(_end.id()) != null:
		_move(_world.body(_end.id()))
	return false


func _answer(sender: int, mode: String, value: Variant) -> void:
	if value is Dictionary and value.has("relay"):
		_end.player.reliable.rpc_id(value.relay, "from a client")
	elif value is Dictionary and value.has("answer"):
		_end.player.reliable.rpc_id(1, {"answered by": sender, "value": value.answer})
	elif value is String and value == "quit":
		_leave()
	elif value is String and value == "crash":
		OS.kill(OS.get_process_id())
	else:
		var method: String = {"channel 5": "on_channel_5", "channel 83": "on_channel_83"}.get(mode, mode)
		_end.player.rpc_id.call(sender, method, {"answer": value})


func _leave() -> void:
	_end.leave()
	quit()


## Its own body goes right; when it sees the host's far enough, it says so by its score.
func _move(body: Node2D) -> void:
	body.position.x += 1.0
	var of_host := _world.body(1)
	if of_host != null and of_host.position.x > 1000.0:
		body.set("score", 42)
