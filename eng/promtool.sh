#!/usr/bin/env bash
# Prints the path of promtool, which checks /metrics in a test: the system's, else the one unpacked from Debian's package without installing its service.
# Prints nothing where neither is possible; the test is then skipped with that reason.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if command -v promtool; then exit 0; fi
promtool=$PWD/.tools/prometheus/usr/bin/promtool
if [ ! -x "$promtool" ] && command -v apt-get > /dev/null && command -v dpkg > /dev/null; then
  mkdir -p .tools/prometheus
  [ "$(id -u)" = 0 ] && apt-get update -qq >&2 || true
  (cd .tools/prometheus && apt-get download -qq prometheus >&2 && dpkg -x prometheus_*.deb . && rm -f prometheus_*.deb) || true
fi
[ ! -x "$promtool" ] || echo "$promtool"
