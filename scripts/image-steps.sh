#!/usr/bin/env bash
# Does what the Dockerfile says without a container engine: its build stage in an empty folder, with
# only what .dockerignore lets through, and then its program, as an unprivileged user who finds
# nothing but the last stage, and may not write to it. Prints how long it takes from the start of
# the program to watching (three starts, the best counts) and what the last stage weighs.
# Needs Node and npm, and root for chroot; without root the last stage is run in place, unwritable
# all the same.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
limit_ms=1000
user=65532

work=$(mktemp -d)
chmod 755 "$work"
pids=()
clean() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait
	chmod -R u+w "$work" && rm -rf "$work"
}
trap clean EXIT

say() { echo "image-steps: $*" >&2; }
fail() {
	say "$*"
	exit 1
}

# --- the build context: the patterns of .dockerignore that this project uses, and no others
context=$work/context
mkdir "$context"
while read -r pattern; do
	case $pattern in
	'' | '#'* | '*') ;;
	'!'*) mkdir -p "$(dirname "$context/${pattern#!}")" && cp -R "$project/${pattern#!}" "$context/${pattern#!}" ;;
	*) rm -rf "${context:?}/$pattern" ;;
	esac
done <"$project/.dockerignore"

# --- the build stage, instruction by instruction
export IMAGE=$work/image
build=$work/build
mkdir "$build"
stage=0
while IFS= read -r line; do
	case $line in
	'' | '#'*) ;;
	'FROM '*) stage=$((stage + 1)) ;;
	*)
		[ "$stage" = 1 ] || continue
		case $line in
		'ENV IMAGE='* | 'WORKDIR '*) ;; # folders of this run take their place
		'COPY '*)
			read -ra words <<<"${line#COPY }"
			for source in "${words[@]:0:${#words[@]}-1}"; do cp -R "$context/$source" "$build/${words[-1]}"; done
			;;
		'RUN '*)
			say "${line#RUN }"
			(cd "$build" && bash -c "${line#RUN }") >"$work/log" 2>&1 || fail "failed:
$(cat "$work/log")"
			;;
		*) fail "cannot do this instruction of the Dockerfile: $line" ;;
		esac
		;;
	esac
done <"$project/Dockerfile"
[ "$stage" = 2 ] || fail "the Dockerfile has $stage stages, and not two"

# --- something to watch: the sandbox's two servers, without its operator
(cd "$project" && exec node src/cli/launch.mjs sandbox --no-operator --write-kubeconfig "$work/kubeconfig") >"$work/sandbox.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do
	service=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/sandbox.log" | head -1 || true)
	[ -s "$work/kubeconfig" ] && [ -n "$service" ] && break
	sleep 0.1
done
[ -n "${service:-}" ] || fail "the sandbox does not start:
$(cat "$work/sandbox.log")"

# --- the last stage
# The words between the quotes of the ENTRYPOINT.
mapfile -t entrypoint < <(grep '^ENTRYPOINT ' "$project/Dockerfile" | grep -o '"[^"]*"' | tr -d '"')
mapfile -t variables < <(sed '1,/^FROM scratch/d' "$project/Dockerfile" | sed -n 's/^ENV //p')
[ "${#entrypoint[@]}" -gt 1 ] || fail 'the Dockerfile has no ENTRYPOINT in brackets'
[ -z "$(find "$IMAGE" -perm /222 ! -type l)" ] || fail 'something in the image is writable'
for shell in $(find "$IMAGE" -name '*sh' -path '*bin/*'); do fail "there is a shell: $shell"; done

# The kubeconfig stands for what Kubernetes mounts into a pod.
chmod u+w "$IMAGE" && mkdir -p "$IMAGE/mounted"
cp "$work/kubeconfig" "$IMAGE/mounted/kubeconfig"
chmod 444 "$IMAGE/mounted/kubeconfig" && chmod a-w "$IMAGE/mounted" "$IMAGE"
arguments=(run --kubeconfig=/mounted/kubeconfig "--control-service-url=$service")
arguments+=(--metrics-bind-address=127.0.0.1:0 --health-probe-bind-address=127.0.0.1:0)
if [ "$(id -u)" = 0 ]; then
	start=(env -i "${variables[@]}" "$(command -v chroot)" "--userspec=$user:$user" "$IMAGE" "${entrypoint[@]}" "${arguments[@]}")
	say "as user $user, with $(cd "$IMAGE" && find . | wc -l) files and folders as its whole world"
else
	start=(env -i "${variables[@]}" "${entrypoint[@]/#\//$IMAGE/}" "${arguments[@]/#--kubeconfig=/--kubeconfig=$IMAGE}")
	say 'as this user, not in a root of its own: that takes root'
fi

best=
for attempt in 1 2 3; do
	log=$work/operator.$attempt
	: >"$log"
	began=$(date +%s%3N)
	"${start[@]}" >"$log" 2>&1 &
	operator=$!
	pids+=("$operator")
	for _ in $(seq 600); do
		grep -q '"msg":"synced"' "$log" && break
		kill -0 "$operator" 2>/dev/null || break
		sleep 0.05
	done
	grep -q '"msg":"synced"' "$log" || fail "it does not come to watching:
$(cat "$log")"
	at=$(grep '"msg":"synced"' "$log" | sed 's/.*"time":"\([^"]*\)".*/\1/')
	took=$(($(date -d "$at" +%s%3N) - began))
	rss=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$operator/status")
	kill -TERM "$operator"
	code=0
	wait "$operator" || code=$?
	[ "$code" = 0 ] || fail "SIGTERM ends it with $code"
	if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
	say "start $attempt: watching after $took ms, $rss MiB at most"
done

chmod u+w "$IMAGE" "$IMAGE/mounted" && rm -rf "$IMAGE/mounted"
files=$(find "$IMAGE" -type f | wc -l)
bytes=$(find "$IMAGE" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.1f", sum / 1e6 }')
program=$(find "$IMAGE/app" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.1f", sum / 1e6 }')
echo "watching after $best ms; $files files, $bytes MB, of which the program has $program MB:"
(cd "$IMAGE" && find . -type f -printf '%s %p\n' | sort -rn | awk '{ printf "%10.3f MB  %s\n", $1 / 1e6, substr($2, 2) }')
[ "$best" -le "$limit_ms" ] || say "that is more than the $limit_ms ms that are wanted: is the machine busy?"
