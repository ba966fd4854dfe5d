package words

var italianSecurity = map[string]string{
	"From where programs may use the account, and who was refused.": "Da dove i programmi possono usare l'account, e chi è stato respinto.",
	"Two-factor and sessions": "Due fattori e sessioni", "Allowed addresses": "Indirizzi consentiti", "List on": "Attivo", "List off": "Non attivo",
	"Only these addresses get in, by HTTP and by SMPP. Others are refused with 403.": "Entrano solo questi indirizzi, via HTTP e via SMPP. Gli altri sono respinti con 403.",
	"Every address gets in with right credentials. The list decides once it is on.":  "Ogni indirizzo entra con credenziali corrette. L'elenco decide quando è attivo.",
	"Turn the list on":  "Attiva l'elenco",
	"Turn the list off": "Disattiva l'elenco", "You are at {0}, which is not on the list.": "L'indirizzo attuale è {0}, che non è nell'elenco.", "Add my address": "Aggiungi il mio indirizzo",
	"The list is empty": "L'elenco è vuoto", "Add the addresses of your servers first, then turn the list on.": "Aggiungere prima gli indirizzi dei propri server, poi attivare l'elenco.",
	"Address or range": "Indirizzo o intervallo", "Note": "Nota", "Remove": "Rimuovi", "Remove…": "Rimuovi…", "Remove %s": "Rimuovi %s", "Add an address": "Aggiungere un indirizzo", "Add": "Aggiungi",
	"IPv4 or IPv6: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32": "IPv4 o IPv6: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32", "Whose it is, such as “web shop, Milan”.": "Di chi è, per esempio «negozio online, Milano».",
	"Would it get in?": "Entrerebbe?", "Address": "Indirizzo", "Nothing is sent and nothing is noted.": "Non viene inviato né annotato nulla.", "With": "Con", "Try": "Prova",
	"No key: username and password":                "Nessuna chiave: nome utente e password",
	"Yes: %s would get in with right credentials.": "Sì: %s entrerebbe con credenziali corrette.", "No list is on.": "Nessun elenco è attivo.", "Entry %[1]s (%[2]s).": "Voce %[1]s (%[2]s).", "Entry %s.": "Voce %s.",
	"No: %[1]s would be refused. %[2]s.":           "No: %[1]s sarebbe respinto. %[2]s.",
	"The account's list does not have the address": "L'indirizzo non è nell'elenco dell'account", "The key's own list does not have the address": "L'indirizzo non è nell'elenco della chiave",
	"The key is revoked": "La chiave è revocata", "The key has expired": "La chiave è scaduta", "A value from before the key was regenerated": "Un valore precedente alla rigenerazione della chiave", "The account is suspended": "L'account è sospeso",

	"Recent refusals": "Rifiuti recenti", "Nobody was refused": "Nessuno è stato respinto",
	"Here stand the last 50 who had right credentials, or a key that has ended, and were not let in. Wrong passwords are not among them.": "Qui compaiono gli ultimi 50 che avevano credenziali corrette, o una chiave cessata, e sono stati respinti. Le password errate non sono comprese.",
	"The last 50 who had right credentials, or a key that has ended, and were not let in.":                                                "Gli ultimi 50 che avevano credenziali corrette, o una chiave cessata, e sono stati respinti.",
	"Why": "Perché", "How often": "Volte", "First time": "Prima volta", "Last time": "Ultima volta", "Allow": "Consenti", "Allow %s": "Consenti %s", "Allow this address": "Consenti questo indirizzo",

	"This would shut out your own address":                        "Così si escluderebbe il proprio indirizzo",
	"The list would be on and empty: nobody at all would get in.": "L'elenco sarebbe attivo e vuoto: non entrerebbe nessuno.",
	"You are at %s. Programs there would be refused with 403.":    "L'indirizzo attuale è %s. I programmi da lì sarebbero respinti con 403.",
	"You can still sign in to this console and change the list.":  "Si può comunque accedere a questa console e modificare l'elenco.",
	"Leave it as it is": "Lascia com'è", "Do it nevertheless": "Procedi comunque",
	"%s is on the list.": "%s è nell'elenco.", "%s is off the list.": "%s non è più nell'elenco.",
	"The list is off: every address gets in with right credentials.":    "L'elenco non è attivo: ogni indirizzo entra con credenziali corrette.",
	"The list is on: other addresses are refused with 403 from now on.": "L'elenco è attivo: da ora gli altri indirizzi sono respinti con 403.",

	"Each change of this account: by its people, by its keys, by operators and by the server itself.": "Ogni modifica di questo account: delle sue persone, delle sue chiavi, degli operatori e del server stesso.",
	"Nothing was changed yet": "Ancora nessuna modifica", "Changes of keys, addresses, webhook, opt-outs and people will stand here.": "Qui compariranno le modifiche a chiavi, indirizzi, webhook, opt-out e persone.",
	"Changes, the newest first": "Modifiche, dalla più recente", "When": "Quando", "By": "Da parte di", "Action": "Azione", "Detail": "Dettaglio",

	"must be an IPv4 or IPv6 address or a CIDR range, such as 203.0.113.7 or 2001:db8::/32": "deve essere un indirizzo IPv4 o IPv6 o un intervallo CIDR, come 203.0.113.7 o 2001:db8::/32",
	"must be an IPv4 or IPv6 address, such as 203.0.113.7 or 2001:db8::7":                   "deve essere un indirizzo IPv4 o IPv6, come 203.0.113.7 o 2001:db8::7",
	"must be at most 1000": "al massimo 1000", "is not one that an answer gave": "non proviene da una pagina di questo elenco",
}
