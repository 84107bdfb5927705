# Shared by ./quickstart and ./test (bash, sourced): installs what is missing, builds a preset with a short progress.
# shellcheck shell=bash

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

packages_of() {  # packages_of GROUP...: package names
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' cmake/packages.txt
  done
}

explain_packages() {  # explain_packages REASON GROUP...: what to install by hand, and end
  local reason=$1 group
  shift
  {
    printf '%s\n\nOn Debian 12, as root:\n  apt-get install --no-install-recommends %s\n' \
      "$reason" "$(packages_of "$@" | tr '\n' ' ')"
    printf '\nOn other systems, install these and run this command again:\n'
    for group in "$@"; do
      awk -v group="$group" '$1 == group { $1 = $2 = ""; sub(/^ +/, ""); print "  " $0 }' cmake/packages.txt
    done
  } >&2
  exit 1
}

missing_packages() {  # missing_packages PACKAGE...: those not installed
  local installed
  # shellcheck disable=SC2016
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }' || true)
  printf '%s\n' "$@" | grep -vxF -e "${installed:-none}" || true
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo "${SUDO_FLAGS[@]}" env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

install_packages() {  # install_packages GROUP...: only what is missing; nothing runs when all is there
  if ! command -v dpkg-query >/dev/null; then
    return  # not a Debian system: the configure step will tell what it lacks
  fi
  local wanted missing
  mapfile -t wanted < <(packages_of "$@")
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if [[ ${#missing[@]} -eq 0 ]]; then
    return
  fi
  if ! command -v apt-get >/dev/null; then
    explain_packages "Missing: ${missing[*]}, and there is no apt-get to install them with." "$@"
  fi
  SUDO_FLAGS=()
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      explain_packages "Missing: ${missing[*]}. Installing them needs root or sudo." "$@"
    fi
    if [[ ! -t 0 ]]; then
      SUDO_FLAGS=(--non-interactive)
    fi
    sudo "${SUDO_FLAGS[@]}" true || explain_packages "Missing: ${missing[*]}. sudo refused." "$@"
  fi
  printf 'Installing %s\n' "${missing[*]}" >&2
  local log
  log=$(mktemp)
  # Package lists may be absent or too old: refresh them only if the first attempt fails.
  if ! as_root apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
    if ! { as_root apt-get update && as_root apt-get install -y --no-install-recommends "${missing[@]}"; } \
      >"$log" 2>&1 </dev/null; then
      tail -n 15 "$log" >&2
      explain_packages "apt-get could not install ${missing[*]} (log: $log)." "$@"
    fi
  fi
  rm -f "$log"
}

show_progress() {  # Ninja's "[12/345] ..." lines on stdin become one moving line, or a line every tenth
  local line last=-1 tenth
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    if [[ -t 2 ]]; then
      printf '\rBuilding %s of %s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
      last=0
    elif ((BASH_REMATCH[2] >= 10)); then
      tenth=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
      if ((tenth != last)); then
        last=$tenth
        printf 'Building %s of %s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
      fi
    fi
  done
  if [[ -t 2 && $last -eq 0 ]]; then
    printf '\r\033[K' >&2
  fi
}

# build_preset PRESET "GROUP..." [TARGET...]: configures if needed and builds; the log is build/PRESET.log. The groups are
# the packages to name if the configure step fails.
build_preset() {
  local preset=$1 log=build/$1.log groups
  read -ra groups <<<"$2"
  shift 2
  mkdir -p build
  for tool in cmake ninja; do
    command -v "$tool" >/dev/null || explain_packages "There is no $tool." "${groups[@]}"
  done
  # Ninja configures again by itself when a CMake file changes; only a new folder or new presets need it from here.
  if [[ ! -f build/$preset/build.ninja || CMakePresets.json -nt build/$preset/build.ninja ]]; then
    printf 'Configuring\n' >&2
    if ! cmake --preset "$preset" >"$log" 2>&1; then
      tail -n 25 "$log" >&2
      explain_packages "Configuring failed (log: $log)." "${groups[@]}"
    fi
  fi
  if ! cmake --build --preset "$preset" ${1+--target "$@"} 2>&1 | tee "$log" | show_progress; then
    tail -n 25 "$log" >&2
    die "" "The build failed; the whole log is $log."
  fi
}
