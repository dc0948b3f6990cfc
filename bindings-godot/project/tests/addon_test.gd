extends "suite.gd"
## The addon as a project sees it.


func test_the_singleton_is_there() -> void:
	check(Engine.has_singleton("Steam"), "the engine has the singleton Steam")
	check_equal(Engine.get_singleton("Steam").get_class(), "Steam", "its class")


func test_every_path_of_the_extension_stays_in_the_addon() -> void:
	var file := ConfigFile.new()
	check_equal(file.load("res://addons/gamesockets/gamesockets.gdextension"), OK, "loading it")
	for platform in file.get_section_keys("libraries"):
		var path: String = file.get_value("libraries", platform)
		check(path.begins_with("bin/"), "%s is in bin/" % path)
