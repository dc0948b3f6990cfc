//! Enums of lobbies.

closed_enum! {
    /// How the value of a lobby's key is compared with that of a filter.
    LobbyComparison: General, "LobbyComparison", "ELobbyComparison";

    /// Less, or the same.
    EqualToOrLessThan = -2, "LOBBY_COMPARISON_EQUAL_TO_OR_LESS_THAN", "k_ELobbyComparisonEqualToOrLessThan";
    /// Less.
    LessThan = -1, "LOBBY_COMPARISON_LESS_THAN", "k_ELobbyComparisonLessThan";
    /// The same.
    Equal = 0, "LOBBY_COMPARISON_EQUAL", "k_ELobbyComparisonEqual";
    /// More.
    GreaterThan = 1, "LOBBY_COMPARISON_GREATER_THAN", "k_ELobbyComparisonGreaterThan";
    /// More, or the same.
    EqualToOrGreaterThan = 2, "LOBBY_COMPARISON_EQUAL_TO_GREATER_THAN", "k_ELobbyComparisonEqualToOrGreaterThan";
    /// Another one; a lobby without the key has another text.
    NotEqual = 3, "LOBBY_COMPARISON_NOT_EQUAL", "k_ELobbyComparisonNotEqual";
}

closed_enum! {
    /// How far away a lobby may be.
    LobbyDistanceFilter: General, "LobbyDistanceFilter", "ELobbyDistanceFilter";

    /// In the same place.
    Close = 0, "LOBBY_DISTANCE_FILTER_CLOSE", "k_ELobbyDistanceFilterClose";
    /// Near.
    Default = 1, "LOBBY_DISTANCE_FILTER_DEFAULT", "k_ELobbyDistanceFilterDefault";
    /// About half around the world.
    Far = 2, "LOBBY_DISTANCE_FILTER_FAR", "k_ELobbyDistanceFilterFar";
    /// Anywhere.
    Worldwide = 3, "LOBBY_DISTANCE_FILTER_WORLDWIDE", "k_ELobbyDistanceFilterWorldwide";
}

closed_enum! {
    /// Whether one has entered a lobby, and if not, why.
    ChatRoomEnterResponse: General, "ChatRoomEnterResponse", "EChatRoomEnterResponse";

    /// Entered.
    Success = 1, "CHAT_ROOM_ENTER_RESPONSE_SUCCESS", "k_EChatRoomEnterResponseSuccess";
    /// There is no such lobby.
    DoesntExist = 2, "CHAT_ROOM_ENTER_RESPONSE_DOESNT_EXIST", "k_EChatRoomEnterResponseDoesntExist";
    /// It may not be entered.
    NotAllowed = 3, "CHAT_ROOM_ENTER_RESPONSE_NOT_ALLOWED", "k_EChatRoomEnterResponseNotAllowed";
    /// It is full.
    Full = 4, "CHAT_ROOM_ENTER_RESPONSE_FULL", "k_EChatRoomEnterResponseFull";
    /// Something failed, such as the way to the backend.
    Error = 5, "CHAT_ROOM_ENTER_RESPONSE_ERROR", "k_EChatRoomEnterResponseError";
    /// One is banned from it.
    Banned = 6, "CHAT_ROOM_ENTER_RESPONSE_BANNED", "k_EChatRoomEnterResponseBanned";
    /// The user is limited; never given here.
    Limited = 7, "CHAT_ROOM_ENTER_RESPONSE_LIMITED", "k_EChatRoomEnterResponseLimited";
    /// The clan is locked or disabled; never given here.
    ClanDisabled = 8, "CHAT_ROOM_ENTER_RESPONSE_CLAN_DISABLED", "k_EChatRoomEnterResponseClanDisabled";
    /// The user is banned from the community; never given here.
    CommunityBan = 9, "CHAT_ROOM_ENTER_RESPONSE_COMMUNITY_BAN", "k_EChatRoomEnterResponseCommunityBan";
    /// A member has blocked the user; never given here.
    MemberBlockedYou = 10, "CHAT_ROOM_ENTER_RESPONSE_MEMBER_BLOCKED_YOU", "k_EChatRoomEnterResponseMemberBlockedYou";
    /// The user has blocked a member; never given here.
    YouBlockedMember = 11, "CHAT_ROOM_ENTER_RESPONSE_YOU_BLOCKED_MEMBER", "k_EChatRoomEnterResponseYouBlockedMember";
    /// Too many attempts in a short time.
    RateLimitExceeded = 15, "CHAT_ROOM_ENTER_RESPONSE_RATE_LIMIT_EXCEEDED", "k_EChatRoomEnterResponseRatelimitExceeded";
}

closed_enum! {
    /// What a chat message is.
    ChatEntryType: General, "ChatEntryType", "EChatEntryType";

    /// Nothing.
    Invalid = 0, "CHAT_ENTRY_TYPE_INVALID", "k_EChatEntryTypeInvalid";
    /// What somebody says: the only one that lobbies give.
    ChatMsg = 1, "CHAT_ENTRY_TYPE_CHAT_MSG", "k_EChatEntryTypeChatMsg";
    /// Somebody types.
    Typing = 2, "CHAT_ENTRY_TYPE_TYPING", "k_EChatEntryTypeTyping";
    /// An invitation to a game.
    InviteGame = 3, "CHAT_ENTRY_TYPE_INVITE_GAME", "k_EChatEntryTypeInviteGame";
    /// An emote.
    Emote = 4, "CHAT_ENTRY_TYPE_EMOTE", "k_EChatEntryTypeEmote";
    /// Somebody has left the conversation.
    LeftConversation = 6, "CHAT_ENTRY_TYPE_LEFT_CONVERSATION", "k_EChatEntryTypeLeftConversation";
    /// Somebody has entered.
    Entered = 7, "CHAT_ENTRY_TYPE_ENTERED", "k_EChatEntryTypeEntered";
    /// Somebody was thrown out.
    WasKicked = 8, "CHAT_ENTRY_TYPE_WAS_KICKED", "k_EChatEntryTypeWasKicked";
    /// Somebody was banned.
    WasBanned = 9, "CHAT_ENTRY_TYPE_WAS_BANNED", "k_EChatEntryTypeWasBanned";
    /// Somebody's connection is lost.
    Disconnected = 10, "CHAT_ENTRY_TYPE_DISCONNECTED", "k_EChatEntryTypeDisconnected";
    /// Something said before.
    HistoricalChat = 11, "CHAT_ENTRY_TYPE_HISTORICAL_CHAT", "k_EChatEntryTypeHistoricalChat";
    /// A link was taken out.
    LinkBlocked = 14, "CHAT_ENTRY_TYPE_LINK_BLOCKED", "k_EChatEntryTypeLinkBlocked";
}
