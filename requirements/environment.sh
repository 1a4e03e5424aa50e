# The Python environment in .venv, as `run` and `test` make it. Read by both; $here is the checkout.
# shellcheck shell=sh

: "${here:?}"

say() {
    printf '%s\n' "$*" >&2
}

give_up() {
    say "$@"
    exit 1
}

# Run a command as root: as we are, or by sudo where it asks for no password.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Install Debian or Ubuntu packages; false where that cannot be done.
install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root true || return 1
    say "Installing $* …"
    log=$(mktemp) || return 1
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" \
            >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    tail -n 3 "$log" >&2
    rm -f "$log"
    return 1
}

# Set $python to a Python of 3.11 or newer that can make environments; false where there is none.
# ensurepip is looked for as well: Debian leaves it out until python3-venv is installed.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && return 0
    done
    return 1
}

bring_python() {
    find_python && return 0
    install_packages python3 python3-venv && find_python && return 0
    for version in 3.13 3.12 3.11; do
        apt-cache show "python$version-venv" >/dev/null 2>&1 || continue
        install_packages "python$version" "python$version-venv" && find_python && return 0
    done
    if command -v apt-get >/dev/null 2>&1; then
        give_up "Engage needs Python 3.11 or newer with its venv module. Type: sudo apt-get install python3 python3-venv"
    fi
    give_up "Engage needs Python 3.11 or newer with its venv module. Install it (on a Mac: brew install python3)," \
        "then start this again."
}

# Whether .venv is whole, runs, and was made at this place: scripts in it hold the path they were made for.
is_sound() {
    [ -x "$here/.venv/bin/python" ] && [ ! -e "$here/.venv/unfinished" ] &&
        grep -qF -- "$here/.venv/bin" "$here/.venv/bin/pip" 2>/dev/null
}

# Make .venv hold what requirements/$1.lock names. Does nothing when the stamp says that it does already.
bring_environment() {
    lock=$here/requirements/$1.lock
    stamp=$here/.venv/$1.stamp
    wanted=$(cat "$lock" "$here/pyproject.toml" | cksum)
    if is_sound; then
        [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
        "$here/.venv/bin/python" -m pip --version >/dev/null 2>&1 || make_environment
    else
        make_environment
    fi
    say "Installing the Python packages of requirements/$1.lock into .venv (once; a minute or two) …"
    # What is cut short here leaves this file behind, and is made anew next time: pip trusts half a package.
    : >"$here/.venv/unfinished"
    # --no-deps: the lock is complete; left to resolve, older pips trip over `coverage[toml]` once a newer one is out.
    in_environment install --require-hashes --no-deps -r "$lock" ||
        give_up "The Python packages could not be installed; the reason stands above. Then start this again."
    in_environment install --no-deps --no-build-isolation -e "$here" || give_up "Engage itself could not be installed."
    printf '%s\n' "$wanted" >"$stamp"
    rm -f "$here/.venv/unfinished"
}

make_environment() {
    bring_python
    "$python" -m venv --clear "$here/.venv" || give_up "The folder .venv could not be made with $python."
}

in_environment() {
    "$here/.venv/bin/python" -m pip --disable-pip-version-check -qq --no-input "$@" </dev/null
}
