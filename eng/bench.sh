#!/usr/bin/env bash
# Measures Togglr on this machine and writes the tables into bench/results. About fifteen minutes; nothing else should run meanwhile.
# usage: eng/bench.sh [in-process|impact|statistics|http] [PART …]    the parts of http are edge, streams, events, analysis (TOGGLR_BENCH_EXPOSURES: how many), bandit, health, schedules, crud, start, sign-in, audit and browser
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-all}
[ $# -gt 0 ] && shift
built=artifacts/bench
mkdir -p bench/results
missed=0

if [ "$what" = all ] || [ "$what" = in-process ]; then
  echo "== in the process"
  dotnet build bench/Togglr.Benchmarks -c Release -v q --nologo -clp:NoSummary
  dotnet run --project bench/Togglr.Benchmarks -c Release --no-build -- bench/results/in-process.md || missed=1
fi

if [ "$what" = all ] || [ "$what" = impact ]; then
  echo "== contexts and impact"
  dotnet build bench/Togglr.Benchmarks -c Release -v q --nologo -clp:NoSummary
  dotnet run --project bench/Togglr.Benchmarks -c Release --no-build -- impact bench/results/impact.md || missed=1
fi

if [ "$what" = all ] || [ "$what" = statistics ]; then
  echo "== simulated experiments and bandits"
  dotnet build bench/Togglr.Benchmarks -c Release -v q --nologo -clp:NoSummary
  dotnet run --project bench/Togglr.Benchmarks -c Release --no-build -- statistics spec/statistics bench/results/statistics.md || missed=1
fi

if [ "$what" = all ] || [ "$what" = http ]; then
  echo "== over HTTP"
  # The yardstick is published exactly as eng/publish-server.sh publishes the server.
  dotnet publish bench/BareKestrel -c Release --use-current-runtime --no-self-contained -p:PublishReadyToRun=true -p:DebugType=none \
    -o "$built/bare-kestrel" -v q --nologo -clp:NoSummary
  dotnet build bench/Togglr.LoadBench -c Release -o "$built/load" -v q --nologo -clp:NoSummary
  TOGGLR_TEST_CHROMIUM=$(eng/browser.sh)
  export TOGGLR_TEST_CHROMIUM
  # A run of some parts only must not replace the committed results.
  result=bench/results/server.md
  [ $# -eq 0 ] || result=$built/server.md
  dotnet "$built/load/Togglr.LoadBench.dll" artifacts/server/togglr "$built/bare-kestrel/bare-kestrel" "$result" "$@" || missed=1
fi

[ "$missed" -eq 0 ] || echo "Some goals were missed; see the tables." >&2
exit "$missed"
