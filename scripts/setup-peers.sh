#!/bin/sh
# Installs the foreign programs that tests use as peers, from Debian, quietly, and only those that are missing. It
# starts no service. What comes from npm, playwright-core and axe-core too, is installed by the tests themselves, in the
# version that each names. Without the rights to install it names what is missing and succeeds: the tests decide.
set -eu
PATH="$PATH:/usr/sbin:/sbin"

have() { command -v "$1" >/dev/null 2>&1; }

missing=""
need() { # PACKAGE TEST…
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

postgres_server() { ls /usr/lib/postgresql/*/bin/postgres; }
c_compiler() { have cc && [ -r /usr/include/netinet/in.h ]; }
kannel_extras() { [ -x /usr/lib/kannel/test/drive_smpp ] || have drive_smpp; }

look() {
	missing=""
	need postgresql postgres_server
	need kannel have bearerbox
	need kannel-extras kannel_extras
	need tshark have tshark
	need strace have strace
	need curl have curl
	need php-cli have php
	need php-curl php -r 'exit(extension_loaded("curl") ? 0 : 1);'
	need python3 have python3
	need python3-requests python3 -c 'import requests'
	need nodejs have node
	need npm have npm
	need chromium have chromium
	need libnet-smpp-perl perl -MNet::SMPP -e 1
	need osmo-msc have osmo-msc
	need "gcc libc6-dev" c_compiler # osmo-msc where the kernel has no SCTP
}

look
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
	as_root="sudo -n"
	if [ "${CI:-}" != true ] || ! $as_root true 2>/dev/null; then
		echo "NOT INSTALLED, because only root can:$missing. Tests that need them are skipped (with CI=true they fail)." >&2
		exit 0
	fi
fi
if ! have apt-get; then
	echo "NOT INSTALLED, because there is no apt-get:$missing. Tests that need them are skipped (with CI=true they fail)." >&2
	exit 0
fi

exec 9>"${TMPDIR:-/tmp}/staffetta-setup-peers.lock"
flock 9
look # another run may have installed them meanwhile
[ -n "$missing" ] || exit 0

# Packages of servers start them when they are installed, unless this says no (101: action forbidden by policy).
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
made_policy=""
cleanup() {
	rm -f "$log"
	[ -z "$made_policy" ] || $as_root rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
if [ ! -e "$policy" ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
	$as_root chmod 755 "$policy"
fi

install() {
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $as_root apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install $missing >"$log" 2>&1 9>&-
}

echo "Installing for the tests:$missing" >&2
if ! install; then
	$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update >/dev/null 2>&1 9>&- || true
	if ! install; then
		tail -n 20 "$log" >&2
		echo "NOT INSTALLED:$missing. Tests that need them are skipped (with CI=true they fail)." >&2
	fi
fi
