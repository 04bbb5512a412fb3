#!/usr/bin/env bash
# Prints the root below which OpenLDAP's server lies (usr/sbin/slapd, usr/lib/ldap, etc/ldap/schema), for tests: / where it is installed, else Debian's packages unpacked without
# installing their service. Their libraries are in its usr/lib/<machine>; put that into LD_LIBRARY_PATH where the machine has no libldap. Prints nothing where neither is possible;
# the tests are then skipped with that reason.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ -x /usr/sbin/slapd ] && [ -d /etc/ldap/schema ]; then echo /; exit 0; fi
root=$PWD/.tools/slapd
if [ ! -x "$root/usr/sbin/slapd" ] && command -v apt-get > /dev/null && command -v dpkg > /dev/null; then
  mkdir -p "$root"
  [ "$(id -u)" = 0 ] && apt-get update -qq >&2 || true
  # libldap2 and libltdl7, libodbc2 … go by other names in other releases; whatever is not there is not needed there.
  for package in slapd libldap-2.5-0 libldap2 libltdl7 libodbc2 libsasl2-2 libsasl2-modules-db libwrap0 libargon2-1 libperl5.36 libperl5.40 libnsl2; do
    (cd "$root" && apt-get download -qq "$package" > /dev/null 2>&1 && dpkg -x "$package"_*.deb . && rm -f "$package"_*.deb) || true
  done
fi
[ ! -x "$root/usr/sbin/slapd" ] || echo "$root"
