package words

var italianOptOuts = map[string]string{
	"Recipients who want no messages. Nothing is sent to them, whoever asks for it.": "Destinatari che non vogliono messaggi. Non viene inviato loro nulla, chiunque lo chieda.",
	"Words and answers": "Parole e risposte", "Export as CSV": "Esporta in CSV", "Nobody here": "Nessuno", "No opt-out matches this search.": "Nessun opt-out corrisponde alla ricerca.",
	"Nobody has opted out": "Nessun opt-out", "Who answers STOP to a number of yours stands here at once. You can add numbers too.": "Chi risponde STOP a un proprio numero compare subito qui. Si possono anche aggiungere numeri.",
	"Show all": "Mostra tutti", "Opt-outs, in order of number": "Opt-out, in ordine di numero", "Wants no messages of": "Non vuole messaggi di", "Since": "Dal", "Wants %s": "Vuole %s", "any sender": "qualsiasi mittente",
	"%s would get messages again. Do this only when the recipient asked for it.": "%s riceverebbe di nuovo messaggi. Farlo solo se il destinatario l'ha chiesto.", "Remove the opt-out": "Rimuovi l'opt-out",
	"First page": "Prima pagina", "Next page": "Pagina seguente", "Add an opt-out": "Aggiungere un opt-out", "Empty: no messages of any sender.": "Vuoto: nessun messaggio, di alcun mittente.",
	"Import CSV": "Importare un CSV", "File": "File", "Import": "Importa",
	"Columns number,sender,source,created_at; only the first is needed. At most 16 MB. The same file again does no harm.": "Colonne number,sender,source,created_at; serve solo la prima. Al massimo 16 MB. Ripetere lo stesso file non fa danni.",
	"Some lines could not be read": "Alcune righe non sono leggibili", "All others are imported.": "Tutte le altre sono importate.", "New ones": "Nuovi", "Known already": "Già noti", "Not read": "Non letti",
	"Lines that could not be read": "Righe non leggibili", "Line": "Riga", "What is wrong": "Che cosa non va", "Only the first %d are named.": "Sono elencate solo le prime %d.",

	"What happens when a recipient writes one word to a number of yours.": "Che cosa accade quando un destinatario scrive una sola parola a un proprio numero.",
	"Words": "Parole", "Word": "Parola", "What it does": "Che cosa fa", "Where": "Dove", "every account": "ogni account", "this account": "questo account", "always, unless changed": "sempre, se non modificato",
	"No more messages of this sender": "Niente più messaggi di questo mittente", "No more messages of the account": "Niente più messaggi dell'account", "Messages of this sender again": "Di nuovo messaggi di questo mittente",
	"An answer only": "Solo una risposta", "Nothing: it has another meaning here": "Nulla: qui ha un altro significato", "As it was before": "Come prima",
	"Answers": "Risposte", "Nothing is answered": "Non viene risposto nulla", "Answers go out as messages of the account, at its price, from the number that was written to.": "Le risposte partono come messaggi dell'account, al suo prezzo, dal numero a cui si è scritto.",
	"Answered to": "A chi si risponde", "Language": "Lingua", "any": "qualsiasi", "who opts out": "chi fa opt-out", "who opts in again": "chi torna a iscriversi", "who asks for help": "chi chiede aiuto",
	"Numbers that stand for senders": "Numeri che valgono per mittenti",
	"Nobody can answer to a sender of letters: who writes STOP to the number opts out of these senders too. The operator sets them.": "A un mittente di lettere non si può rispondere: chi scrive STOP al numero fa opt-out anche da questi mittenti. Li imposta l'operatore.",
	"Set a word": "Impostare una parola", "Case and punctuation do not matter.": "Maiuscole e punteggiatura non contano.", "Only at the number": "Solo al numero",
	"Set an answer": "Impostare una risposta", "Empty: nothing is answered.": "Vuoto: non viene risposto nulla.",

	"%s gets no more messages.": "%s non riceve più messaggi.", "%s had opted out already.": "%s aveva già fatto opt-out.", "%s can get messages again.": "%s può di nuovo ricevere messaggi.", "Choose a CSV file.": "Scegliere un file CSV.",
	"Imported: %[1]s new, %[2]s known already.": "Importati: %[1]s nuovi, %[2]s già noti.", "The word %s is set.": "La parola %s è impostata.", "The answer is removed.": "La risposta è rimossa.", "The answer is set.": "La risposta è impostata.",
	"must have letters or digits, and at most 60 octets": "deve contenere lettere o cifre, al massimo 60 byte", "must be a short name such as it": "deve essere una sigla come it", "there is no such entry": "questa voce non esiste", "there is no such opt-out": "questo opt-out non esiste",
}
