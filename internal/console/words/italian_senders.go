package words

var italianSenders = map[string]string{
	"What recipients see as the sender. The operator of this server keeps the list; ask there for another sender.": "Ciò che i destinatari vedono come mittente. L'elenco è tenuto dall'operatore di questo server, al quale chiedere altri mittenti.",
	"Of this account": "Di questo account", "From the list": "Da elenco", "Any sender": "Libero",
	"Only senders on this list may be used; others are refused with SENDER_NOT_ALLOWED.":                                       "Si possono usare solo i mittenti di questo elenco; gli altri sono rifiutati con SENDER_NOT_ALLOWED.",
	"Any sender may be used: up to 11 letters and digits, or a number. The list counts where a country asks for registration.": "Si può usare qualsiasi mittente: fino a 11 lettere e cifre, o un numero. L'elenco conta dove un Paese chiede la registrazione.",
	"Every message is refused until the operator puts a sender on it.":                                                         "Ogni messaggio è rifiutato finché l'operatore non vi inserisce un mittente.", "That is fine as long as no country asks for registered senders.": "Va bene finché nessun Paese chiede mittenti registrati.",
	"What countries ask": "Che cosa chiedono i Paesi", "There are no rules": "Nessuna regola", "The operator has set none. Carriers may still refuse or replace a sender.": "L'operatore non ne ha impostate. I carrier possono comunque rifiutare o sostituire un mittente.",
	"Letters stand small here: their case does not matter.": "Qui le lettere sono minuscole: maiuscole e minuscole non contano.",
	"Senders of this account":                               "Mittenti di questo account", "Countries": "Paesi", "everywhere": "ovunque", "Rules of countries": "Regole dei Paesi", "Country": "Paese", "Rule": "Regola",
	"Numbers only: a sender of letters is refused":                          "Solo numeri: un mittente di lettere è rifiutato",
	"A sender of letters must be registered, and none of this account's is": "Un mittente di lettere deve essere registrato, e nessuno di questo account lo è",
	"A sender of letters must be registered; of this account these are: %s": "Un mittente di lettere deve essere registrato; di questo account lo sono: %s",
}
