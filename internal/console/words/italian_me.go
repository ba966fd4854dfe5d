package words

var italianMe = map[string]string{
	"Your sign-in": "Il proprio accesso", "You": "Profilo", "Language": "Lingua", "As the browser": "Come il browser", "Appearance": "Aspetto", "As the device": "Come il dispositivo",
	"Save": "Salva", "Saved.": "Salvato.", "Current password": "Password attuale", "Change the password": "Cambia la password", "Your other sessions end.": "Le altre sessioni terminano.",
	"The password is changed. Your other sessions have ended.": "La password è cambiata. Le altre sessioni sono terminate.",

	"Two-factor authentication": "Autenticazione a due fattori", "On": "Attiva", "Off": "Non attiva", "Turn on": "Attiva", "Turn off": "Disattiva", "Turn it off": "Disattivarla",
	"At each sign-in a code of your authenticator app is asked for. Recovery codes left: %d.": "A ogni accesso si chiede un codice dell'app di autenticazione. Codici di recupero rimasti: %d.",
	"New recovery codes": "Nuovi codici di recupero", "Make new codes": "Crea nuovi codici", "Those so far stop.": "Quelli attuali non valgono più.", "Your password": "La propria password",
	"A stolen password alone lets nobody in: at each sign-in a code of an app on your telephone is asked for.": "Una password rubata da sola non basta per entrare: a ogni accesso si chiede un codice di un'app sul telefono.",
	"Finish turning it on": "Completa l'attivazione", "Two-factor authentication is off.": "L'autenticazione a due fattori non è attiva.",

	"Where you are signed in": "Accessi in corso", "Browser": "Browser", "From": "Da", "Signed in": "Accesso", "Last used": "Ultimo uso", "this one": "questo",
	"Sign out everywhere else": "Esci da tutti gli altri", "That browser is signed out.": "Quel browser è stato disconnesso.", "Every other browser is signed out.": "Tutti gli altri browser sono stati disconnessi.",

	"Turn on two-factor authentication":                                  "Attivare l'autenticazione a due fattori",
	"QR code for the authenticator app; the key beside it says the same": "Codice QR per l'app di autenticazione; la chiave accanto dice lo stesso",
	"Open an authenticator app on your telephone and scan the picture.":  "Aprire un'app di autenticazione sul telefono e inquadrare l'immagine.",
	"Or type this key:": "Oppure digitare questa chiave:", "On the telephone itself: open the app": "Dal telefono stesso: aprire l'app",
	"Type the six digits that the app shows.": "Digitare le sei cifre mostrate dall'app.", "Later": "Più tardi",
	"Recovery codes": "Codici di recupero",
	"Two-factor authentication is on. When you lose the telephone, each of these lets you in once.": "L'autenticazione a due fattori è attiva. Se si perde il telefono, ognuno di questi codici permette di entrare una volta.",
	"They are shown this once. Keep them where you keep passwords, or on paper.":                    "Si mostrano solo questa volta. Conservarli dove si conservano le password, o su carta.",
	"I have kept them": "Li ho conservati",

	"two-factor authentication is on already": "l'autenticazione a due fattori è già attiva", "two-factor authentication is off": "l'autenticazione a due fattori non è attiva",
	"nothing waits to be confirmed": "non c'è nulla da confermare", "is wrong: is the clock of your telephone right?": "non è corretto: l'orologio del telefono è giusto?",
	"there is no such entry": "questa voce non esiste",

	"Owner": "Titolare", "Developer": "Sviluppatore", "Sender": "Mittente", "Viewer": "Osservatore", "Operator": "Operatore",
}
