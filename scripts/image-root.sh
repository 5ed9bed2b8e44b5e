#!/bin/sh
# Puts Node and what it needs at run time into a folder that becomes the root of the image.
# Usage: image-root.sh <folder>
set -eu
root=$1
node=$(node -p process.execPath)
mkdir -p "$root/usr/local/bin" "$root/etc"
cp "$node" "$root/usr/local/bin/node"
# Each library at the path where the linker looks for it, on whatever architecture this is.
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
# Names are looked up as everywhere: /etc/hosts, then DNS. Kubernetes writes both of their files.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'nonroot:x:65532:65532:nonroot:/:/nonexistent' >"$root/etc/passwd"
chmod -R a+rX,a-w "$root"
