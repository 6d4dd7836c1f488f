#!/usr/bin/env bash
# Deploys to a server that has Docker: copies the sources there, builds an image named after the release, tries it as a
# candidate beside the running one, and only then replaces that. What does not become healthy is rolled back.
#
# The first half runs here, the second there (`--on-server`), in one connection that also holds the lock. If it breaks,
# the server undoes what was begun; only the replacement of the running release is always brought to its end.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: ./deploy.sh [--dry-run] [--prebuilt [FILE]]    deploys what is in this directory
       ./deploy.sh [--dry-run] --rollback             goes back to the release before

  --dry-run          checks everything and says what would be done; changes nothing
  --prebuilt [FILE]  ships a binary instead of building on the server [default: target/release/command-center]

Where to, from the environment or from docker/.env:
  DEPLOY_HOST        the server
  DEPLOY_USER        who logs in there [default: as ssh is configured]
  DEPLOY_PATH        the directory there, absolute
  DEPLOY_SSH         the command that connects [default: ssh]
  DEPLOY_PATIENCE    seconds in which a release must become healthy [default: 60]
  DEPLOY_KEEP        how many releases are kept for a rollback [default: 3]

The server keeps its own docker/.env and docker/config; they are never copied, changed or removed.
TEXT
}

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" || true; }
fail() {
    say "FAILED: $*" >&2
    exit 1
}

# === On the server, in the directory of the deployment ===

RELEASES=.deploy/releases

# What can be wrong there before anything is done.
check_server() {
    local tool
    for tool in docker rsync flock; do
        command -v "$tool" >/dev/null || fail "the server has no $tool"
    done
    cd "$1" 2>/dev/null || fail "the server has no directory $1"
    [[ -w . ]] || fail "$1 cannot be written"
    [[ -f docker/.env ]] || fail "the server has no $1/docker/.env: copy docker/.env.example there and fill it"
    docker info >/dev/null 2>&1 || fail "docker does not answer on the server, or not to this user"
    docker compose version >/dev/null 2>&1 || fail "docker on the server has no compose"
    printf 'current=%s\nprevious=%s\n' "$(cat .deploy/current 2>/dev/null)" "$(cat .deploy/previous 2>/dev/null)"
}

# From now on this release is meant. Each has the composition that it was made with.
use_release() {
    export RELEASE=$1
    COMPOSE=(docker compose --project-directory docker --file "$RELEASES/$RELEASE/compose.yaml")
}

# Runs something that a signal ends at once; a shell hears signals only between the commands that it waits for.
CHILD=
patiently() {
    local status=0
    "$@" &
    CHILD=$!
    wait "$CHILD" || status=$?
    CHILD=
    return "$status"
}

current() { cat .deploy/current 2>/dev/null || true; }
previous() { cat .deploy/previous 2>/dev/null || true; }

remove_candidate() { "${COMPOSE[@]}" --profile candidate rm --stop --force candidate >/dev/null 2>&1 || true; }

build() {
    local more=()
    if [[ $PREBUILT == prebuilt ]]; then
        more=(--build-context build=.deploy/prebuilt)
    fi
    say "building command-center:$RELEASE"
    patiently docker build --file docker/Dockerfile --tag "command-center:$RELEASE" \
        --build-arg "RELEASE=$RELEASE" --build-arg "REVISION=$REVISION" "${more[@]}" . ||
        fail "the image cannot be built"
}

try_candidate() {
    say "checking the configuration with the new release"
    patiently "${COMPOSE[@]}" --profile candidate run --rm --no-deps --no-TTY candidate check-config ||
        fail "the new release does not accept the server's configuration"
    say "starting a candidate, without ports and data"
    remove_candidate
    if ! patiently "${COMPOSE[@]}" --profile candidate up --detach --no-deps --no-build --wait \
        --wait-timeout "$PATIENCE" candidate; then
        "${COMPOSE[@]}" --profile candidate logs --no-log-prefix --tail 20 candidate || true
        fail "the candidate did not become healthy; ${1:-nothing} was not touched"
    fi
    remove_candidate
}

# Puts RELEASE in the place of whatever runs, and waits until it is healthy. Its output goes to a file: nobody may be
# there any more to read it.
replace() {
    "${COMPOSE[@]}" up --detach --no-deps --no-build --wait --wait-timeout "$PATIENCE" command-center \
        >.deploy/replace.log 2>&1 && return
    cat .deploy/replace.log || true
    "${COMPOSE[@]}" logs --no-log-prefix --tail 20 command-center || true
    return 1
}

# Nothing stops this, neither a lost connection nor a signal. Gives up only when the release before runs again.
replace_or_roll_back() {
    local new=$RELEASE good=$1
    trap '' HUP INT PIPE TERM
    say "replacing ${good:-nothing} by $new"
    if replace; then
        return
    fi
    if [[ -z $good ]]; then
        "${COMPOSE[@]}" rm --stop --force command-center || true
        fail "$new did not become healthy, and there is no release to go back to"
    fi
    say "$new did not become healthy; rolling back to $good"
    use_release "$good"
    replace || fail "$new did not become healthy, and $good does not either"
    fail "$new did not become healthy; $good runs again"
}

# A file is there whole or not at all.
write() {
    printf '%s\n' "$2" >"$1.new"
    mv "$1.new" "$1"
}

# RELEASE is good, and what ran before it is the way back.
record() {
    if [[ -n $1 && $1 != "$RELEASE" ]]; then
        write .deploy/previous "$1"
    fi
    write .deploy/current "$RELEASE"
    docker tag "command-center:$RELEASE" command-center:latest || true
}

forget() {
    docker image rm "command-center:$1" >/dev/null 2>&1 || true
    rm -rf "${RELEASES:?}/$1"
}

# Forgets all releases but the newest, the one that runs and the one before.
prune() {
    local release
    # Names begin with the time.
    for release in $(cd "$RELEASES" && printf '%s\n' * | sort -r | tail -n "+$((KEEP + 1))"); do
        if [[ $release != "$(current)" && $release != "$(previous)" ]]; then
            forget "$release"
        fi
    done
}

# Whatever was begun for a release that is not going to run.
undo() {
    local status=$?
    trap '' HUP INT PIPE TERM
    use_release "$1"
    if [[ -n $CHILD ]]; then
        kill "$CHILD" 2>/dev/null || true
        wait "$CHILD" || true
    fi
    remove_candidate
    forget "$1"
    kill "$WATCH" 2>/dev/null || true
    exit "$status"
}

deploy_on_server() {
    local before
    before=$(current)
    NEW=$RELEASE
    trap 'undo "$NEW"' EXIT
    trap 'say "interrupted; what was begun is undone"; exit 130' HUP INT PIPE TERM
    mkdir -p "$RELEASES/$RELEASE"
    cp docker/compose.yaml "$RELEASES/$RELEASE/"
    build
    try_candidate "$before"
    replace_or_roll_back "$before"
    record "$before"
    trap 'kill "$WATCH"' EXIT
    prune
    say "$RELEASE runs"
}

roll_back_on_server() {
    local before
    before=$(current)
    use_release "$(previous)"
    [[ -n $RELEASE ]] || fail "there is no release to go back to"
    docker image inspect "command-center:$RELEASE" >/dev/null 2>&1 || fail "the image of $RELEASE is gone"
    replace_or_roll_back "$before"
    record "$before"
    say "$RELEASE runs again"
}

# The arguments are those of the last line of `connect`.
on_server() {
    local task=$1
    use_release "$2"
    REVISION=$3 PREBUILT=$4 PATIENCE=$5 KEEP=$6
    # The input stays open for as long as somebody waits for us.
    exec 3<&0 </dev/null
    {
        while read -r _; do :; done
        kill -TERM $$
    } <&3 9>&- >/dev/null 2>&1 &
    WATCH=$!
    exec 3<&-
    trap 'kill "$WATCH"' EXIT
    "${task}_on_server"
}

# === Here ===

# What the environment does not say, docker/.env may.
read_settings() {
    local line name
    [[ -f docker/.env ]] || return 0
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ $line =~ ^(DEPLOY_[A-Z]+)=(.*)$ ]]; then
            name=${BASH_REMATCH[1]}
            [[ -n ${!name-} ]] || printf -v "$name" '%s' "${BASH_REMATCH[2]}"
        fi
    done <docker/.env
}

check_settings() {
    local number='^[1-9][0-9]*$'
    [[ -n ${DEPLOY_HOST-} && -n ${DEPLOY_PATH-} ]] ||
        fail "DEPLOY_HOST and DEPLOY_PATH must be set, in the environment or in docker/.env"
    [[ $DEPLOY_HOST =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || fail "DEPLOY_HOST is not the name of a host: $DEPLOY_HOST"
    [[ ${DEPLOY_USER:=} =~ ^([A-Za-z0-9_][A-Za-z0-9._-]*)?$ ]] || fail "DEPLOY_USER is not a user: $DEPLOY_USER"
    [[ $DEPLOY_PATH =~ ^(/[A-Za-z0-9._-]+)+$ ]] || fail "DEPLOY_PATH is not a plain absolute path: $DEPLOY_PATH"
    [[ ${DEPLOY_PATIENCE:=60} =~ $number ]] || fail "DEPLOY_PATIENCE is not a number of seconds: $DEPLOY_PATIENCE"
    [[ ${DEPLOY_KEEP:=3} =~ $number ]] || fail "DEPLOY_KEEP is not a number of releases: $DEPLOY_KEEP"
    DESTINATION=${DEPLOY_USER:+$DEPLOY_USER@}$DEPLOY_HOST
    read -ra SSH <<<"${DEPLOY_SSH:-ssh}"
    SSH+=(-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5)
}

check_here() {
    local tool
    for tool in "${SSH[0]}" rsync; do
        command -v "$tool" >/dev/null || fail "$tool is not installed here"
    done
    if [[ -n $BINARY ]]; then
        [[ -x $BINARY ]] || fail "$BINARY is not a program; cargo build --release makes one"
    fi
}

# Asks the server what is wrong, and which releases it has.
check_there() {
    local facts script
    script="set -eu; $(declare -f say fail check_server); check_server $DEPLOY_PATH"
    facts=$("${SSH[@]}" "$DESTINATION" bash -s <<<"$script") || fail "$DESTINATION cannot be deployed to"
    CURRENT=$(sed -n 's/^current=//p' <<<"$facts")
    PREVIOUS=$(sed -n 's/^previous=//p' <<<"$facts")
}

# By the time, so that names sort; with the commit, so that one can tell what runs.
name_release() {
    RELEASE=$(date -u +%Y%m%d-%H%M%S)
    REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)
    [[ $REVISION == unknown ]] || RELEASE+=-${REVISION:0:9}
    if [[ -n $(git status --porcelain 2>/dev/null) ]]; then
        RELEASE+=-changed
    fi
}

# Never copied, and on the server never removed.
EXCLUDES=(.git target node_modules .env data .deploy /docker/config)

copy() {
    rsync --archive --delete --rsh "${SSH[*]}" "$@"
}

copy_sources() {
    copy "${EXCLUDES[@]/#/--exclude=}" "$@" ./ "$DESTINATION:$DEPLOY_PATH/"
}

# In the form that docker/Dockerfile takes from its first stage.
copy_binary() {
    mkdir -p "$STAGE/out/data"
    cp "$BINARY" "$STAGE/out/command-center"
    copy "$STAGE/" "$DESTINATION:$DEPLOY_PATH/.deploy/prebuilt/"
}

# Connects and takes the lock there. The server then waits for a word, and does its part.
connect() {
    local script answer=
    script="set -e; cd $DEPLOY_PATH; mkdir -p .deploy; exec 9>.deploy/lock; flock -n 9 || { echo busy; exit 75; }"
    script+="; echo ready; read -r go; exec bash deploy.sh --on-server"
    script+=" $1 $RELEASE $REVISION ${BINARY:+pre}built $DEPLOY_PATIENCE $DEPLOY_KEEP"
    coproc SERVER { exec "${SSH[@]}" "$DESTINATION" "bash -c '$script'" 2>&1; }
    exec {FROM}<&"${SERVER[0]}" {TO}>&"${SERVER[1]}"
    WAITED_FOR=$SERVER_PID
    local origin=${SERVER[1]}
    exec {origin}>&-
    read -r answer <&"$FROM" || true
    [[ $answer != busy ]] || fail "another deploy to $DESTINATION is running"
    [[ $answer == ready ]] || fail "$DESTINATION does not begin: ${answer:-the connection broke}"
}

# Says the word, shows what the server says, and ends like it.
let_server_work() {
    local status=0
    trap 'say "interrupted; the server is told"; exec {TO}>&-; trap "" INT TERM' INT TERM
    echo go >&"$TO"
    cat <&"$FROM" {TO}>&- &
    local shown=$!
    # A signal ends only the waiting.
    while kill -0 "$shown" 2>/dev/null; do
        wait "$shown" || true
    done
    wait "$WAITED_FOR" || status=$?
    return "$status"
}

main() {
    local task=deploy is_dry=no
    BINARY=
    while [[ $# -gt 0 ]]; do
        case $1 in
            --dry-run) is_dry=yes ;;
            --rollback) task=roll_back ;;
            --prebuilt)
                BINARY=target/release/command-center
                if [[ $# -gt 1 && $2 != --* ]]; then
                    BINARY=$(realpath -- "$2")
                    shift
                fi
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            *)
                usage >&2
                exit 64
                ;;
        esac
        shift
    done
    cd "$(dirname "${BASH_SOURCE[0]}")"
    read_settings
    check_settings
    check_here
    check_there
    name_release
    say "$DESTINATION:$DEPLOY_PATH runs ${CURRENT:-no release}"
    if [[ $task == roll_back && -z $PREVIOUS ]]; then
        fail "there is no release to go back to"
    fi
    if [[ $is_dry == yes ]]; then
        if [[ $task == deploy ]]; then
            copy_sources --dry-run --itemize-changes
            say "would copy this, build ${BINARY:+from $BINARY }and run $RELEASE"
        else
            say "would go back to $PREVIOUS"
        fi
        exit 0
    fi
    connect "$task"
    if [[ $task == deploy ]]; then
        STAGE=$(mktemp -d)
        trap 'rm -rf "$STAGE"' EXIT
        say "copying"
        copy_sources
        [[ -z $BINARY ]] || copy_binary
    fi
    let_server_work
}

if [[ ${1-} == --on-server ]]; then
    shift
    on_server "$@"
else
    main "$@"
fi
