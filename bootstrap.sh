#!/bin/sh
# Makes .venv match a lock file. ./run and ./test source it with $lock set; later runs touch no network.
#
# The locks are made with uv, so that no registry address is in them and mirrors keep working:
#   uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
#     --no-emit-index-url --no-strip-extras requirements.in -o requirements.lock
# and the same for requirements-dev.in -> requirements-dev.lock, after it.
set -eu
unset CDPATH
cd -- "$(dirname -- "$0")"
lock=${lock:-requirements.lock}
venv=.venv

die() { echo "$*" >&2; exit 1; }

# A candidate is run, not looked up by name: version-manager shims may exist and still fail.
usable() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1
}

find_python() {
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if [ -n "$candidate" ] && usable "$candidate"; then echo "$candidate"; return; fi
  done
  die "需要 Python 3.11–3.14 / Python 3.11-3.14 is required"
}

# Stock Debian ships python3 without the part that makes venvs; root may fetch it, others are told.
add_venv_module() {
  package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "请先安装：sudo apt-get install $package"
  fi
  echo "安装 $package …" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

make_venv() {
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    add_venv_module
    "$python" -m venv "$venv"
  fi
  printf %s "$identity" > "$venv/.python"
}

install_lock() {
  echo "安装依赖（仅首次，约一分钟）… / installing $lock" >&2
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input \
    --require-hashes --only-binary :all: -r "$lock"
  cksum < "$lock" > "$venv/.$lock"
  # The dev lock is a superset: ./run needs nothing more after ./test.
  if [ "$lock" != requirements.lock ]; then cksum < requirements.lock > "$venv/.requirements.lock"; fi
}

for file in requirements.lock "$lock"; do
  [ -s "$file" ] || die "缺少锁定文件 $file / lock file $file is missing"
done

# Two commands started at once take turns; the lock is let go before the caller goes on.
if command -v flock >/dev/null; then exec 9> .venv.lock; flock 9; fi
python=$(find_python)
identity=$("$python" -c 'import sys; print(sys.version_info[:2], sys.base_prefix)')
if [ "$(cat "$venv/.python" 2>/dev/null || true)" != "$identity" ] || ! usable "$venv/bin/python"; then
  make_venv
fi
if [ "$(cat "$venv/.$lock" 2>/dev/null || true)" != "$(cksum < "$lock")" ]; then install_lock; fi
# Translations are compiled here: the tree holds the texts only, and gettext's tools are not needed.
for po in locale/*/LC_MESSAGES/django.po; do
  mo=${po%.po}.mo
  if [ -e "$po" ] && [ -z "$(find "$mo" -newer "$po" 2>/dev/null)" ]; then
    "$venv/bin/python" -m babel.messages.frontend -q compile -i "$po" -o "$mo"
  fi
done
exec 9>&-
