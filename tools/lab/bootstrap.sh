# SPDX-License-Identifier: BSD-2-Clause
# Sourced by quickstart and test: from a bare Debian or Ubuntu to a Python that tools/lab runs on.

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

require_machine() {
    local wanted="Debian 12 or later, or Ubuntu 24.04 or later"
    [ "$(uname -s)" = Linux ] || die "needs $wanted; this is $(uname -s)"
    # shellcheck source=/dev/null
    [ -r /etc/os-release ] && . /etc/os-release
    case " ${ID-} ${ID_LIKE-} " in
        *" debian "* | *" ubuntu "*) ;;
        *) die "needs $wanted; this is ${PRETTY_NAME:-unknown}" ;;
    esac
    [ "$(id -u)" = 0 ] || die "must be run as root: it installs Debian packages and makes network namespaces"
}

install_python() {
    apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends python3 python3-venv
}

# The system's own python3: it is where Debian's packages put it, whatever PATH says.
require_python() {
    if ! /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; then
        echo "==> Debian packages: python3 python3-venv"
        local said
        said=$(install_python </dev/null 2>&1) || die "apt-get could not install python3-venv:"$'\n'"$said"
    fi
    /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "needs Python 3.11 or later as /usr/bin/python3; this is $(/usr/bin/python3 --version)"
}
