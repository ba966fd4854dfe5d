# The commands of the house. `make run` and `make test` are all a newcomer needs.

GO       ?= go
FUZZTIME ?= 60s
PACKAGES ?= ./...
TORTURE  ?= 30
CUTS     ?= 200
CRASHES  ?= 10
SOAK     ?= 30m

# What runs goroutines is tested under the race detector too.
CONCURRENT = ./smpp/... ./internal/admin/... ./internal/auth/... ./internal/carrier/... ./internal/directory/... \
             ./internal/dispatch/... ./internal/httpapi/... ./internal/intake/... ./internal/ratelimit/... \
             ./internal/outbox/... ./internal/people/... ./internal/receipt/... ./internal/route/... ./internal/settings/... ./internal/smppapi/... \
             ./internal/status/... ./internal/store/... ./internal/traffic/...

.PHONY: build run test race peers fuzz torture bench backlog lint

build:
	$(GO) build -o staffetta ./cmd/staffetta

run: build
	./staffetta serve --demo

# Foreign programs that tests need as peers; what cannot be installed is named, and its tests say that they are skipped
# (with CI=true they fail).
peers:
	@scripts/setup-peers.sh

test: peers race
	$(GO) test -timeout 20m ./...

race:
	scripts/race.sh $(GO) test -race -short -timeout 15m $(CONCURRENT)
	scripts/race.sh $(GO) test -race -timeout 15m -run Stream ./internal/console
	scripts/race.sh $(GO) test -race -timeout 15m -run 'TestScripts/(live|send|practice-carrier)$$' ./cmd/staffetta

# Messages per second through the whole pipe, beside the other gateways that are installed, and what the codec costs;
# BENCH=-help lists the settings.
bench: peers
	$(GO) run ./proof/bench -json bench.json -plot bench.svg $(BENCH)

# A million messages wait for a carrier that is away: memory, disk, restart, order; BACKLOG=-help lists the settings.
backlog:
	$(GO) run ./proof/backlog $(BACKLOG)

# Feeds every decoder what it does not expect, FUZZTIME each; PACKAGES chooses, as in PACKAGES="./gsm ./smpp".
fuzz:
	GO=$(GO) scripts/fuzz.sh $(FUZZTIME) $(PACKAGES)

# What `make test` does a few times, at length: for SOAK, traffic to a carrier that goes away again and again; then rounds
# of CRASHES times each crash test (five kills each) and CUTS power cuts, until TORTURE minutes have passed; a round that
# has begun is finished.
torture:
	GO=$(GO) scripts/torture.sh $(TORTURE) $(CUTS) $(CRASHES) $(SOAK)

lint:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	$(GO) vet ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run; else echo "golangci-lint is not installed: only gofmt and go vet ran"; fi
