package words

// italianFrame is what stands around every page.
var italianFrame = map[string]string{
	"Skip to the content": "Vai al contenuto", "Menu": "Menu", "Pages": "Pagine", "Sign out": "Esci", "Light": "Chiaro", "Dark": "Scuro",
	"Copied": "Copiato", "Copy": "Copia", "The server does not answer. Try again.": "Il server non risponde. Riprovare.",
	"You work in the account %s as an operator. What you do here is in the audit log under your name.": "Si lavora nell'account %s come operatore. Ciò che si fa qui resta nel registro con il proprio nome.",
	"Leave the account": "Lascia l'account",
	"%d d":              "%d g", "Newer": "Più recenti", "Older": "Meno recenti", "More pages": "Altre pagine", "As a table": "Come tabella",

	"Overview": "Panoramica", "Messages": "Messaggi", "Inbound": "In arrivo", "Send": "Invia", "Settings": "Impostazioni", "API keys": "Chiavi API",
	"Security": "Sicurezza", "Webhook": "Webhook", "Opt-outs": "Opt-out", "Senders": "Mittenti", "People": "Persone", "Platform": "Piattaforma",
	"Platform overview": "Panoramica della piattaforma", "All messages": "Tutti i messaggi", "Accounts": "Account", "Carriers": "Carrier",
	"Routes": "Instradamento", "Prices": "Prezzi", "Queue": "Coda", "Nodes": "Nodi", "Sender rules": "Regole sui mittenti", "All people": "Tutte le persone",
	"Audit log": "Registro", "API reference": "Riferimento API",

	"To the overview": "Alla panoramica", "Not permitted": "Non consentito", "Not found": "Non trovato", "That does not fit": "Dati non validi",
	"Too many attempts": "Troppi tentativi", "Not now": "Non ora", "Something went wrong": "Qualcosa è andato storto",
	"Choose an account first: “Sign in as” on its page.":                          "Scegliere prima un account: «Accedi come» nella sua pagina.",
	"What was sent is larger than this page takes.":                               "Quanto inviato supera il limite di questa pagina.",
	"Something went wrong on the server. Nothing was changed; the log says more.": "Errore del server. Nulla è stato modificato; il log dice di più.",
	"this form was sent by a page of another site":                                "il modulo è stato inviato da una pagina di un altro sito",
	"there is no such page":                                                       "questa pagina non esiste", "sign in first": "occorre accedere", "your role does not permit this": "il proprio ruolo non lo consente",
	"there is no such account": "questo account non esiste",
}
