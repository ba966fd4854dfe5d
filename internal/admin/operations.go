package admin

// The operations.
var (
	CreateAccount   = Operation[AccountRequest, NewAccount]{"account create", (*Service).createAccount}
	ListAccounts    = Operation[Nothing, []Account]{"account list", (*Service).listAccounts}
	SuspendAccount  = Operation[Named, Nothing]{"account suspend", (*Service).suspend}
	ResumeAccount   = Operation[Named, Nothing]{"account resume", (*Service).resume}
	AdjustCredit    = Operation[CreditRequest, Credit]{"account credit", (*Service).adjustCredit}
	NewPassword     = Operation[Named, Login]{"account password", (*Service).newPassword}
	NewSMPPPassword = Operation[Named, Login]{"account smpp-password", (*Service).newSMPPPassword}
	SetAccount      = Operation[SetRequest, Account]{"account set", (*Service).setAccount}
	FindAccounts    = Operation[AccountQuery, AccountPage]{"account find", (*Service).findAccounts}
	ShowAccount     = Operation[Named, Account]{"account show", (*Service).showAccount}

	SetPrice     = Operation[Price, Nothing]{"price set", (*Service).setPrice}
	RemovePrice  = Operation[Price, Nothing]{"price remove", (*Service).removePrice}
	ListPrices   = Operation[Named, []Price]{"price list", (*Service).listPrices}
	ImportPrices = Operation[PriceImport, PriceChanges]{"price import", (*Service).importPrices}
	ExportPrices = Operation[Named, PriceFile]{"price export", (*Service).exportPrices}

	CreateKey     = Operation[KeyRequest, NewKey]{"key create", (*Service).createKey}
	ListKeys      = Operation[Named, []Key]{"key list", (*Service).listKeys}
	RegenerateKey = Operation[RegenerateRequest, NewKey]{"key regenerate", (*Service).regenerateKey}
	ChangeKey     = Operation[KeyChange, Key]{"key set", (*Service).changeKey}
	RevokeKey     = Operation[KeyName, Key]{"key revoke", (*Service).revokeKey}

	SetAllowList  = Operation[AllowListRequest, AllowList]{"allow-list set", (*Service).setAllowList}
	ShowAllowList = Operation[Named, AllowList]{"allow-list show", (*Service).showAllowList}
	DropAllowList = Operation[Named, AllowList]{"allow-list off", (*Service).dropAllowList}

	AddSender         = Operation[ListedSender, ListedSender]{"sender add", (*Service).addSender}
	RemoveSender      = Operation[ListedSender, Nothing]{"sender remove", (*Service).removeSender}
	ListSenders       = Operation[Named, []ListedSender]{"sender list", (*Service).listSenders}
	SetSenderRule     = Operation[SenderRule, Nothing]{"sender-rule set", (*Service).setSenderRule}
	RemoveSenderRule  = Operation[SenderRule, Nothing]{"sender-rule remove", (*Service).removeSenderRule}
	ListSenderRules   = Operation[Nothing, []SenderRule]{"sender-rule list", (*Service).listSenderRules}
	ImportSenderRules = Operation[CSVPart, Imported]{"sender-rule import", (*Service).importSenderRules}

	ImportPortability = Operation[CSVPart, Imported]{"lookup import", (*Service).importPortability}

	ListOptOuts        = Operation[OptOutQuery, OptOutPage]{"opt-out list", (*Service).listOptOuts}
	AddOptOut          = Operation[OptOutRequest, OptOut]{"opt-out add", (*Service).addOptOut}
	RemoveOptOut       = Operation[OptOutRequest, Nothing]{"opt-out remove", (*Service).removeOptOut}
	ImportOptOuts      = Operation[CSVPart, Imported]{"opt-out import", (*Service).importOptOuts}
	SetOptOutWord      = Operation[OptOutWord, Nothing]{"opt-out word", (*Service).setOptOutWord}
	SetOptOutReply     = Operation[OptOutReply, Nothing]{"opt-out reply", (*Service).setOptOutReply}
	SetOptOutAlias     = Operation[OptOutAlias, Nothing]{"opt-out alias", (*Service).setOptOutAlias}
	ShowOptOutSettings = Operation[Named, OptOutSettings]{"opt-out settings", (*Service).showOptOutSettings}

	ListWebhooks = Operation[Nothing, []Webhook]{"webhook list", (*Service).listWebhooks}
	ShowWebhook  = Operation[Named, Webhook]{"webhook show", (*Service).showWebhook}

	AddNumber     = Operation[NumberRequest, NumberAdded]{"number add", (*Service).addNumber}
	ListNumbers   = Operation[Nothing, []Number]{"number list", (*Service).listNumbers}
	RemoveNumber  = Operation[NumberRequest, Nothing]{"number remove", (*Service).removeNumber}
	ListInbound   = Operation[InboundPage, []Inbound]{"inbound list", (*Service).listInbound}
	ResendInbound = Operation[ResendRequest, Resent]{"inbound resend", (*Service).resendInbound}

	AddCarrier    = Operation[CarrierRequest, AddedCarrier]{"carrier add", (*Service).addCarrier}
	ListCarriers  = Operation[Nothing, []Carrier]{"carrier list", (*Service).listCarriers}
	RemoveCarrier = Operation[CarrierName, CarrierRemoved]{"carrier remove", (*Service).removeCarrier}
	ShowCarrier   = Operation[CarrierName, CarrierDetail]{"carrier show", (*Service).showCarrier}
	SetCarrier    = Operation[CarrierSet, CarrierChanged]{"carrier set", (*Service).setCarrier}
	OrderCarrier  = Operation[CarrierOrder, CarrierOrdered]{"carrier order", (*Service).orderCarrier}
	TryCarrier    = Operation[CarrierTrial, CarrierTried]{"carrier test", (*Service).tryCarrier}

	ShowQueue = Operation[Nothing, Queue]{"queue show", (*Service).showQueue}
	ListNodes = Operation[Nothing, []Node]{"node list", (*Service).listNodes}

	SMPPSessions = Operation[Nothing, []SMPPSession]{"smpp sessions", (*Service).smppSessions}

	AddRoute     = Operation[RouteRequest, Route]{"route add", (*Service).addRoute}
	ListRoutes   = Operation[Nothing, []Route]{"route list", (*Service).listRoutes}
	RemoveRoute  = Operation[RouteName, Nothing]{"route remove", (*Service).removeRoute}
	ExplainRoute = Operation[RouteQuestion, RouteAnswer]{"route explain", (*Service).explainRoute}

	CreateUser       = Operation[UserRequest, NewUser]{"user create", (*Service).createUser}
	ListUsers        = Operation[Named, []User]{"user list", (*Service).listUsers}
	ResetUser        = Operation[UserName, UserLink]{"user reset", (*Service).resetUser}
	DisableUser      = Operation[UserName, Nothing]{"user disable", (*Service).disableUser}
	EnableUser       = Operation[UserName, Nothing]{"user enable", (*Service).enableUser}
	RemoveUser       = Operation[UserName, Nothing]{"user remove", (*Service).removeUser}
	SetUserRole      = Operation[UserRole, Nothing]{"user role", (*Service).setUserRole}
	UserSessions     = Operation[UserName, []UserSession]{"user sessions", (*Service).userSessions}
	SignOutUser      = Operation[UserName, Nothing]{"user sign-out", (*Service).signOutUser}
	UserTwoFactorOff = Operation[UserName, Nothing]{"user two-factor-off", (*Service).userTwoFactorOff}

	ShowMessage   = Operation[MessageName, []Line]{"message show", (*Service).showMessage}
	CancelMessage = Operation[MessageName, Nothing]{"message cancel", (*Service).cancelMessage}
	Send          = Operation[SendRequest, Sent]{"send", (*Service).send}
	Status        = Operation[StatusRequest, MessageStatus]{"status", (*Service).status}
	Backup        = Operation[BackupRequest, BackupDone]{"backup", (*Service).backup}

	ListAudit = Operation[AuditQuery, AuditPage]{"audit list", (*Service).listAudit}
)

// operations is what a server answers.
var operations = [...]served{
	CreateAccount, ListAccounts, SuspendAccount, ResumeAccount, AdjustCredit, NewPassword, NewSMPPPassword, SetAccount,
	SetPrice, RemovePrice, ListPrices, CreateKey, ListKeys, RegenerateKey, ChangeKey, RevokeKey, SetAllowList, ShowAllowList,
	DropAllowList, ListWebhooks, ShowWebhook, AddNumber, ListNumbers, RemoveNumber, ListInbound, ResendInbound,
	AddCarrier, ListCarriers, RemoveCarrier, AddRoute, ListRoutes, RemoveRoute, ExplainRoute, SMPPSessions, ShowMessage, CancelMessage, Send, Status, Backup,
	ListOptOuts, AddOptOut, RemoveOptOut, ImportOptOuts, SetOptOutWord, SetOptOutReply, SetOptOutAlias, ShowOptOutSettings,
	AddSender, RemoveSender, ListSenders, SetSenderRule, RemoveSenderRule, ListSenderRules, ImportSenderRules, ImportPortability,
	FindAccounts, ShowAccount, ImportPrices, ExportPrices, ShowCarrier, SetCarrier, OrderCarrier, TryCarrier, ShowQueue, ListNodes,
	ListAudit,
	CreateUser, ListUsers, ResetUser, DisableUser, EnableUser, RemoveUser, SetUserRole, UserSessions, SignOutUser, UserTwoFactorOff,
}
