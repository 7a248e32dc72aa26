#!/usr/bin/env bash
# Make the Python environment that everything else runs in: find a Python, make .venv, install locked packages into it.
#
# start-services.sh sources this; the Makefile runs it (`bootstrap.sh requirements-dev.txt`), and then it also brings the
# servers that native mode needs. It must never touch a running instance.

CHECKOUT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
VENV="$CHECKOUT/.venv"
BOOTSTRAP_LOGS="$CHECKOUT/.frontrow/logs"
MIN_FREE_KB=$((2 * 1024 * 1024))

# One sentence, one remedy, no more: the end of every failure.
fail() {
    printf '\n%s\n%s\n' "$1" "$2" >&2
    exit 1
}

say() {
    printf '[%5.1f s] %s\n' "$(awk -v now="$(date +%s.%N)" -v then="$BEGUN" 'BEGIN { print now - then }')" "$1"
}
BEGUN="$(date +%s.%N)"

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Print a Python of 3.11 or later. 3.11 comes first: the locked packages were resolved for it.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3.14 python3; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Frontrow needs Python 3.11 or later, and this machine has $(python3 --version 2>/dev/null || echo none)." \
        "Install one (Debian 12, Ubuntu 24.04 and later bring it: apt-get install python3 python3-venv), or name one: PYTHON=/path/to/python3.11 ./start-services.sh"
}

# Debian keeps what makes environments in a package of its own.
need_venv_module() {
    local python="$1" package
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 && return
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing $package"
        mkdir -p "$BOOTSTRAP_LOGS"
        if { apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$package"; } \
            >"$BOOTSTRAP_LOGS/apt.log" 2>&1 && "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
            return
        fi
        fail "apt-get could not install $package (see $BOOTSTRAP_LOGS/apt.log)." \
            "Check the network and the package sources, then run this again."
    fi
    fail "$python cannot make environments: its module ensurepip is missing." \
        "Run this, then try again: sudo apt-get install -y $package"
}

need_disk() {
    local free
    free="$(df -Pk "$1" | awk 'NR == 2 { print $4 }')"
    [ "$free" -ge "$MIN_FREE_KB" ] || fail \
        "The disk of $1 has only $((free / 1024)) MB free; Frontrow needs 2 GB." "Make room, then run this again."
}

# Print what the environment must have been made from to be used as it is.
stamp_of() {
    sha256sum "$CHECKOUT/$1" | cut -d ' ' -f 1
}

is_installed() {
    [ -x "$VENV/bin/python" ] && is_new_enough "$VENV/bin/python" \
        && [ "$(cat "$VENV/.installed-$1" 2>/dev/null)" = "$(stamp_of "$1")" ]
}

# Install the locked packages of a requirements file; those for development hold those of native mode.
make_environment() {
    local requirements="$1" python
    is_installed "$requirements" && return
    [ "$requirements" = requirements-native.txt ] && is_installed requirements-dev.txt && return
    need_disk "$CHECKOUT"
    mkdir -p "$BOOTSTRAP_LOGS"
    # Two starts at the same time: the second waits here and then finds the work done.
    exec 9>"$CHECKOUT/.frontrow/bootstrap.lock"
    if command -v flock >/dev/null 2>&1; then
        flock -w 600 9 || fail "Somebody else has been making $VENV for ten minutes." "Stop that, then run this again."
    fi
    if is_installed "$requirements"; then
        exec 9>&-
        return
    fi
    if ! { [ -x "$VENV/bin/python" ] && is_new_enough "$VENV/bin/python"; }; then
        python="$(find_python)"
        need_venv_module "$python"
        say "making the Python environment with $("$python" --version)"
        rm -rf "$VENV"
        "$python" -m venv "$VENV" >"$BOOTSTRAP_LOGS/venv.log" 2>&1 \
            || fail "The Python environment could not be made (see $BOOTSTRAP_LOGS/venv.log)." "Check the disk, then run this again."
    fi
    say "installing the locked Python packages of $requirements"
    # The lock is complete, so nothing is resolved: pip before 23.3 takes `coverage[toml]` of a locked package for something
    # else than the locked `coverage`, and refuses the install on the day that a newer coverage is published.
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps --require-hashes --no-compile \
        -r "$CHECKOUT/$requirements" >"$BOOTSTRAP_LOGS/pip.log" 2>&1 \
        || fail "pip could not install the packages: $(grep -i error "$BOOTSTRAP_LOGS/pip.log" | tail -n 1 | cut -c 1-200)" \
            "Check the network (PyPI), then run this again; the whole story is in $BOOTSTRAP_LOGS/pip.log."
    # By all processors, which pip does not do; what is no Python of ours (templates of some package) stays as it is.
    "$VENV/bin/python" -m compileall -qq -j 0 "$VENV/lib" >>"$BOOTSTRAP_LOGS/pip.log" 2>&1 || true
    stamp_of "$requirements" >"$VENV/.installed-$requirements"
    exec 9>&-
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    make_environment "${1:?which requirements file}"
    cd "$CHECKOUT"
    exec "$VENV/bin/python" -m infra.native install --browser
fi
