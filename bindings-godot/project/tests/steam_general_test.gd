extends "steam_suite.gd"
## Start, end and identity. Tests run in the order in which they stand here.


func test_nothing_runs_before_it_is_asked_for() -> void:
	check_equal(Steam.isSteamRunning(), false, "running")
	check_equal(Steam.get_steam_init_result().status, Steam.STEAM_API_INIT_RESULT_FAILED_GENERIC, "status")
	check(Steam.getSteamID() > 0, "an identity is known before")
	check_equal(Steam.isSteamRunning(), false, "running after asking who we are")


func test_the_first_call_that_needs_the_network_starts_it() -> void:
	check(Steam.createPollGroup() != 0, "a poll group")
	check_equal(Steam.isSteamRunning(), true, "running")
	check_equal(Steam.get_steam_init_result().status, Steam.STEAM_API_INIT_RESULT_OK, "status")


func test_starting_takes_an_app_id_in_each_generations_order() -> void:
	check_equal(Steam.steamInit(480), true, "steamInit")
	check_equal(Steam.getAppID(), 480, "app id")
	var answer: Dictionary = Steam.steamInitEx(true, 570)
	check_equal(answer.status, Steam.STEAM_API_INIT_RESULT_OK, "status with a leading bool")
	check_equal(answer.keys(), ["status", "verbal"], "keys")
	check_equal(Steam.get_current_app_id(), 570, "app id behind a leading bool")
	check_equal(Steam.steamInit(), true, "without arguments")
	check_equal(Steam.getAppID(), 570, "the app id that was there")
	Steam.set_current_app_id(-1)
	check_equal(Steam.getAppID(), 0, "a negative app id is none")


func test_the_identity_is_a_steam_id_unless_the_project_says_otherwise() -> void:
	var steam_id: int = Steam.getSteamID()
	check_equal(steam_id >> 32, 0x01100001, "the upper half")
	check_equal(Steam.getSteamID32(steam_id), steam_id & 0xFFFFFFFF, "the account")
	check_equal(Steam.getIdentity(), "steamid:%d" % steam_id, "as text")
	check_equal(Steam.get_current_steam_id(), steam_id, "the cached one")
	check_equal(Steam.getFriendPersonaName(steam_id), Steam.getPersonaName(), "our own name")
	check_equal(Steam.getFriendPersonaName(steam_id + 1), "", "a stranger's name")


## expects error: gamesockets: set_current_steam_id: `steamid:7`
func test_who_we_are_can_be_changed() -> void:
	var other := 0x0110000100000007
	Steam.set_current_steam_id(other)
	check_equal(Steam.getSteamID(), other, "set_current_steam_id")
	Steam.set_current_steam_id(7)
	check_equal(Steam.getSteamID(), other, "no account has the SteamID 7")
	check_equal(Steam.setIdentity("alice"), true, "setIdentity")
	check_equal(Steam.getIdentity(), "str:alice", "a name")
	check_equal(Steam.getSteamID(), 0, "SteamID of a name")
	check_equal(Steam.getPersonaName(), "alice", "persona name")
	Steam.resetIdentity(0)
	check_equal(Steam.getIdentity(), "ip:::1", "nobody in particular")
	Steam.resetIdentity(other)
	check_equal(Steam.getSteamID(), other, "resetIdentity")


func test_identities_are_read_and_written() -> void:
	var account := Steam.identityFromString("5")
	check_equal(account.steam_id, 0x0110000100000005, "a small number is an account")
	check_equal(Steam.identityToString(account.steam_id), "steamid:76561197960265733", "as text")
	check_equal(Steam.identityToString(1), "", "the SteamID 1")
	check_equal(Steam.identityFromString("ip:10.0.0.1:5").type, Steam.IDENTITY_TYPE_IP_ADDRESS, "type")
	check_equal(Steam.identityFromString("steamid:nobody").success, false, "no number")
	check(Steam.identityFromString("steamid:nobody").error.contains("decimal number"), "the error says what it takes")


func test_addresses_are_read_and_written() -> void:
	var address := Steam.ipAddressFromString("[2001:db8::1]:27015")
	check_equal([address.success, address.ip, address.port], [true, "2001:db8::1", 27015], "IPv6")
	check_equal(Steam.ipAddressToString(address.ip, address.port), "[2001:db8::1]:27015", "as text")
	check_equal(Steam.ipAddressToString("10.0.0.1", 65536), "", "a port that is none")
	check_equal(Steam.ipAddressFromString("somewhere").success, false, "no address")
	check_equal(Steam.getIPv4FakeIPType("169.254.0.1"), Steam.FAKE_IP_TYPE_GLOBAL_IPV4, "a fake address")
	check_equal(Steam.getIPv4FakeIPType("nonsense"), Steam.FAKE_IP_TYPE_INVALID, "no address")
	check_equal([Steam.isFakeIPv4("169.254.0.1"), Steam.isFakeIPv4("10.0.0.1")], [true, false], "fake or not")


func test_what_only_steam_could_do_says_no() -> void:
	check_equal(Steam.loggedOn(), false, "loggedOn")
	check_equal(Steam.restartAppIfNecessary(480), false, "restartAppIfNecessary")
	Steam.releaseCurrentThreadMemory()
	check(Steam.get_godotsteam_version().split(".").size() == 3, "a version")
	check_equal(Steam.setGlobalCallbackSteamNetConnectionStatusChanged(), true, "the signal is there")


## expects error: gamesockets: networking was used after Steam.steamShutdown()
func test_after_the_end_calls_fail_until_the_next_start() -> void:
	Steam.steamShutdown()
	check_equal(Steam.isSteamRunning(), false, "running")
	check_equal(Steam.createPollGroup(), 0, "a poll group")
	check_equal(Steam.createListenSocketIP("127.0.0.1:0"), 0, "a listen socket")
	check_equal(Steam.sendMessageToConnection(1, PackedByteArray(), 0).result, Steam.RESULT_INVALID_PARAM, "a send")
	check_equal(Steam.steamInit(), true, "starting again")
	check(Steam.createPollGroup() != 0, "a poll group of the new start")
