#!/usr/bin/env bash
# Takes the pictures of the documentation from the demo data: docs/images/*.png, in a fixed size, light and dark.
# usage: eng/screenshots.sh SERVER_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/npm.sh
npm_install eng/screenshots
chromium=$(eng/browser.sh)
data=$(mktemp -d)
port=$(node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
# The database's processes have no rights of root, so they must be able to reach their data through this folder.
chmod 755 "$data"
"$1/togglr" serve --demo true --demo-traffic true --log-level warning --listen "127.0.0.1:$port" --data-dir "$data/data" > "$data/log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null; wait "$server" 2> /dev/null; rm -rf "$data"' EXIT
for _ in $(seq 120); do
  curl -sf -o /dev/null "http://127.0.0.1:$port/ready" && break
  kill -0 "$server" 2> /dev/null || { cat "$data/log" >&2; exit 1; }
  sleep 0.5
done
node eng/screenshots/shoot.mjs "http://127.0.0.1:$port" docs/images "$chromium"
