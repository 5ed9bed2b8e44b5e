#!/usr/bin/env bash
# VDK's own clients, unmodified, and schemathesis against `datajob-operator control-service`, the
# commands of its page in docs/, and the Kubernetes client for Python against the sandbox.
# Usage: scripts/test-clients.sh [vdkcli] [python] [page] [kubernetes] [fuzz]     (all when none is named)
# Needs Node with npm, and Python 3.11 or newer with venv; everything else is pinned and kept in
# .datajob-operator/.
set -euo pipefail
cd "$(dirname "$0")/.."

parts=${*:-vdkcli python page kubernetes fuzz}
for part in $parts; do
  case $part in
    vdkcli | python | page | kubernetes | fuzz) ;;
    *)
      echo "test-clients.sh knows the parts vdkcli, python, page, kubernetes and fuzz, not \"$part\"." >&2
      exit 2
      ;;
  esac
done

cache=$PWD/.datajob-operator
work=$(mktemp -d)
service_pid=
started=$SECONDS
failed=()

stop_service() {
  if [ -n "$service_pid" ]; then
    kill "$service_pid" 2>/dev/null || true
    wait "$service_pid" || echo "the service ended with $?" >&2
    service_pid=
  fi
}
finish() {
  stop_service
  rm -rf "$work"
}
trap finish EXIT

# The newest pins need it; the machine's python3 may be older than another one that it has.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "Python 3.11 or newer with the module venv is needed and was not found." >&2
  return 1
}

# Makes a virtual environment for a requirements file, or takes the one that was made before.
environment_for() {
  local requirements=$1 folder key
  key=$("$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.version.encode() + open(sys.argv[1], "rb").read()).hexdigest()[:12])' "$requirements")
  folder=$cache/python-$(basename "$requirements" .txt)-$key
  if [ ! -e "$folder/ready" ]; then
    echo "installing $requirements" >&2
    rm -rf "$folder"
    mkdir -p "$cache"
    "$python" -m venv "$folder"
    # Two of the packages are built from source, by the setuptools that they also need to run.
    "$folder/bin/pip" install -q --disable-pip-version-check setuptools==80.9.0 wheel==0.47.0 >&2
    "$folder/bin/pip" install -q --disable-pip-version-check --no-build-isolation -r "$requirements" >&2
    touch "$folder/ready"
  fi
  echo "$folder/bin/python"
}

# start "options": the program with them, until it says that it is there.
start() {
  : >"$work/service.log"
  node src/cli/launch.mjs "$@" >"$work/service.log" 2>&1 &
  service_pid=$!
  for _ in $(seq 300); do
    grep -q 'Ctrl-C ends' "$work/service.log" && return
    kill -0 "$service_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "it did not start: $*" >&2
  cat "$work/service.log" >&2
  return 1
}

start_service() {
  local log=$work/service.log
  start control-service --port 0 "$@"
  export SERVICE_URL SERVICE_API_TOKEN SERVICE_PERSISTENCE
  SERVICE_URL=$(sed -n 's/^Control Service *//p' "$log")
  SERVICE_API_TOKEN=$(sed -n 's/^API token *\([^ ]*\).*/\1/p' "$log")
  SERVICE_PERSISTENCE=$(sed -n 's/^  persistence \([A-Z0-9]*\),.*/\1/p' "$log")
}

# against "options of the service" command…: the command while such a service runs.
against() {
  local options=$1 began=$SECONDS
  shift
  # shellcheck disable=SC2086 # options are several words
  start_service $options
  "$@" || failed+=("$(basename "$2") against control-service $options")
  stop_service
  echo "  $((SECONDS - began)) s: $(basename "$2") against control-service $options"
}

wants() { [[ " $parts " == *" $1 "* ]]; }

node scripts/install.mjs
export PATH="$PWD/node_modules/.bin:$PATH"
python=$(find_python)

if wants vdkcli || wants python || wants page; then
  clients=$(environment_for test/clients/requirements.txt)
fi
if wants vdkcli; then
  # Runs are so long that a busy machine finds the time to cancel one.
  against "--deploy-time 500ms --run-time 10s" "$clients" test/clients/vdkcli_life.py
  against "--deploy-time 500ms --run-time 10s --auth" "$clients" test/clients/vdkcli_life.py
fi
if wants python; then
  against "--deploy-time 500ms --run-time 2s" "$clients" test/clients/python_client.py
  against "--deploy-time 500ms --run-time 2s --auth" "$clients" test/clients/python_client.py
  against "--deploy-time 500ms --run-time 2s --persistence DB" "$clients" test/clients/python_client.py
  against "--deploy-time 500ms --run-time 2s --persistence BOTH" "$clients" test/clients/python_client.py
fi
if wants page; then
  began=$SECONDS
  port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$clients" test/clients/page.py docs/embedded-control-service.md "$port" || failed+=("page.py")
  echo "  $((SECONDS - began)) s: page.py"
fi
if wants kubernetes; then
  kubernetes=$(environment_for test/clients/requirements-kubernetes.txt)
  began=$SECONDS
  export KUBECONFIG=$work/kubeconfig
  start sandbox --write-kubeconfig "$KUBECONFIG" --deploy-time 500ms
  "$kubernetes" test/clients/kubernetes_client.py operator || failed+=("kubernetes_client.py")
  stop_service
  unset KUBECONFIG
  echo "  $((SECONDS - began)) s: kubernetes_client.py against the sandbox"
fi
if wants fuzz; then
  fuzz=$(environment_for test/clients/requirements-fuzz.txt)
  node scripts/openapi.ts >"$work/openapi.json"
  against "--deploy-time 0s --run-time 2s" "$fuzz" test/clients/fuzz.py "$work/openapi.json" 2000 60
  against "--deploy-time 0s --run-time 2s --auth --persistence DB" "$fuzz" test/clients/fuzz.py "$work/openapi.json" 1500 30
fi

if [ ${#failed[@]} -gt 0 ]; then
  printf 'FAILED %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "real clients: all parts passed ($parts) in $((SECONDS - started)) s"
