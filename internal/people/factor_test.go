package people

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// RFC 6238 appendix B, the last six digits.
func TestTOTPVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totpCode(secret, stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// enrolled turns the second factor of somebody on.
func (w *world) enrolled(session Session) (secret []byte, recovery []string) {
	w.t.Helper()
	shown, err := w.EnrolTOTP(w.t.Context(), session)
	w.do(err)
	secret, err = base32Code.DecodeString(shown.Secret)
	w.do(err)
	wantField(w.t, func() error { _, err := w.ConfirmTOTP(w.t.Context(), session, "000000"); return err }(), "code")
	recovery, err = w.ConfirmTOTP(w.t.Context(), session, totpCode(secret, stepAt(w.now())))
	w.do(err)
	return secret, recovery
}

func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	_, session := w.in("ada@example.com")
	before, _ := w.in("ada@example.com")
	secret, recovery := w.enrolled(session)
	_, err := w.SessionOf(t.Context(), before) // it came in with less
	wantCode(t, err, sms.Unauthenticated)
	if len(recovery) != recoveryCodes {
		t.Errorf("%d recovery codes", len(recovery))
	}
	tries := byte(0)
	second := func(code string) error {
		t.Helper()
		tries++
		from := From{Address: netip.AddrFrom4([4]byte{192, 0, 2, tries})}
		entry, err := w.Login(t.Context(), Login{"ada@example.com", goodPassword}, from)
		if err != nil || entry.Token != "" || entry.Pending == "" {
			t.Fatalf("%+v, error %v", entry, err)
		}
		entry, err = w.SecondFactor(t.Context(), entry.Pending, code, from)
		if err == nil {
			w.session(entry.Token)
		}
		return err
	}
	now := totpCode(secret, stepAt(w.now()))
	wantField(t, second(now), "code") // it was used to confirm
	w.pass(totpStep)
	now = totpCode(secret, stepAt(w.now()))
	w.do(second(now[:3] + " " + now[3:]))
	wantField(t, second(now), "code")
	wantField(t, second(totpCode(secret, stepAt(w.now())-1)), "code") // an older one is never taken after a newer one
	w.do(second(totpCode(secret, stepAt(w.now())+1)))
	wantField(t, second(totpCode(secret, stepAt(w.now())+2)), "code")
	w.do(second(strings.ToUpper(recovery[0])))
	wantField(t, second(recovery[0]), "code")
	w.do(second(recovery[1]))
	if left, err := w.RecoveryCodesLeft(t.Context(), session); left != recoveryCodes-2 || err != nil {
		t.Errorf("%d left, error %v", left, err)
	}
	if n := w.audit("console recovery code", "acme", "used"); n != 2 {
		t.Errorf("%d lines in the audit log", n)
	}
}

func TestSecondFactorIsNotGuessed(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	_, session := w.in("ada@example.com")
	secret, _ := w.enrolled(session)
	there := From{Address: netip.MustParseAddr("192.0.2.99")}
	entry, err := w.Login(t.Context(), Login{"ada@example.com", goodPassword}, there)
	w.do(err)
	for range freeFailures {
		_, err = w.SecondFactor(t.Context(), entry.Pending, "000000", there)
		wantField(t, err, "code")
	}
	_, err = w.SecondFactor(t.Context(), entry.Pending, totpCode(secret, stepAt(w.now())+1), there)
	wantCode(t, err, sms.Limited)
	w.pass(pendingLife)
	_, err = w.SecondFactor(t.Context(), entry.Pending, totpCode(secret, stepAt(w.now())), there)
	wantCode(t, err, sms.Unauthenticated)
	for _, forged := range []string{"", "x", entry.Pending[:len(entry.Pending)-2], seal(w.tokens, "sign-on", pending{session.Person.ID, ""}, w.now().Add(time.Hour))} {
		_, err = w.SecondFactor(t.Context(), forged, "000000", there)
		wantCode(t, err, sms.Unauthenticated)
	}
}

func TestSecondFactorEnds(t *testing.T) {
	w := newWorld(t)
	p := w.person("ada@example.com", w.account, sms.RoleOwner)
	token, session := w.in("ada@example.com")
	_, recovery := w.enrolled(session)
	session = w.session(token)
	_, err := w.EnrolTOTP(t.Context(), session)
	wantCode(t, err, sms.Conflict)
	_, err = w.NewRecoveryCodes(t.Context(), session, "wrong password 1")
	wantField(t, err, "old")
	again, err := w.NewRecoveryCodes(t.Context(), session, goodPassword)
	if err != nil || again[0] == recovery[0] {
		t.Errorf("%v, error %v", again, err)
	}
	wantField(t, w.DisableTOTP(t.Context(), session, "wrong password 1"), "old")
	w.do(w.DisableTOTP(t.Context(), session, goodPassword))
	_, session = w.in("ada@example.com")
	if left, err := w.RecoveryCodesLeft(t.Context(), session); left != 0 || err != nil {
		t.Errorf("%d codes are left, error %v", left, err)
	}
	w.enrolled(session)
	w.do(w.TwoFactorOff(t.Context(), everybody, p.ID))
	w.in("ada@example.com")
}

func TestEnrolmentIsShown(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	_, session := w.in("ada@example.com")
	_, err := w.Enrolment(t.Context(), session)
	wantCode(t, err, sms.NotFound)
	shown, err := w.EnrolTOTP(t.Context(), session)
	w.do(err)
	if again, err := w.Enrolment(t.Context(), session); err != nil || again != shown {
		t.Errorf("%+v, error %v", again, err)
	}
	if want := "otpauth://totp/Staffetta:ada@example.com?issuer=Staffetta&secret=" + shown.Secret; shown.URI != want {
		t.Errorf("%s, want %s", shown.URI, want)
	}
	if !strings.HasPrefix(shown.QR, "data:image/svg+xml;base64,") || len(shown.QR) > 40_000 {
		t.Errorf("an image of %d octets", len(shown.QR))
	}
	w.in("ada@example.com") // what is not confirmed is not asked for
}
