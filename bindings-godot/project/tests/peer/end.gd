extends Node
## One end of a multiplayer session: a branch of the tree with a MultiplayerAPI of its own, so that one process has many.

const Player := preload("player.gd")
## NETWORKING_CONFIG_TIMEOUT_INITIAL and _CONNECTED, ms.
const TIMEOUT_INITIAL := 24
const TIMEOUT_CONNECTED := 25

var peer := GameSocketsPeer.new()
var api := SceneMultiplayer.new()
var player := Player.new()
## Signals of the MultiplayerAPI in their order, as texts.
var signals := PackedStringArray()


func _init() -> void:
	name = "end%d" % get_instance_id()
	player.name = "player"
	add_child(player)
	peer.set_config_value(TIMEOUT_INITIAL, 20000)


func _enter_tree() -> void:
	get_tree().set_multiplayer(api, get_path())
	api.peer_connected.connect(func(id: int) -> void: signals.append("peer_connected %d" % id))
	api.peer_disconnected.connect(func(id: int) -> void: signals.append("peer_disconnected %d" % id))
	api.connected_to_server.connect(func() -> void: signals.append("connected_to_server"))
	api.connection_failed.connect(func() -> void: signals.append("connection_failed"))
	api.server_disconnected.connect(func() -> void: signals.append("server_disconnected"))


func host(port := 0) -> Error:
	var result := peer.create_host(port, "127.0.0.1")
	if result == OK:
		api.multiplayer_peer = peer
	return result


func join(address: String) -> Error:
	var result := peer.create_client(address)
	if result == OK:
		api.multiplayer_peer = peer
	return result


func id() -> int:
	return peer.get_unique_id()


func status() -> int:
	return peer.get_connection_status()


func is_connected_now() -> bool:
	return status() == MultiplayerPeer.CONNECTION_CONNECTED


## Ends the session and leaves the tree.
func leave() -> void:
	peer.close()
	var tree := get_tree()
	var path := get_path()
	# What it has replicated goes before the MultiplayerAPI that tracks it.
	get_children().map(func(child: Node) -> void: child.free())
	tree.set_multiplayer(null, path)
	queue_free()
