package words

var italianSignIn = map[string]string{
	"Signed out.": "Uscita effettuata.", "You work in the account %s now.": "Ora si lavora nell'account %s.", "You have left the account.": "L'account è stato lasciato.",

	"Sign in": "Accedi", "Email": "Email", "Password": "Password", "or": "oppure", "Sign in with %s": "Accedi con %s", "Forgot the password?": "Password dimenticata?",
	"Second step": "Secondo passaggio", "Code": "Codice", "Go on": "Continua", "Start again": "Ricomincia",
	"Six digits from your authenticator app, or one of your recovery codes.": "Sei cifre dall'app di autenticazione, oppure uno dei codici di recupero.",

	"Set up the console": "Configura la console", "Set up": "Configura", "Set-up token": "Token di configurazione",
	"Nobody can sign in yet. You become the first operator of the platform: you make accounts and let others in.": "Nessuno può ancora accedere. Qui si crea il primo operatore della piattaforma, che crea gli account e fa entrare gli altri.",
	"The server printed it when it started. It is good for 24 hours; another start prints another one.":           "Il server lo ha mostrato all'avvio. Vale 24 ore; un nuovo avvio ne mostra un altro.",
	"Your name": "Nome", "optional": "facoltativo", "New password": "Nuova password",
	"At least 12 characters. A few words that do not belong together are good.": "Almeno 12 caratteri. Vanno bene alcune parole senza legame tra loro.",
	"The console is set up. Make an account next, and let its people in.":       "La console è configurata. Il prossimo passo: creare un account e fare entrare le sue persone.",

	"Welcome": "Benvenuto", "Another password": "Un'altra password", "Save and sign in": "Salva e accedi", "The password is set.": "La password è impostata.",
	"This link is over": "Questo link non vale più", "Send a link": "Invia un link", "Back to the sign-in": "Torna all'accesso",
	"If somebody here has this address, a mail with a link is on its way. The link works once, for an hour.":     "Se qui qualcuno ha questo indirizzo, un'email con un link è in arrivo. Il link funziona una volta sola, per un'ora.",
	"Ask an owner of your account, or the operator of the platform, for a link by which you choose another one.": "Chiedere a un titolare dell'account, o all'operatore della piattaforma, un link per sceglierne un'altra.",

	// What the service of people says.
	"the address or the password is wrong": "l'indirizzo o la password non sono corretti", "too many tries: wait a moment": "troppi tentativi: attendere un momento",
	"the account is suspended": "l'account è sospeso", "this took too long: sign in again": "è passato troppo tempo: accedere di nuovo",
	"is wrong, or was used already": "non è corretto, o è già stato usato", "is not your password": "non è la propria password",
	"must have at least 12 characters": "deve avere almeno 12 caratteri", "must have at most 256 octets": "deve avere al massimo 256 byte",
	"has characters that cannot be typed": "contiene caratteri che non si possono digitare", "must not be the email address": "non può essere l'indirizzo email",
	"must have at least 5 different characters": "deve avere almeno 5 caratteri diversi", "is one of the most common passwords": "è una delle password più comuni",
	"this link is used up or too old: ask for another one":                                  "questo link è già stato usato o è scaduto: chiederne un altro",
	"is not the one that serve printed, or too old: start the server again for another one": "non è quello mostrato dal server, o è scaduto: riavviare il server per averne un altro",
	"the set-up is over":       "la configurazione è già avvenuta",
	"must be an email address": "deve essere un indirizzo email", "is taken": "è già in uso",
	"cannot be invited: ask the operator of the platform": "non si può invitare: rivolgersi all'operatore della piattaforma",
	"must have at most 100 characters, in one line":       "deve avere al massimo 100 caratteri, su una riga",
	"must be en or it": "deve essere en o it",
	"this sign-in was not begun in this browser: try again":                "questo accesso non è iniziato in questo browser: riprovare",
	"the provider of the sign-in did not sign you in":                      "il fornitore dell'accesso non ha concesso l'accesso",
	"what the provider of the sign-in answered cannot be taken: try again": "la risposta del fornitore dell'accesso non è valida: riprovare",
	"the provider of the sign-in does not answer":                          "il fornitore dell'accesso non risponde",
	"nobody here is known by this sign-in: ask for an invitation":          "nessuno qui è conosciuto con questo accesso: chiedere un invito",
	"there is no single sign-on":                                           "il single sign-on non è configurato",
	"too many passwords to check, try again":                               "troppe password da verificare: riprovare",
}
