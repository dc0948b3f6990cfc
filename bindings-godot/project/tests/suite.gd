extends SceneTree
## The base of test scripts: runs each method `test_...`, waits for those that wait, and ends with the counts.
##
## A test says what holds with [method check] and [method check_equal]. An error in the output is a failure too, unless a
## comment at the head of the script names it: `## expects error: <part of its text>`.

var _failures := PackedStringArray()
var _checks := 0


func _initialize() -> void:
	_run()


## Fails the running test if the condition does not hold.
func check(condition: bool, what: String) -> void:
	_checks += 1
	if not condition:
		_failures.append(what)


## Fails the running test if the value is not the expected one, of the same type.
func check_equal(actual: Variant, expected: Variant, what := "value") -> void:
	var same: bool = typeof(actual) == typeof(expected) and actual == expected
	check(same, "%s is %s, not %s" % [what, var_to_str(actual), var_to_str(expected)])


## Waits, frame by frame, until the condition holds; that it does is a check.
func wait_until(condition: Callable, what: String, seconds_max := 30.0) -> bool:
	var end := Time.get_ticks_msec() + int(seconds_max * 1000.0)
	while not condition.call():
		if Time.get_ticks_msec() > end:
			check(false, "waited in vain: " + what)
			return false
		await process_frame
	check(true, what)
	return true


func _run() -> void:
	# Nodes and singletons are ready after the first frame.
	await process_frame
	var passed := 0
	var failed := 0
	for method in get_method_list():
		var test: String = method.name
		if not test.begins_with("test_"):
			continue
		_failures.clear()
		_checks = 0
		await call(test)
		if _checks == 0:
			_failures.append("it checks nothing")
		if _failures.is_empty():
			passed += 1
			print("ok ", test)
		else:
			failed += 1
			print("FAILED ", test)
			for failure in _failures:
				print("    ", failure)
	print("tests: %d passed, %d failed" % [passed, failed])
	quit(mini(failed, 100))
