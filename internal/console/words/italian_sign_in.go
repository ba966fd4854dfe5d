package words

var italianSignIn = map[string]string{
	"Signed out.": "Uscita effettuata.", "You work in the account %s now.": "Ora si lavora nell'account %s.", "You have left the account.": "L'account è stato lasciato.",
}
