#!/usr/bin/env bash
# Installs what some integration tests check against, where that is possible; those tests are skipped with a reason where it is not.
set -euo pipefail
command -v promtool > /dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus > /dev/null
else
  echo "promtool is not installed: the check of /metrics against it is skipped." >&2
fi
