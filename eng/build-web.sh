#!/usr/bin/env bash
# Builds the admin UI into web/dist, only when a source is newer than the last build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../web"
. ../eng/npm.sh
npm_install .
if [ -f dist/index.html ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
echo "Building the admin UI …"
# Half a build must not be taken for one.
npm run --silent build || { rm -f dist/index.html; exit 1; }
