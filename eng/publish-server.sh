#!/usr/bin/env bash
# Publishes the server into a folder that runs by itself: program, admin UI, PostgreSQL.
# usage: eng/publish-server.sh OUTPUT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
output=$1
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) rid=linux-x64 ;;
  Linux-aarch64) rid=linux-arm64 ;;
  Darwin-arm64) rid=osx-arm64 ;;
  Darwin-x86_64) rid=osx-x64 ;;
  *) echo "No build for $(uname -s) on $(uname -m)." >&2; exit 1 ;;
esac
echo "Building the server …"
# Precompiled (ReadyToRun) code makes the start quick; optimised code replaces it while the server runs.
dotnet publish src/Togglr.Server -c Release -r "$rid" --no-self-contained -p:PublishReadyToRun=true -p:DebugType=none \
  -o "$output" -v q --nologo -clp:NoSummary
rm -rf "$output/web"
cp -R web/dist "$output/web"
