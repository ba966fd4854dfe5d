package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// route is one method of one path. GET answers HEAD too, and every path answers OPTIONS.
type route struct {
	method string
	path   string        // pattern of http.ServeMux
	needs  sms.Operation // what the credentials must grant; empty: open to everyone, without credentials
	serve  func(*Door, *call) error
}

const webhookRoute = "/api/partner-gateway/v1/webhooks/delivery-status"

// routes is every path of this door.
var routes = []route{
	{http.MethodPost, "/api/message-server/sms/send", sms.OpSMS, (*Door).send},
	{http.MethodDelete, "/api/message-server/sms/scheduled/{messageId}", sms.OpSMS, (*Door).cancelScheduled},
	{http.MethodPatch, "/api/message-server/sms/scheduled/{messageId}", sms.OpSMS, (*Door).reschedule},
	{http.MethodGet, "/api/partner-gateway/v1/messages/status/{customerMessageId}", sms.OpSMS, (*Door).statusOne},
	{http.MethodGet, "/api/partner-gateway/v1/messages/status", sms.OpSMS, (*Door).statusMany},
	{http.MethodGet, "/api/partner-gateway/v1/messages/history", sms.OpPlatform, (*Door).history},
	{http.MethodPost, "/api/partner-gateway/v1/messages/history/export", sms.OpPlatform, (*Door).createExport},
	{http.MethodGet, "/api/partner-gateway/v1/exports", sms.OpPlatform, (*Door).exports},
	{http.MethodGet, "/api/partner-gateway/v1/exports/{exportId}", sms.OpPlatform, (*Door).exportLink},
	{http.MethodPost, "/api/partner-gateway/v1/exports/{exportId}", sms.OpPlatform, (*Door).renewExport},
	{http.MethodGet, "/api/partner-gateway/v1/exports/{exportId}/download", "", (*Door).download},
	{http.MethodGet, "/api/partner-gateway/v1/authentication", sms.OpPlatform, (*Door).keys},
	{http.MethodPost, "/api/partner-gateway/v1/authentication", sms.OpPlatform, (*Door).createKey},
	{http.MethodPost, "/api/partner-gateway/v1/authentication/lookup", sms.OpPlatform, (*Door).lookUpKey},
	{http.MethodPatch, "/api/partner-gateway/v1/authentication/{id}", sms.OpPlatform, (*Door).changeKey},
	{http.MethodDelete, "/api/partner-gateway/v1/authentication/{id}", sms.OpPlatform, (*Door).revokeKey},
	{http.MethodPost, "/api/partner-gateway/v1/authentication/{id}/regenerate", sms.OpPlatform, (*Door).regenerateKey},
	{http.MethodGet, "/api/partner-gateway/v1/settings/ip-allow-list", sms.OpPlatform, (*Door).allowList},
	{http.MethodPut, "/api/partner-gateway/v1/settings/ip-allow-list", sms.OpPlatform, (*Door).replaceAllowList},
	{http.MethodPost, "/api/services/sms/send", sms.OpSMS, (*Door).legacySend},
	{http.MethodPost, "/services/sms/send", sms.OpSMS, (*Door).legacySend},
	{http.MethodGet, "/api/services/sms/credit", sms.OpSMS, (*Door).legacyCredit},
	{http.MethodGet, "/services/sms/credit", sms.OpSMS, (*Door).legacyCredit},
	{http.MethodGet, "/api/v1/partner-gateway/subscription/credit", sms.OpPlatform, (*Door).credit},
	{http.MethodGet, "/api/partner-gateway/v1/subscription/credit", sms.OpPlatform, (*Door).credit},
	{http.MethodGet, webhookRoute, sms.OpPlatform, (*Door).webhook},
	{http.MethodPost, webhookRoute, sms.OpPlatform, (*Door).createWebhook},
	{http.MethodPut, webhookRoute, sms.OpPlatform, (*Door).replaceWebhook},
	{http.MethodDelete, webhookRoute, sms.OpPlatform, (*Door).removeWebhook},
	{http.MethodPost, webhookRoute + "/secret/rotate", sms.OpPlatform, (*Door).rotateWebhookSecret},
	{http.MethodGet, webhookRoute + "/events", sms.OpPlatform, (*Door).webhookEvents},
	{http.MethodGet, webhookRoute + "/attempts", sms.OpPlatform, (*Door).webhookAttempts},
	{http.MethodPost, webhookRoute + "/replay", sms.OpPlatform, (*Door).replayWebhookEvents},
	{http.MethodGet, optOutRoute, sms.OpPlatform, (*Door).optOuts},
	{http.MethodPost, optOutRoute, sms.OpPlatform, (*Door).addOptOut},
	{http.MethodDelete, optOutRoute, sms.OpPlatform, (*Door).removeOptOut},
	{http.MethodGet, "/api/services/mnp/number-lookup", sms.OpSMS, (*Door).numberLookup},
	{http.MethodGet, "/services/mnp/number-lookup", sms.OpSMS, (*Door).numberLookup},
	{http.MethodGet, "/api/openapi.yaml", "", (*Door).contract},
	{http.MethodGet, "/docs", "", (*Door).docs},
	{http.MethodGet, "/docs/style.css", "", (*Door).docsStyle},
	{http.MethodGet, "/healthz", "", (*Door).health},
	{http.MethodGet, "/readyz", "", (*Door).ready},
	{http.MethodGet, "/metrics", "", (*Door).metrics},
}

// jsendPaths are those whose errors have the form of the contract's section 4; all others have that of section 1.
var jsendPaths = []string{"/api/services/sms/send", "/services/sms/send", "/api/services/sms/credit", "/services/sms/credit"}

// resource is what one path answers to.
type resource struct {
	methods map[string]route
	allow   string // value of the header Allow
	jsend   bool   // the form of its errors
	lookup  bool   // another form
}

func resources(table []route) map[string]*resource {
	byPath := make(map[string]*resource)
	for _, r := range table {
		at := byPath[r.path]
		if at == nil {
			at = &resource{methods: make(map[string]route), jsend: slices.Contains(jsendPaths, r.path), lookup: slices.Contains(lookupPaths, r.path)}
			byPath[r.path] = at
		}
		at.methods[r.method] = r
		at.allow += r.method + ", "
		if r.method == http.MethodGet {
			at.methods[http.MethodHead] = r
			at.allow += http.MethodHead + ", "
		}
	}
	for _, at := range byPath {
		at.allow += http.MethodOptions
	}
	return byPath
}

// canonical reports whether the path is written the only way that this door serves. Without the check ServeMux
// would redirect to the cleaned path, and clients turn a redirected POST into a GET.
func canonical(escaped string) bool {
	if !strings.HasPrefix(escaped, "/") || strings.Contains(escaped, "//") {
		return false
	}
	for rest := escaped; ; {
		i := strings.Index(rest, "/.")
		if i < 0 {
			return true
		}
		rest = rest[i+1:]
		segment, _, _ := strings.Cut(rest, "/")
		if segment == "." || segment == ".." {
			return false
		}
	}
}
