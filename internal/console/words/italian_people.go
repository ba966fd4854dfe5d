package words

var italianPeople = map[string]string{
	"Invite somebody": "Invita qualcuno", "Search by email, name or account": "Cerca per email, nome o account", "Search": "Cerca", "Nobody found": "Nessuno trovato",
	"Try fewer letters, or invite somebody below.": "Provare con meno lettere, o invitare qualcuno qui sotto.", "There are more: search to see them.": "Ce ne sono altre: cercare per vederle.",
	"Operators, and the people of every account.": "Gli operatori e le persone di ogni account.", "Who may sign in for this account, and what they may do.": "Chi può accedere per questo account, e che cosa può fare.",
	"Person": "Persona", "Account": "Account", "Role": "Ruolo", "State": "Stato", "Two-factor": "Due fattori", "Last sign-in": "Ultimo accesso", "Name": "Nome",
	"not for operators": "non per gli operatori", "Invite": "Invita",
	"They get a mail with a link by which they choose their password. It works once, for 72 hours.":  "Riceve un'email con un link per scegliere la password. Funziona una volta sola, per 72 ore.",
	"You get a link to give them, by which they choose their password. It works once, for 72 hours.": "Si ottiene un link da consegnare, per scegliere la password. Funziona una volta sola, per 72 ore.",
	"What each role may do": "Che cosa può fare ogni ruolo", "Everything in the account, people too.": "Tutto nell'account, anche le persone.",
	"Keys, webhook, allow-list and audit log; sends messages.": "Chiavi, webhook, indirizzi ammessi e registro; invia messaggi.",
	"Sends messages and changes opt-outs.":                     "Invia messaggi e modifica gli opt-out.", "Looks at messages and figures.": "Guarda messaggi e cifre.",

	"A link for %s": "Un link per %s",
	"It is shown this once and works once. Whoever has it chooses the password: give it to them alone.": "Si mostra e funziona una volta sola. Chi lo possiede sceglie la password: consegnarlo solo alla persona.",
	"Good until:": "Valido fino a:", "Invitation until": "Invito fino a", "Change the role": "Cambia il ruolo", "Access": "Accesso",
	"Link for another password": "Link per un'altra password", "Invite again": "Invita di nuovo", "Sign out everywhere": "Disconnetti ovunque", "Turn off two-factor authentication": "Disattiva i due fattori",
	"Only when they have lost telephone and recovery codes, and you are sure that it is them who ask.": "Solo se ha perso il telefono e i codici di recupero, e si è sicuri che sia proprio questa persona a chiederlo.",
	"Let in again": "Fai entrare di nuovo", "Keep out": "Tieni fuori", "Remove": "Rimuovi", "To confirm, type the email address": "Per confermare, digitare l'indirizzo email", "Remove for good": "Rimuovi definitivamente",

	"Kept out": "Tenuta fuori", "Invited": "Invitata", "Active": "Attiva", "A link was mailed to %s.": "Un link è stato inviato a %s.",
	"The role is changed, in force from now on.": "Il ruolo è cambiato, con effetto immediato.", "Kept out from now on: every session has ended.": "Da ora non può entrare: ogni sessione è terminata.",
	"May sign in again.": "Può accedere di nuovo.", "Every session has ended.": "Ogni sessione è terminata.", "%s is removed.": "%s è stata rimossa.",

	"is not the address of this person": "non è l'indirizzo di questa persona", "must be empty for an operator": "deve restare vuoto per un operatore", "there is no such person": "questa persona non esiste",
	"you cannot do this to yourself": "non si può fare su sé stessi", "the last owner of an account stays: make another one first": "l'ultimo titolare di un account resta: crearne prima un altro",
	"the last operator stays: make another one first": "l'ultimo operatore resta: crearne prima un altro", "who is disabled gets no link: enable them first": "chi è tenuto fuori non riceve link: farlo prima entrare di nuovo",
	"must be owner, developer, sender or viewer": "deve essere titolare, sviluppatore, mittente o osservatore", "needs an account: without one there are operators only": "richiede un account: senza, ci sono solo operatori",
}
