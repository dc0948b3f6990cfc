extends Node2D
## Something to collect. The host puts it there and takes it away.

const COLOR := Color(1.0, 0.86, 0.45)

var _age := 0.0


func _process(delta: float) -> void:
	_age += delta
	queue_redraw()


func _draw() -> void:
	var size := 7.0 + sin(_age * 5.0 + position.x)
	draw_circle(Vector2.ZERO, size * 2.4, Color(COLOR, 0.07))
	draw_circle(Vector2.ZERO, size * 1.6, Color(COLOR, 0.13))
	draw_set_transform(Vector2.ZERO, _age)
	draw_colored_polygon(PackedVector2Array([Vector2(0, -size), Vector2(size * 0.55, 0), Vector2(0, size),
			Vector2(-size * 0.55, 0)]), COLOR)
