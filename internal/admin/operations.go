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

	SetPrice    = Operation[Price, Nothing]{"price set", (*Service).setPrice}
	RemovePrice = Operation[Price, Nothing]{"price remove", (*Service).removePrice}
	ListPrices  = Operation[Named, []Price]{"price list", (*Service).listPrices}

	CreateKey     = Operation[KeyRequest, NewKey]{"key create", (*Service).createKey}
	ListKeys      = Operation[Named, []Key]{"key list", (*Service).listKeys}
	RegenerateKey = Operation[RegenerateRequest, NewKey]{"key regenerate", (*Service).regenerateKey}
	RevokeKey     = Operation[KeyName, Key]{"key revoke", (*Service).revokeKey}

	SetAllowList  = Operation[AllowListRequest, AllowList]{"allow-list set", (*Service).setAllowList}
	ShowAllowList = Operation[Named, AllowList]{"allow-list show", (*Service).showAllowList}
	DropAllowList = Operation[Named, AllowList]{"allow-list off", (*Service).dropAllowList}

	ListWebhooks = Operation[Nothing, []Webhook]{"webhook list", (*Service).listWebhooks}
	ShowWebhook  = Operation[Named, Webhook]{"webhook show", (*Service).showWebhook}

	AddNumber     = Operation[NumberRequest, NumberAdded]{"number add", (*Service).addNumber}
	ListNumbers   = Operation[Nothing, []Number]{"number list", (*Service).listNumbers}
	RemoveNumber  = Operation[NumberRequest, Nothing]{"number remove", (*Service).removeNumber}
	ListInbound   = Operation[InboundPage, []Inbound]{"inbound list", (*Service).listInbound}
	ResendInbound = Operation[ResendRequest, Resent]{"inbound resend", (*Service).resendInbound}

	AddCarrier    = Operation[CarrierRequest, AddedCarrier]{"carrier add", (*Service).addCarrier}
	ListCarriers  = Operation[Nothing, []Carrier]{"carrier list", (*Service).listCarriers}
	RemoveCarrier = Operation[CarrierName, Nothing]{"carrier remove", (*Service).removeCarrier}

	SMPPSessions = Operation[Nothing, []SMPPSession]{"smpp sessions", (*Service).smppSessions}

	AddRoute     = Operation[RouteRequest, Route]{"route add", (*Service).addRoute}
	ListRoutes   = Operation[Nothing, []Route]{"route list", (*Service).listRoutes}
	RemoveRoute  = Operation[RouteName, Nothing]{"route remove", (*Service).removeRoute}
	ExplainRoute = Operation[RouteQuestion, RouteAnswer]{"route explain", (*Service).explainRoute}

	ShowMessage   = Operation[MessageName, []Line]{"message show", (*Service).showMessage}
	CancelMessage = Operation[MessageName, Nothing]{"message cancel", (*Service).cancelMessage}
	Send          = Operation[SendRequest, Sent]{"send", (*Service).send}
	Status        = Operation[StatusRequest, MessageStatus]{"status", (*Service).status}
	Backup        = Operation[BackupRequest, BackupDone]{"backup", (*Service).backup}
)

// operations is what a server answers.
var operations = [...]served{
	CreateAccount, ListAccounts, SuspendAccount, ResumeAccount, AdjustCredit, NewPassword, NewSMPPPassword, SetAccount,
	SetPrice, RemovePrice, ListPrices, CreateKey, ListKeys, RegenerateKey, RevokeKey, SetAllowList, ShowAllowList,
	DropAllowList, ListWebhooks, ShowWebhook, AddNumber, ListNumbers, RemoveNumber, ListInbound, ResendInbound,
	AddCarrier, ListCarriers, RemoveCarrier, AddRoute, ListRoutes, RemoveRoute, ExplainRoute, SMPPSessions, ShowMessage, CancelMessage, Send, Status, Backup,
}
