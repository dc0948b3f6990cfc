//! What a call answers.

closed_enum! {
    /// What a call answers.
    ResultCode: General, "Result", "EResult";

    /// No result yet.
    None = 0, "RESULT_NONE", "k_EResultNone";
    /// Done.
    Ok = 1, "RESULT_OK", "k_EResultOK";
    /// It failed, for no more particular reason; also when the peer is too old for what was asked.
    Fail = 2, "RESULT_FAIL", "k_EResultFail";
    /// The connection is gone, or was never there.
    NoConnection = 3, "RESULT_NO_CONNECTION", "k_EResultNoConnection";
    /// Invalid password (platform services only).
    InvalidPassword = 5, "RESULT_INVALID_PASSWORD", "k_EResultInvalidPassword";
    /// Logged in elsewhere (platform services only).
    LoggedInElsewhere = 6, "RESULT_LOGGED_IN_ELSEWHERE", "k_EResultLoggedInElsewhere";
    /// Invalid protocol ver (platform services only).
    InvalidProtocolVer = 7, "RESULT_INVALID_PROTOCOL_VER", "k_EResultInvalidProtocolVer";
    /// An argument is out of range, or a handle is unknown.
    InvalidParam = 8, "RESULT_INVALID_PARAM", "k_EResultInvalidParam";
    /// File not found (platform services only).
    FileNotFound = 9, "RESULT_FILE_NOT_FOUND", "k_EResultFileNotFound";
    /// A request of this kind is already under way.
    Busy = 10, "RESULT_BUSY", "k_EResultBusy";
    /// The object is not in a state in which this can be done.
    InvalidState = 11, "RESULT_INVALID_STATE", "k_EResultInvalidState";
    /// Invalid name (platform services only).
    InvalidName = 12, "RESULT_INVALID_NAME", "k_EResultInvalidName";
    /// Invalid email (platform services only).
    InvalidEmail = 13, "RESULT_INVALID_EMAIL", "k_EResultInvalidEmail";
    /// Duplicate name (platform services only).
    DuplicateName = 14, "RESULT_DUPLICATE_NAME", "k_EResultDuplicateName";
    /// This is not allowed.
    AccessDenied = 15, "RESULT_ACCESS_DENIED", "k_EResultAccessDenied";
    /// No answer came in time.
    Timeout = 16, "RESULT_TIMEOUT", "k_EResultTimeout";
    /// Banned (platform services only).
    Banned = 17, "RESULT_BANNED", "k_EResultBanned";
    /// Account not found (platform services only).
    AccountNotFound = 18, "RESULT_ACCOUNT_NOT_FOUND", "k_EResultAccountNotFound";
    /// The SteamID is not valid.
    InvalidSteamId = 19, "RESULT_INVALID_STEAMID", "k_EResultInvalidSteamID";
    /// Service unavailable (platform services only).
    ServiceUnavailable = 20, "RESULT_SERVICE_UNAVAILABLE", "k_EResultServiceUnavailable";
    /// There is no session with the backend.
    NotLoggedOn = 21, "RESULT_NOT_LOGGED_ON", "k_EResultNotLoggedOn";
    /// The answer is not there yet; ask again.
    Pending = 22, "RESULT_PENDING", "k_EResultPending";
    /// Encrypting or decrypting failed.
    EncryptionFailure = 23, "RESULT_ENCRYPTION_FAILURE", "k_EResultEncryptionFailure";
    /// Insufficient privilege (platform services only).
    InsufficientPrivilege = 24, "RESULT_INSUFFICIENT_PRIVILEGE", "k_EResultInsufficientPrivilege";
    /// A limit was reached: the send buffer is full, or the message is too large.
    LimitExceeded = 25, "RESULT_LIMIT_EXCEEDED", "k_EResultLimitExceeded";
    /// Revoked (platform services only).
    Revoked = 26, "RESULT_REVOKED", "k_EResultRevoked";
    /// It is no longer valid.
    Expired = 27, "RESULT_EXPIRED", "k_EResultExpired";
    /// Already redeemed (platform services only).
    AlreadyRedeemed = 28, "RESULT_ALREADY_REDEEMED", "k_EResultAlreadyRedeemed";
    /// It has been done already: a symmetric connection was accepted from the other side.
    DuplicateRequest = 29, "RESULT_DUPLICATE_REQUEST", "k_EResultDuplicateRequest";
    /// Already owned (platform services only).
    AlreadyOwned = 30, "RESULT_ALREADY_OWNED", "k_EResultAlreadyOwned";
    /// No address is known.
    IpNotFound = 31, "RESULT_IP_NOT_FOUND", "k_EResultIPNotFound";
    /// Persist failed (platform services only).
    PersistFailed = 32, "RESULT_PERSIST_FAILED", "k_EResultPersistFailed";
    /// Locking failed (platform services only).
    LockingFailed = 33, "RESULT_LOCKING_FAILED", "k_EResultLockingFailed";
    /// Log on session replaced (platform services only).
    LogOnSessionReplaced = 34, "RESULT_LOG_ON_SESSION_REPLACED", "k_EResultLogonSessionReplaced";
    /// The connection could not be made.
    ConnectFailed = 35, "RESULT_CONNECT_FAILED", "k_EResultConnectFailed";
    /// The two ends could not agree on certificates, cipher or keys.
    HandshakeFailed = 36, "RESULT_HANDSHAKE_FAILED", "k_EResultHandshakeFailed";
    /// A file or the network could not be read or written.
    IoFailure = 37, "RESULT_IO_FAILURE", "k_EResultIOFailure";
    /// The peer hung up.
    RemoteDisconnect = 38, "RESULT_REMOTE_DISCONNECT", "k_EResultRemoteDisconnect";
    /// Shopping cart not found (platform services only).
    ShoppingCartNotFound = 39, "RESULT_SHOPPING_CART_NOT_FOUND", "k_EResultShoppingCartNotFound";
    /// Blocked (platform services only).
    Blocked = 40, "RESULT_BLOCKED", "k_EResultBlocked";
    /// Nothing was done, and nothing is wrong: a message without delay was not sent since it would have had to wait.
    Ignored = 41, "RESULT_IGNORED", "k_EResultIgnored";
    /// Nothing fits the question.
    NoMatch = 42, "RESULT_NO_MATCH", "k_EResultNoMatch";
    /// Account disabled (platform services only).
    AccountDisabled = 43, "RESULT_ACCOUNT_DISABLED", "k_EResultAccountDisabled";
    /// Service read only (platform services only).
    ServiceReadOnly = 44, "RESULT_SERVICE_READ_ONLY", "k_EResultServiceReadOnly";
    /// Account not featured (platform services only).
    AccountNotFeatured = 45, "RESULT_ACCOUNT_NOT_FEATURED", "k_EResultAccountNotFeatured";
    /// Administrator ok (platform services only).
    AdministratorOk = 46, "RESULT_ADMINISTRATOR_OK", "k_EResultAdministratorOK";
    /// Content version (platform services only).
    ContentVersion = 47, "RESULT_CONTENT_VERSION", "k_EResultContentVersion";
    /// Try another connection manager (platform services only).
    TryAnotherCm = 48, "RESULT_TRY_ANOTHER_CM", "k_EResultTryAnotherCM";
    /// Password required to kick session (platform services only).
    PasswordRequiredToKickSession = 49, "RESULT_PASSWORD_REQUIRED_TO_KICK_SESSION",
        "k_EResultPasswordRequiredToKickSession";
    /// Already logged in elsewhere (platform services only).
    AlreadyLoggedInElsewhere = 50, "RESULT_ALREADY_LOGGED_IN_ELSEWHERE", "k_EResultAlreadyLoggedInElsewhere";
    /// Suspended (platform services only).
    Suspended = 51, "RESULT_SUSPENDED", "k_EResultSuspended";
    /// Cancelled (platform services only).
    Cancelled = 52, "RESULT_CANCELLED", "k_EResultCancelled";
    /// The data is damaged.
    DataCorruption = 53, "RESULT_DATA_CORRUPTION", "k_EResultDataCorruption";
    /// Disk full (platform services only).
    DiskFull = 54, "RESULT_DISK_FULL", "k_EResultDiskFull";
    /// Remote call failed (platform services only).
    RemoteCallFailed = 55, "RESULT_REMOTE_CALL_FAILED", "k_EResultRemoteCallFailed";
    /// Password unset (platform services only).
    PasswordUnset = 56, "RESULT_PASSWORD_UNSET", "k_EResultPasswordUnset";
    /// External account unlinked (platform services only).
    ExternalAccountUnlinked = 57, "RESULT_EXTERNAL_ACCOUNT_UNLINKED", "k_EResultExternalAccountUnlinked";
    /// PSN ticket invalid (platform services only).
    PsnTicketInvalid = 58, "RESULT_PSN_TICKET_INVALID", "k_EResultPSNTicketInvalid";
    /// External account already linked (platform services only).
    ExternalAccountAlreadyLinked = 59, "RESULT_EXTERNAL_ACCOUNT_ALREADY_LINKED",
        "k_EResultExternalAccountAlreadyLinked";
    /// Remote file conflict (platform services only).
    RemoteFileConflict = 60, "RESULT_REMOTE_FILE_CONFLICT", "k_EResultRemoteFileConflict";
    /// Illegal password (platform services only).
    IllegalPassword = 61, "RESULT_ILLEGAL_PASSWORD", "k_EResultIllegalPassword";
    /// Same as previous value (platform services only).
    SameAsPreviousValue = 62, "RESULT_SAME_AS_PREVIOUS_VALUE", "k_EResultSameAsPreviousValue";
    /// Account log on denied (platform services only).
    AccountLogOnDenied = 63, "RESULT_ACCOUNT_LOG_ON_DENIED", "k_EResultAccountLogonDenied";
    /// Cannot use old password (platform services only).
    CannotUseOldPassword = 64, "RESULT_CANNOT_USE_OLD_PASSWORD", "k_EResultCannotUseOldPassword";
    /// Invalid log in auth code (platform services only).
    InvalidLogInAuthCode = 65, "RESULT_INVALID_LOG_IN_AUTH_CODE", "k_EResultInvalidLoginAuthCode";
    /// Account log on denied no mail (platform services only).
    AccountLogOnDeniedNoMail = 66, "RESULT_ACCOUNT_LOG_ON_DENIED_NO_MAIL", "k_EResultAccountLogonDeniedNoMail";
    /// Hardware not capable of IPT (platform services only).
    HardwareNotCapableOfIpt = 67, "RESULT_HARDWARE_NOT_CAPABLE_OF_IPT", "k_EResultHardwareNotCapableOfIPT";
    /// IPT init error (platform services only).
    IptInitError = 68, "RESULT_IPT_INIT_ERROR", "k_EResultIPTInitError";
    /// Parental control restricted (platform services only).
    ParentalControlRestricted = 69, "RESULT_PARENTAL_CONTROL_RESTRICTED", "k_EResultParentalControlRestricted";
    /// Facebook query error (platform services only).
    FacebookQueryError = 70, "RESULT_FACEBOOK_QUERY_ERROR", "k_EResultFacebookQueryError";
    /// Expired login auth code (platform services only).
    ExpiredLoginAuthCode = 71, "RESULT_EXPIRED_LOGIN_AUTH_CODE", "k_EResultExpiredLoginAuthCode";
    /// IP login restriction failed (platform services only).
    IpLoginRestrictionFailed = 72, "RESULT_IP_LOGIN_RESTRICTION_FAILED", "k_EResultIPLoginRestrictionFailed";
    /// Account locked down (platform services only).
    AccountLockedDown = 73, "RESULT_ACCOUNT_LOCKED_DOWN", "k_EResultAccountLockedDown";
    /// Account log on denied verified email required (platform services only).
    AccountLogOnDeniedVerifiedEmailRequired = 74, "RESULT_ACCOUNT_LOG_ON_DENIED_VERIFIED_EMAIL_REQUIRED",
        "k_EResultAccountLogonDeniedVerifiedEmailRequired";
    /// No matching URL (platform services only).
    NoMatchingUrl = 75, "RESULT_NO_MATCHING_URL", "k_EResultNoMatchingURL";
    /// The answer cannot be understood.
    BadResponse = 76, "RESULT_BAD_RESPONSE", "k_EResultBadResponse";
    /// Require password reentry (platform services only).
    RequirePasswordReentry = 77, "RESULT_REQUIRE_PASSWORD_REENTRY", "k_EResultRequirePasswordReEntry";
    /// The value is out of range.
    ValueOutOfRange = 78, "RESULT_VALUE_OUT_OF_RANGE", "k_EResultValueOutOfRange";
    /// Unexpected error (platform services only).
    UnexpectedError = 79, "RESULT_UNEXPECTED_ERROR", "k_EResultUnexpectedError";
    /// This is switched off.
    Disabled = 80, "RESULT_DISABLED", "k_EResultDisabled";
    /// Invalid CEG submission (platform services only).
    InvalidCegSubmission = 81, "RESULT_INVALID_CEG_SUBMISSION", "k_EResultInvalidCEGSubmission";
    /// Restricted device (platform services only).
    RestrictedDevice = 82, "RESULT_RESTRICTED_DEVICE", "k_EResultRestrictedDevice";
    /// Region locked (platform services only).
    RegionLocked = 83, "RESULT_REGION_LOCKED", "k_EResultRegionLocked";
    /// Rate limit exceeded (platform services only).
    RateLimitExceeded = 84, "RESULT_RATE_LIMIT_EXCEEDED", "k_EResultRateLimitExceeded";
    /// Account login denied need two factor (platform services only).
    AccountLoginDeniedNeedTwoFactor = 85, "RESULT_ACCOUNT_LOGIN_DENIED_NEED_TWO_FACTOR",
        "k_EResultAccountLoginDeniedNeedTwoFactor";
    /// Item deleted (platform services only).
    ItemDeleted = 86, "RESULT_ITEM_DELETED", "k_EResultItemDeleted";
    /// Account login denied throttle (platform services only).
    AccountLoginDeniedThrottle = 87, "RESULT_ACCOUNT_LOGIN_DENIED_THROTTLE", "k_EResultAccountLoginDeniedThrottle";
    /// Two factor code mismatch (platform services only).
    TwoFactorCodeMismatch = 88, "RESULT_TWO_FACTOR_CODE_MISMATCH", "k_EResultTwoFactorCodeMismatch";
    /// Two factor activation code mismatch (platform services only).
    TwoFactorActivationCodeMismatch = 89, "RESULT_TWO_FACTOR_ACTIVATION_CODE_MISMATCH",
        "k_EResultTwoFactorActivationCodeMismatch";
    /// Account associated to multiple partners (platform services only).
    AccountAssociatedToMultiplePartners = 90, "RESULT_ACCOUNT_ASSOCIATED_TO_MULTIPLE_PARTNERS",
        "k_EResultAccountAssociatedToMultiplePartners";
    /// Not modified (platform services only).
    NotModified = 91, "RESULT_NOT_MODIFIED", "k_EResultNotModified";
    /// No mobile device (platform services only).
    NoMobileDevice = 92, "RESULT_NO_MOBILE_DEVICE", "k_EResultNoMobileDevice";
    /// Time not synced (platform services only).
    TimeNotSynced = 93, "RESULT_TIME_NOT_SYNCED", "k_EResultTimeNotSynced";
    /// SMS code failed (platform services only).
    SmsCodeFailed = 94, "RESULT_SMS_CODE_FAILED", "k_EResultSmsCodeFailed";
    /// Account limit exceeded (platform services only).
    AccountLimitExceeded = 95, "RESULT_ACCOUNT_LIMIT_EXCEEDED", "k_EResultAccountLimitExceeded";
    /// Account activity limit exceeded (platform services only).
    AccountActivityLimitExceeded = 96, "RESULT_ACCOUNT_ACTIVITY_LIMIT_EXCEEDED",
        "k_EResultAccountActivityLimitExceeded";
    /// Phone activity limit exceeded (platform services only).
    PhoneActivityLimitExceeded = 97, "RESULT_PHONE_ACTIVITY_LIMIT_EXCEEDED", "k_EResultPhoneActivityLimitExceeded";
    /// Refund to wallet (platform services only).
    RefundToWallet = 98, "RESULT_REFUND_TO_WALLET", "k_EResultRefundToWallet";
    /// Email send failure (platform services only).
    EmailSendFailure = 99, "RESULT_EMAIL_SEND_FAILURE", "k_EResultEmailSendFailure";
    /// Not settled (platform services only).
    NotSettled = 100, "RESULT_NOT_SETTLED", "k_EResultNotSettled";
    /// Need captcha (platform services only).
    NeedCaptcha = 101, "RESULT_NEED_CAPTCHA", "k_EResultNeedCaptcha";
    /// GSLT denied (platform services only).
    GsltDenied = 102, "RESULT_GSLT_DENIED", "k_EResultGSLTDenied";
    /// Game server owner denied (platform services only).
    GsOwnerDenied = 103, "RESULT_GS_OWNER_DENIED", "k_EResultGSOwnerDenied";
    /// Invalid item type (platform services only).
    InvalidItemType = 104, "RESULT_INVALID_ITEM_TYPE", "k_EResultInvalidItemType";
    /// IP banned (platform services only).
    IpBanned = 105, "RESULT_IP_BANNED", "k_EResultIPBanned";
    /// GSLT expired (platform services only).
    GsltExpired = 106, "RESULT_GSLT_EXPIRED", "k_EResultGSLTExpired";
    /// Insufficient funds (platform services only).
    InsufficientFunds = 107, "RESULT_INSUFFICIENT_FUNDS", "k_EResultInsufficientFunds";
    /// Too many pending (platform services only).
    TooManyPending = 108, "RESULT_TOO_MANY_PENDING", "k_EResultTooManyPending";
    /// No site licenses found (platform services only).
    NoSiteLicensesFound = 109, "RESULT_NO_SITE_LICENSES_FOUND", "k_EResultNoSiteLicensesFound";
    /// WG network send exceeded (platform services only).
    WgNetworkSendExceeded = 110, "RESULT_WG_NETWORK_SEND_EXCEEDED", "k_EResultWGNetworkSendExceeded";
    /// Account not friends (platform services only).
    AccountNotFriends = 111, "RESULT_ACCOUNT_NOT_FRIENDS", "k_EResultAccountNotFriends";
    /// Limited user account (platform services only).
    LimitedUserAccount = 112, "RESULT_LIMITED_USER_ACCOUNT", "k_EResultLimitedUserAccount";
    /// Cannot remove item (platform services only).
    CantRemoveItem = 113, "RESULT_CANT_REMOVE_ITEM", "k_EResultCantRemoveItem";
    /// Account deleted (platform services only).
    AccountDeleted = 114, "RESULT_ACCOUNT_DELETED", "k_EResultAccountDeleted";
    /// Existing user cancelled license (platform services only).
    ExistingUserCancelledLicense = 115, "RESULT_EXISTING_USER_CANCELLED_LICENSE",
        "k_EResultExistingUserCancelledLicense";
    /// Community cooldown (platform services only).
    CommunityCooldown = 116, "RESULT_COMMUNITY_COOLDOWN", "k_EResultCommunityCooldown";
    /// No launcher specified (platform services only).
    NoLauncherSpecified = 117, "RESULT_NO_LAUNCHER_SPECIFIED", "k_EResultNoLauncherSpecified";
    /// Must agree to subscriber agreement (platform services only).
    MustAgreeToSsa = 118, "RESULT_MUST_AGREE_TO_SSA", "k_EResultMustAgreeToSSA";
    /// Launcher migrated (platform services only).
    LauncherMigrated = 119, "RESULT_LAUNCHER_MIGRATED", "k_EResultLauncherMigrated";
    /// Steam realm mismatch (platform services only).
    SteamRealmMismatch = 120, "RESULT_STEAM_REALM_MISMATCH", "k_EResultSteamRealmMismatch";
    /// A signature is wrong.
    InvalidSignature = 121, "RESULT_INVALID_SIGNATURE", "k_EResultInvalidSignature";
    /// The input cannot be read.
    ParseFailure = 122, "RESULT_PARSE_FAILURE", "k_EResultParseFailure";
    /// No verified phone (platform services only).
    NoVerifiedPhone = 123, "RESULT_NO_VERIFIED_PHONE", "k_EResultNoVerifiedPhone";
    /// Insufficient battery (platform services only).
    InsufficientBattery = 124, "RESULT_INSUFFICIENT_BATTERY", "k_EResultInsufficientBattery";
    /// Charger required (platform services only).
    ChargerRequired = 125, "RESULT_CHARGER_REQUIRED", "k_EResultChargerRequired";
    /// Cached credential invalid (platform services only).
    CachedCredentialInvalid = 126, "RESULT_CACHED_CREDENTIAL_INVALID", "k_EResultCachedCredentialInvalid";
    /// Phone number is VoIP (platform services only).
    PhoneNumberIsVoip = 127, "RESULT_PHONE_NUMBER_IS_VOIP", "K_EResultPhoneNumberIsVOIP";
    /// This build or platform cannot do it.
    NotSupported = 128, "RESULT_NOT_SUPPORTED", "k_EResultNotSupported";
    /// Family size limit exceeded (platform services only).
    FamilySizeLimitExceeded = 129, "RESULT_FAMILY_SIZE_LIMIT_EXCEEDED", "k_EResultFamilySizeLimitExceeded";
}
