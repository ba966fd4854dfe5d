package httpapi

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/intake"
)

// TestErrorsAreExplained holds docs/errors.md to what this door can answer.
func TestErrorsAreExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	statuses := []int{http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusGatewayTimeout}
	for _, status := range httpStatus {
		statuses = append(statuses, status)
	}
	for _, status := range statuses {
		name := http.StatusText(status)
		if status == http.StatusRequestEntityTooLarge {
			name = "Content Too Large" // RFC 9110 §15.5.14
		}
		if heading := fmt.Sprintf("\n### %d %s\n", status, name); !strings.Contains(page, heading) {
			t.Errorf("there is no heading %q", heading)
		}
	}
	for _, reason := range []string{intake.NoCredit, intake.SenderNotAllowed, intake.Blocked, intake.NotAllowed, intake.NoRoute, intake.TooManyParts} {
		if !strings.Contains(page, "\n| `"+reason+"` |") {
			t.Errorf("the reason %s has no row", reason)
		}
	}
	for _, code := range []int{
		codeCredentials, codeCredit, codeDestination, codeBodyMissing, codeBodyUnsupported, codeServer, codeTimeout, codeSenderMissing,
		codeDestinationsNone, codeMessagesNone, codeIDs, codeSender, codeGlobalID, codeMaxIDLen, codeUDHData, codeScheduling,
		codeBodyValue, codeAddress,
	} {
		if !strings.Contains(page, fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("the code %d has no row", code)
		}
	}
}
