extends Node2D
## A player. Its own peer moves it; the others follow what its MultiplayerSynchronizer brings.

## The field, which is as large as the window.
const FIELD := Vector2(1152, 648)
const SPEED := 300.0
const TURN := 9.0
const RADIUS := 15.0
const TRAIL_LENGTH := 36
## How fast the picture of another player catches up with where it is, 1/s.
const FOLLOWING := 14.0

## Where it is, and how fast it goes there: what is synchronised.
var place := FIELD / 2.0
var velocity := Vector2.ZERO
var nickname := ""
## What the host says it has collected.
var score := 0
## It steers itself.
var is_bot := false
## What the bot goes for.
var goal := Vector2.ZERO

var _trail: PackedVector2Array = []


func _enter_tree() -> void:
	# The host names each player by its peer.
	set_multiplayer_authority(name.to_int())


func _ready() -> void:
	position = place


func color() -> Color:
	return Color.from_hsv(fmod(name.to_int() * 0.61803399, 1.0), 0.55, 1.0)


func _physics_process(delta: float) -> void:
	if is_multiplayer_authority():
		var wish := place.direction_to(goal) if is_bot else Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down")
		velocity = velocity.lerp(wish * SPEED, minf(1.0, TURN * delta * 0.5))
		place = (place + velocity * delta).clamp(Vector2.ONE * RADIUS, FIELD - Vector2.ONE * RADIUS)


func _process(delta: float) -> void:
	if is_multiplayer_authority():
		position = place
	else:
		# Packets come now and then: between them it goes on as it went.
		place += velocity * delta
		position = position.lerp(place, minf(1.0, FOLLOWING * delta))
	if _trail.is_empty() or _trail[-1].distance_to(position) > 5.0:
		_trail.append(position)
		if _trail.size() > TRAIL_LENGTH:
			_trail.remove_at(0)
	queue_redraw()


func _draw() -> void:
	var own := color()
	_draw_trail(own)
	draw_circle(Vector2.ZERO, RADIUS * 2.0, Color(own, 0.08))
	draw_circle(Vector2.ZERO, RADIUS * 1.45, Color(own, 0.14))
	var ahead := velocity.angle() if velocity.length() > 1.0 else -PI / 2.0
	draw_set_transform(Vector2.ZERO, ahead)
	draw_colored_polygon(PackedVector2Array([Vector2(RADIUS, 0), Vector2(-RADIUS * 0.75, RADIUS * 0.72),
			Vector2(-RADIUS * 0.35, 0), Vector2(-RADIUS * 0.75, -RADIUS * 0.72)]), own)
	draw_set_transform(Vector2.ZERO)
	var text := "%s  %d" % [nickname, score]
	var font := ThemeDB.fallback_font
	var width := font.get_string_size(text, HORIZONTAL_ALIGNMENT_LEFT, -1, 13).x
	draw_string(font, Vector2(-width / 2.0, -RADIUS - 12.0), text, HORIZONTAL_ALIGNMENT_LEFT, -1, 13, Color(1, 1, 1, 0.85))


## A ribbon that gets thinner and fainter towards its end.
func _draw_trail(own: Color) -> void:
	var left := PackedVector2Array()
	var right := PackedVector2Array()
	for index in _trail.size():
		var ahead := _trail[mini(index + 1, _trail.size() - 1)] - _trail[maxi(index - 1, 0)]
		var side := ahead.orthogonal().normalized() * RADIUS * 0.5 * index / TRAIL_LENGTH
		left.append(_trail[index] - position + side)
		right.append(_trail[index] - position - side)
	for index in range(1, _trail.size()):
		var colors := [index - 1, index - 1, index, index].map(func(at: int) -> Color:
			return Color(own, 0.5 * at / TRAIL_LENGTH))
		draw_primitive(PackedVector2Array([left[index - 1], right[index - 1], right[index], left[index]]),
				PackedColorArray(colors), PackedVector2Array())
