# shellcheck shell=bash
# Functions shared by the scripts in deploy and by an installed warm: messages, and installation of missing tools.
# To be sourced by scripts with set -euo pipefail; build_narthex must run in the repository's root.

say() { printf 'narthex: %s\n' "$*"; }
die() { printf 'narthex: %s\n' "$*" >&2; exit 1; }
wrong_usage() { printf 'narthex: %s\nTry %s --help\n' "$*" "$0" >&2; exit 2; }

# install_packages PACKAGE…: Debian and Ubuntu packages, as root or through sudo.
install_packages() {
  command -v apt-get >/dev/null || die "$* missing and this system has no apt-get: install it by your system's means, then start again."
  local as=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "$* missing: install it as root (apt-get install $*), then start again."
    as=(sudo)
  fi
  say "installing $*"
  local get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  # package lists may be missing (a bare image) or outdated: update them and try again
  "${as[@]}" "${get[@]}" install --no-install-recommends "$@" >/dev/null 2>&1 && return
  "${as[@]}" "${get[@]}" update >/dev/null
  "${as[@]}" "${get[@]}" install --no-install-recommends "$@" >/dev/null || die "apt-get could not install $*; its message is above."
}

# Whether a folder is a JDK (not just a runtime) of version 25; its file "release" says so.
is_jdk25() { [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null; }

find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")" /usr/lib/jvm/*25*; do
    if [ -n "$home" ] && is_jdk25 "$home"; then JAVA_HOME=$home; return 0; fi
  done
  return 1
}

# Sets JAVA_HOME; Maven's package installs an older JDK and would use it.
need_jdk() {
  find_jdk || { install_packages openjdk-25-jdk-headless; find_jdk; } || die "No JDK 25 found. Set JAVA_HOME to one."
  export JAVA_HOME
}

# The options suppress Maven 3's warnings on JDK 25.
need_maven() {
  command -v mvn >/dev/null || install_packages maven
  export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}"
}

# need COMMAND PACKAGE
need() { command -v "$1" >/dev/null || install_packages "$2"; }

# Default data folder.
default_data() { if [ "$(id -u)" = 0 ]; then echo /var/lib/narthex; else echo "${XDG_DATA_HOME:-$HOME/.local/share}/narthex"; fi; }

# Creates a temporary folder that is removed when the script ends, and sets scratch.
need_scratch() {
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
}

# Prepares requests to the Narthex on this machine, with data folder $data (or the default) and port $port. Sets data, api and
# scratch.
# shellcheck disable=SC2034,SC2154
need_server() {
  [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || wrong_usage "--port takes a number, not \"$port\"."
  data=${data:-$(default_data)}
  need curl curl
  [ -r "$data/admin-token" ] || die "There is no admin token in $data. Name the data folder of the running Narthex with --data."
  [ -n "${scratch:-}" ] || need_scratch
  (umask 077; printf 'header = "Authorization: Bearer %s"\n' "$(<"$data/admin-token")" >"$scratch/curl")
  api=http://127.0.0.1:$port/_api/v1
}

# ask CURL-OPTION…: sends a request with the admin token
ask() { curl -sS --config "$scratch/curl" --max-time 120 --fail-with-body "$@"; }

# Whether a port is free on loopback.
free_port() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Builds the application if it is missing or older than its sources; needs JAVA_HOME.
build_narthex() {
  local jar=target/quarkus-app/quarkus-run.jar
  if [ ! -e "$jar" ] || [ -n "$(find pom.xml src/main -newer "$jar" -print -quit)" ]; then
    need_maven
    say "building (about a minute, the first time longer)"
    rm -rf target/classes # Maven keeps resources whose source is gone
    mvn -q -B -DskipTests -Dspotless.check.skip package || die "The build failed; Maven's message is above."
    touch "$jar"
  fi
}
