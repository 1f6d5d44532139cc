#!/bin/sh
# Install or upgrade d2l-sync from the folder that this file stands in: `make install` fills such a folder and runs this,
# `make wheelhouse` packs one that needs no package index.
#
#   ./install.sh                          as root, in the usual places
#   DESTDIR=/some/tree ./install.sh       files only, below a tree: no user is made, nothing is told to systemd
#   APP=/opt/d2l-sync PREFIX=/usr/local SYSCONFDIR=/etc PYTHON=python3.12   other places, another Python
#
# The program is replaced as a whole, or not at all. Configuration, secrets and state are never overwritten, and
# nothing is started, stopped or enabled.
set -eu
umask 022

from=$(cd "$(dirname "$0")" && pwd)
DESTDIR=${DESTDIR:-}
APP=${APP:-/opt/d2l-sync}
PREFIX=${PREFIX:-/usr/local}
SYSCONFDIR=${SYSCONFDIR:-/etc}
[ -z "$DESTDIR" ] || { mkdir -p "$DESTDIR" && DESTDIR=$(cd "$DESTDIR" && pwd); }

fail() { echo "install.sh: $*" >&2; exit 1; }
[ -n "$DESTDIR" ] || [ "$(id -u)" = 0 ] || fail "run it as root, or with DESTDIR set"

# Which Python: the one that was named, else the first that a service may use, which can't look into anybody's home.
wrong() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "it is not 3.11 or newer"; return; }
  "$1" -c 'import ensurepip, venv' 2>/dev/null || { echo "it has no venv module; on Debian: apt-get install python3-venv"; return; }
  case $("$1" -c 'import sys; print(sys.base_prefix)') in
    /root/* | /home/*) echo "it lies in somebody's home, where no service may look" ;;
  esac
}
for each in ${PYTHON:-python3 /usr/bin/python3}; do
  PYTHON=$each
  why=$(wrong "$each")
  [ -n "$why" ] || break
done
[ -z "$why" ] || fail "$PYTHON cannot be used: $why"

if [ -f "$from/SHA256SUMS" ]; then
  (cd "$from" && sha256sum --check --quiet --strict SHA256SUMS) || fail "this folder is not as it was packed"
fi

# The program: made beside the old one and then put in its place.
old=$DESTDIR$APP.old new=$DESTDIR$APP.new
rm -rf "$old" "$new"
mkdir -p "$(dirname "$new")"
"$PYTHON" -m venv "$new"
pip() { "$new/bin/python" -m pip -qq --disable-pip-version-check --no-input "$@" --no-compile; }
if [ -f "$from/SHA256SUMS" ]; then # packed with everything: ask nobody
  pip install --no-deps --no-index --find-links "$from/wheels" --require-hashes -r "$from/requirements.txt"
else
  pip install --no-deps --require-hashes -r "$from/requirements.txt"
fi
pip install --no-index --no-deps "$from"/wheels/d2l_sync-*.whl
"$new/bin/python" -m pip -qq --disable-pip-version-check check
"$new/bin/python" -m d2l_sync --version
# It knows the place it was made at; from here on it is at home in the other.
grep -rlIF "$new" "$new/bin" "$new/pyvenv.cfg" | while read -r file; do sed -i "s|$new|$APP|g" "$file"; done
"$new/bin/python" -m compileall -q -j 0 -s "$new" -p "$APP" "$new/lib"
[ ! -e "$DESTDIR$APP" ] || mv "$DESTDIR$APP" "$old"
mv "$new" "$DESTDIR$APP"
rm -rf "$old"

put() { # mode, file, place
  install -D -m "$1" "$2" "$DESTDIR$3"
}
for unit in "$from"/systemd/*.service "$from"/systemd/*.timer; do
  put 0644 "$unit" "$PREFIX/lib/systemd/system/$(basename "$unit")"
  sed -i "s|/opt/d2l-sync/|$APP/|; s|/etc/d2l-sync/|$SYSCONFDIR/d2l-sync/|g" "$DESTDIR$PREFIX/lib/systemd/system/$(basename "$unit")"
done
put 0644 "$from/systemd/d2l-sync.sysusers" "$PREFIX/lib/sysusers.d/d2l-sync.conf"
put 0644 "$from/systemd/d2l-sync.tmpfiles" "$PREFIX/lib/tmpfiles.d/d2l-sync.conf"
for page in "$from"/man/*; do
  put 0644 "$page" "$PREFIX/share/man/man${page##*.}/$(basename "$page")"
done
put 0644 "$from/completion/d2l-sync.bash" "$PREFIX/share/bash-completion/completions/d2l-sync"
put 0644 "$from/completion/d2l-sync.zsh" "$PREFIX/share/zsh/site-functions/_d2l-sync"
# Not below $PREFIX: of /usr/local, fish knows nothing but in a desktop's session ($XDG_DATA_DIRS).
put 0644 "$from/completion/d2l-sync.fish" "$SYSCONFDIR/fish/completions/d2l-sync.fish"
(cd "$from" && find alerts config docs -type f) | while read -r file; do
  put 0644 "$from/$file" "$PREFIX/share/doc/d2l-sync/$file"
done
mkdir -p "$DESTDIR$PREFIX/bin"
ln -sfn "$APP/bin/d2l-sync" "$DESTDIR$PREFIX/bin/d2l-sync"

# The configuration to begin with. It names the places of the unit, so that a command given by root finds them too.
etc=$SYSCONFDIR/d2l-sync
is_first=no
if [ ! -e "$DESTDIR$etc/d2l-sync.toml" ]; then
  is_first=yes
  put 0640 "$from/config/d2l-sync.toml" "$etc/d2l-sync.toml"
  sed -i -e '/^\[state\]/,/^\[/ s|^url = ""    *#|url = "sqlite:////var/lib/d2l-sync/d2l-sync.db"  #|' \
    -e 's|^# \(brightspace_client_secret_file = \)|\1|; s|^# \(badging_client_secret_file = \)|\1|' "$DESTDIR$etc/d2l-sync.toml"
fi
if [ ! -e "$DESTDIR$etc/pathways" ]; then
  for file in "$from"/config/pathways/*.toml; do put 0640 "$file" "$etc/pathways/$(basename "$file")"; done
fi
mkdir -p "$DESTDIR$etc/credentials"
chmod 0700 "$DESTDIR$etc/credentials"

if [ -z "$DESTDIR" ]; then
  if command -v systemd-sysusers >/dev/null; then systemd-sysusers "$PREFIX/lib/sysusers.d/d2l-sync.conf"
  elif ! id d2l-sync >/dev/null 2>&1; then useradd --system --home-dir /var/lib/d2l-sync --shell /usr/sbin/nologin d2l-sync; fi
  if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create "$PREFIX/lib/tmpfiles.d/d2l-sync.conf"; fi
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi
if [ $is_first = yes ]; then
  echo "Installed. Next: put the ids into $etc/d2l-sync.toml and $etc/pathways/, the secrets into $etc/credentials/,"
  echo "then, from another folder than this: d2l-sync check --offline; systemctl enable --now d2l-sync"
else
  echo "Upgraded; $etc is as it was. Take it into use: systemctl restart d2l-sync"
fi
