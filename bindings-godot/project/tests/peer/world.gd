extends Node
## Bodies that a host spawns, one for each peer; each peer moves its own.

var spawner := MultiplayerSpawner.new()
var bodies := Node2D.new()


func _init() -> void:
	name = "world"
	bodies.name = "bodies"
	add_child(bodies)
	spawner.name = "spawner"
	spawner.spawn_function = _make
	add_child(spawner)
	spawner.spawn_path = NodePath("../bodies")


## On the host.
func spawn(id: int) -> void:
	spawner.spawn({"id": id, "place": Vector2(id % 100, 7)})


func body(id: int) -> Node2D:
	return bodies.get_node_or_null(str(id))


func _make(data: Dictionary) -> Node2D:
	var body := Body.new()
	body.name = str(data.id)
	body.position = data.place
	var config := SceneReplicationConfig.new()
	config.add_property(".:position")
	config.property_set_replication_mode(".:position", SceneReplicationConfig.REPLICATION_MODE_ALWAYS)
	config.add_property(".:score")
	config.property_set_replication_mode(".:score", SceneReplicationConfig.REPLICATION_MODE_ON_CHANGE)
	var synchronizer := MultiplayerSynchronizer.new()
	synchronizer.name = "synchronizer"
	synchronizer.root_path = NodePath("..")
	synchronizer.replication_config = config
	body.add_child(synchronizer)
	body.set_multiplayer_authority(data.id)
	return body


class Body extends Node2D:
	var score := 0
