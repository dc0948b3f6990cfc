extends Node
## What every end has under its root: calls of each mode and some channels, and what has come by them.

## [sender, mode, value] of each call that came.
var calls: Array[Array] = []


@rpc("any_peer", "call_remote", "reliable")
func reliable(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "reliable", value])


@rpc("any_peer", "call_remote", "unreliable")
func unreliable(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "unreliable", value])


@rpc("any_peer", "call_remote", "unreliable_ordered")
func ordered(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "ordered", value])


@rpc("any_peer", "call_remote", "reliable", 5)
func on_channel_5(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "channel 5", value])


@rpc("any_peer", "call_remote", "unreliable_ordered", 83)
func on_channel_83(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "channel 83", value])


@rpc("any_peer", "call_local", "reliable")
func everywhere(value: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), "everywhere", value])


## The values that came by a mode.
func values(mode: String) -> Array:
	return calls.filter(func(entry: Array) -> bool: return entry[1] == mode).map(func(entry: Array) -> Variant: return entry[2])
