#!/usr/bin/env bash
# Writes spec/openapi.json from the server's code, and the admin UI's types from that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/npm.sh
dotnet build src/Togglr.Server -v q --nologo -clp:NoSummary
dotnet run --project src/Togglr.Server --no-build -- openapi > spec/openapi.json.new
mv spec/openapi.json.new spec/openapi.json
npm_install web
(cd web && npm run --silent generate)
