#!/usr/bin/env bash
# Runs tests and closes with one line: N passed, N failed.
# usage: eng/test.sh all|unit|integration|browser
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/npm.sh
suite=${1:-all}
passed=0 failed=0 skipped=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fail_step() { echo "FAILED: $1" >&2; failed=$((failed + 1)); finish; }

finish() {
  echo
  if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  [ "$failed" -eq 0 ]; exit
}

# An xunit program prints one summary line: Total: N, Errors: N, Failed: N, Skipped: N, …
dotnet_tests() {
  local name=$1 project=$2; shift 2
  echo "== $name"
  local dll
  dll=$(find "$project/bin/Release" -name "$name.dll" -path '*net10.0*' | head -1)
  dotnet exec "$dll" -noLogo -noColor "$@" > "$logs/$name" 2>&1
  local code=$?
  local summary
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$logs/$name" | tail -1)
  if [ -z "$summary" ]; then cat "$logs/$name"; failed=$((failed + 1)); return; fi
  local total errors fails skips
  total=$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<< "$summary")
  errors=$(sed -E 's/.*Errors: ([0-9]+).*/\1/' <<< "$summary")
  fails=$(sed -E 's/.*Failed: ([0-9]+).*/\1/' <<< "$summary")
  skips=$(sed -E 's/.*Skipped: ([0-9]+).*/\1/' <<< "$summary")
  if [ "$code" -ne 0 ]; then grep -vE '^\s*$' "$logs/$name" | tail -300; fi
  if [ "$code" -ne 0 ] && [ $((errors + fails)) -eq 0 ]; then fails=1; fi
  passed=$((passed + total - fails - skips)); failed=$((failed + fails + errors)); skipped=$((skipped + skips))
  echo "$summary" | sed -E 's/^ +//'
}

web_tests() {
  echo "== web"
  npm_install web || fail_step "npm ci in web"
  (cd web && npm run --silent lint) > "$logs/lint" 2>&1 || { cat "$logs/lint"; failed=$((failed + 1)); }
  (cd web && npx vitest run --reporter=default --reporter=json --outputFile="$logs/vitest.json") > "$logs/vitest" 2>&1
  local code=$?
  if [ ! -s "$logs/vitest.json" ]; then cat "$logs/vitest"; failed=$((failed + 1)); return; fi
  local p f
  p=$(node -p "require('$logs/vitest.json').numPassedTests"); f=$(node -p "require('$logs/vitest.json').numFailedTests")
  if [ "$code" -ne 0 ]; then cat "$logs/vitest"; [ "$f" -gt 0 ] || f=1; fi
  passed=$((passed + p)); failed=$((failed + f))
  echo "Passed: $p, Failed: $f"
}

conformance() {
  echo "== conformance"
  local result
  dotnet exec "$(find tests/Togglr.Conformance/bin/Release -name Togglr.Conformance.dll -path '*net10.0*' | head -1)" spec/vectors > "$logs/conformance" 2>&1
  result=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/conformance" | tail -1)
  if [ -z "$result" ]; then tail -50 "$logs/conformance"; failed=$((failed + 1)); return; fi
  passed=$((passed + $(cut -d' ' -f1 <<< "$result"))); failed=$((failed + $(cut -d' ' -f3 <<< "$result")))
  [ "$(cut -d' ' -f3 <<< "$result")" -eq 0 ] || tail -50 "$logs/conformance"
  echo "$result"
}

echo "== build"
dotnet build Togglr.slnx -c Release -v q --nologo -clp:NoSummary || fail_step "build"

if [ "$suite" = all ] || [ "$suite" = unit ]; then
  dotnet_tests Togglr.UnitTests tests/Togglr.UnitTests
  conformance
  dotnet_tests Togglr.Sdk.Tests sdks/dotnet/tests/Togglr.Sdk.Tests
  web_tests
fi
if [ "$suite" = all ] || [ "$suite" = integration ]; then
  eng/postgres/fetch.sh || fail_step "PostgreSQL"
  TOGGLR_TEST_PROMTOOL=$(eng/promtool.sh)
  export TOGGLR_TEST_PROMTOOL
  TOGGLR_TEST_SLAPD=$(eng/slapd.sh)
  export TOGGLR_TEST_SLAPD
  # The server under test needs OpenLDAP's library too; the machine's own comes first.
  if [ -n "$TOGGLR_TEST_SLAPD" ] && [ "$TOGGLR_TEST_SLAPD" != / ] && ! ldconfig -p 2> /dev/null | grep -qE 'libldap(-2\.[456])?\.so'; then
    LD_LIBRARY_PATH=$(dirname "$(find "$TOGGLR_TEST_SLAPD/usr/lib" -name 'libldap*.so.*' | head -1)")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
  fi
  dotnet_tests Togglr.IntegrationTests tests/Togglr.IntegrationTests
fi
if [ "$suite" = all ] || [ "$suite" = browser ]; then
  eng/postgres/fetch.sh || fail_step "PostgreSQL"
  eng/build-web.sh || fail_step "web build"
  TOGGLR_TEST_CHROMIUM=$(eng/browser.sh) || fail_step "no Chromium could be found or installed"
  export TOGGLR_TEST_CHROMIUM
  dotnet_tests Togglr.BrowserTests tests/Togglr.BrowserTests
fi
finish
