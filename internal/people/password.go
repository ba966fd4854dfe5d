package people

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// What a password of a person must be.
const (
	LeastPassword = 12  // characters
	mostPassword  = 256 // octets
	leastVariety  = 5   // different characters
)

// CheckPassword refuses a password that would be guessed: too short, the address itself, or one of the most common ones. The
// error names the field "password".
func CheckPassword(password, email string) error {
	plain := strings.ToLower(strings.TrimSpace(password))
	local, _, _ := strings.Cut(email, "@")
	switch {
	case utf8.RuneCountInString(password) < LeastPassword:
		return sms.InvalidField("password", "must have at least %d characters", LeastPassword)
	case len(password) > mostPassword:
		return sms.InvalidField("password", "must have at most %d octets", mostPassword)
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return sms.InvalidField("password", "has characters that cannot be typed")
	case email != "" && (plain == email || plain == local):
		return sms.InvalidField("password", "must not be the email address")
	case variety(plain) < leastVariety:
		return sms.InvalidField("password", "must have at least %d different characters", leastVariety)
	case slices.Contains(commonPasswords, plain):
		return sms.InvalidField("password", "is one of the most common passwords")
	}
	return nil
}

// variety counts the different characters.
func variety(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// commonPasswords are the most common ones that are long enough, in lower case.
var commonPasswords = []string{
	"123456789012", "1234567890123", "12345678901234", "123456789012345", "1234567890123456", "0123456789012", "012345678910",
	"1234567891011", "123456789101112", "987654321098", "9876543210987", "123123123123", "1234512345123", "123456123456",
	"1q2w3e4r5t6y", "1q2w3e4r5t6y7u", "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "zaq12wsxcde3",
	"qwertyuiop12", "qwertyuiop123", "qwertyuiop1234", "qwertyuiop[]", "qwertyuiopasdf", "qwertyuiopasdfgh", "qwertyuiopasdfghjkl",
	"qwerty123456", "qwerty1234567", "qwerty12345678", "qwerty123456789", "qwertyqwerty", "qwerty123qwerty", "asdfghjkl123", "asdfghjklzxcvbnm",
	"zxcvbnmasdfgh", "password1234", "password12345", "password123456", "password1234567", "password123!", "password1234!", "passwordpassword",
	"password2024", "password2025", "password2026", "passw0rd1234", "p@ssw0rd1234", "p@ssword1234", "mypassword123", "newpassword123",
	"changeme1234", "changeme12345", "changeme123!", "changeit1234", "letmein12345", "letmein123456", "welcome12345", "welcome123456", "welcome1234!",
	"administrator", "administrator1", "admin1234567", "admin12345678", "adminadmin12", "adminadminadmin", "administrator123", "rootrootroot1",
	"iloveyou1234", "iloveyou12345", "iloveyou123456", "iloveyouiloveyou", "iloveyousomuch", "abc123456789", "abcd12345678", "abcdef123456",
	"abcdefg12345", "abcdefgh1234", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn", "abcdefghijklmnop", "a1b2c3d4e5f6", "a1b2c3d4e5f6g7",
	"sunshine1234", "princess1234", "football1234", "baseball1234", "superman1234", "batman123456", "monkey123456", "dragon123456",
	"michael12345", "ashley123456", "liverpool123", "manchesterunited", "realmadrid123", "barcelona123", "juventus1234", "forzajuve1897",
	"trustno1trustno1", "whatever1234", "starwars1234", "computer1234", "internet1234", "samsung12345", "google123456", "facebook1234",
	"correcthorsebatterystaple", "correct horse battery staple", "secret123456", "secretsecret", "supersecret1", "supersecret123",
	"testtesttest1", "test12345678", "testpassword", "testpassword1", "testpassword123", "demo12345678", "guest1234567", "user12345678",
	"ciaociaociao1", "ciaociao1234", "amoremio1234", "amoremio12345", "francesco123", "alessandro123", "alessandra123", "password.123", "cambiami1234",
}
