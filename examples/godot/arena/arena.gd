extends Node2D
## A small arena over GameSocketsPeer: players move and collect sparks.
##
## In a window, buttons do it. After `--`:
##   --host [PORT]        be the host, on port 4242 unless told; port 0 takes a free one
##   --join IP:PORT       join a host
##   --name NICKNAME
##   --bot                the player steers itself
##   --lag MS             delay what is sent, to see the connection at work
##   --monitor            show the connection from the start (as F3 does)
##   --players N          begin the time below when there are so many players
##   --seconds S          end after this time
##   --picture FILE       at the end, save a picture of the window

const Player := preload("res://player.tscn")
const PlayerScript := preload("res://player.gd")
const Spark := preload("res://spark.tscn")

const DEFAULT_PORT := 4242
const SPARKS := 14
const REACH := 26.0
const GRID := 48

## The host's word on who has how many.
var _scores := {}
var _arguments := {}
var _number := 0

@onready var _players: Node2D = $Players
@onready var _sparks: Node2D = $Sparks


func _ready() -> void:
	$Menu/Box/Host.pressed.connect(_host.bind(DEFAULT_PORT))
	$Menu/Box/Join.pressed.connect(func() -> void: _join($Menu/Box/Address.text))
	multiplayer.peer_connected.connect(_on_peer_connected)
	multiplayer.peer_disconnected.connect(_on_peer_disconnected)
	multiplayer.connection_failed.connect(_on_end.bind("the connection failed"))
	multiplayer.server_disconnected.connect(_on_end.bind("the host is gone"))
	$Players.child_entered_tree.connect(_on_player_entered)
	_read_arguments()
	if _arguments.has("host"):
		_host(int(_arguments.host) if _arguments.host != "" else DEFAULT_PORT)
	elif _arguments.has("join"):
		_join(_arguments.join)
	$GameSocketsMonitor.visible = _arguments.has("monitor")
	if _arguments.has("seconds"):
		_end_in_time()


func _host(port: int) -> void:
	var peer := GameSocketsPeer.new()
	_delay(peer)
	if peer.create_host(port, "127.0.0.1" if _arguments.has("host") else "*") != OK:
		_say("cannot listen on port %d: is another program there already?" % port)
		return
	multiplayer.multiplayer_peer = peer
	_say("listening at %s" % peer.get_local_address())
	$Menu/Box.hide()
	for index in SPARKS:
		_add_spark()
	_on_peer_connected(1)


func _join(address: String) -> void:
	var peer := GameSocketsPeer.new()
	_delay(peer)
	if peer.create_client(address) != OK:
		_say("cannot connect to \"%s\": write IP:port" % address)
		return
	multiplayer.multiplayer_peer = peer
	$Menu/Box.hide()


func _delay(peer: GameSocketsPeer) -> void:
	peer.set_config_value(Steam.NETWORKING_CONFIG_FAKE_PACKET_LAG_SEND, int(_arguments.get("lag", "0")))


func _on_peer_connected(id: int) -> void:
	if multiplayer.is_server():
		var player := Player.instantiate()
		player.name = str(id)
		player.place = _anywhere()
		_players.add_child(player)
		_scores[id] = 0
		for other: int in _scores:
			set_score.rpc(other, _scores[other])


func _on_peer_disconnected(id: int) -> void:
	_scores.erase(id)
	if multiplayer.is_server() and _players.has_node(str(id)):
		_players.get_node(str(id)).queue_free()


## Our own player comes with the host's spawner, as all others do.
func _on_player_entered(player: Node) -> void:
	if player.name.to_int() == multiplayer.get_unique_id():
		player.nickname = _arguments.get("name", $Menu/Box/Nickname.text)
		player.is_bot = _arguments.has("bot")


@rpc("authority", "call_local", "reliable")
func set_score(id: int, score: int) -> void:
	if _players.has_node(str(id)):
		_players.get_node(str(id)).score = score


func _physics_process(_delta: float) -> void:
	for player: Node2D in _players.get_children():
		if player.is_bot:
			player.goal = _goal_of(player)
	if not _has_session() or not multiplayer.is_server():
		return
	for spark: Node2D in _sparks.get_children():
		for player: Node2D in _players.get_children():
			if not spark.is_queued_for_deletion() and player.place.distance_to(spark.position) < REACH:
				spark.queue_free()
				_add_spark()
				var id := player.name.to_int()
				_scores[id] = _scores.get(id, 0) + 1
				set_score.rpc(id, _scores[id])


func _has_session() -> bool:
	return multiplayer.multiplayer_peer is GameSocketsPeer


func _add_spark() -> void:
	var spark := Spark.instantiate()
	_number += 1
	spark.name = "Spark%d" % _number
	spark.position = _anywhere()
	_sparks.add_child(spark)


## A bot stays with its goal until somebody has it.
func _goal_of(bot: Node2D) -> Vector2:
	var sparks := _sparks.get_children().map(func(spark: Node2D) -> Vector2: return spark.position)
	if sparks.is_empty() or bot.goal in sparks:
		return bot.goal
	sparks.sort_custom(func(a: Vector2, b: Vector2) -> bool:
		return bot.place.distance_squared_to(a) < bot.place.distance_squared_to(b))
	return sparks[randi() % mini(4, sparks.size())]


func _anywhere() -> Vector2:
	return Vector2(randf_range(60, PlayerScript.FIELD.x - 60), randf_range(60, PlayerScript.FIELD.y - 60))


func _draw() -> void:
	var size := PlayerScript.FIELD
	draw_rect(Rect2(Vector2.ZERO, size), Color(0.055, 0.062, 0.088))
	for x in range(0, int(size.x), GRID):
		draw_line(Vector2(x, 0), Vector2(x, size.y), Color(1, 1, 1, 0.035))
	for y in range(0, int(size.y), GRID):
		draw_line(Vector2(0, y), Vector2(size.x, y), Color(1, 1, 1, 0.035))


func _on_end(text: String) -> void:
	_say(text)
	multiplayer.multiplayer_peer = OfflineMultiplayerPeer.new()
	get_tree().call_group("spawned", "queue_free")
	$Menu/Box.show()
	if _arguments.has("seconds"):
		get_tree().quit(1)


func _say(text: String) -> void:
	print(text)
	$Menu/Message.text = text


func _end_in_time() -> void:
	while _players.get_child_count() < int(_arguments.get("players", "1")):
		await get_tree().process_frame
	await get_tree().create_timer(float(_arguments.seconds)).timeout
	if _arguments.has("picture"):
		await RenderingServer.frame_post_draw
		var error := get_viewport().get_texture().get_image().save_png(_arguments.picture)
		print("picture saved" if error == OK else "no picture: error %d" % error)
	var scores := PackedStringArray()
	for player: Node2D in _players.get_children():
		scores.append("%s %d" % [player.nickname, player.score])
	scores.sort()
	print("%d players: %s" % [scores.size(), ", ".join(scores)])
	# The session ends before the nodes go: else the host would take them away from those who are still there.
	multiplayer.multiplayer_peer = OfflineMultiplayerPeer.new()
	get_tree().quit()


## `--name value` and `--name`, after `--`.
func _read_arguments() -> void:
	var words := OS.get_cmdline_user_args()
	for index in words.size():
		if words[index].begins_with("--"):
			var has_value := index + 1 < words.size() and not words[index + 1].begins_with("--")
			_arguments[words[index].trim_prefix("--")] = words[index + 1] if has_value else ""
