#!/usr/bin/env bash
# Start Frontrow, stop it, look at it: with Docker when an engine answers, else natively. Run it with --help.
#
# This script only chooses: docker compose does the work in one mode, infra/native (Python) in the other.
set -euo pipefail

case "${FRONTROW_HOME:-}" in
    "" | /*) ;;
    *) FRONTROW_HOME="$PWD/$FRONTROW_HOME" ;;
esac
case "${FRONTROW_TLS:-}" in
    "" | /*) ;;
    *) FRONTROW_TLS="$PWD/$FRONTROW_TLS" ;;
esac
CALLED_FROM="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")"
. infra/native/bootstrap.sh

export FRONTROW_HOME="${FRONTROW_HOME:-$CHECKOUT/.frontrow}"
CONTAINER_UID=10001 # who reads the secrets in containers when we are root: see infra/secrets/__init__.py

usage() {
    cat <<'TEXT'
./start-services.sh [command] [--native | --docker]

  (none), start       install what is missing, start everything, wait until it is healthy, add the demo events
  stop                stop everything; the data stays
  status              every process: state, uptime, restarts
  logs [service]      the last lines of the logs; -f follows
  restart [service]   restart one service or store, or everything
  operator <user-id>  let this account say what others may do
  dead-letters        messages that were no command, and what can be done; name one to look at it, --apply puts it on the log
  rebuild             make the view anew and check it against the old one; --dry-run only looks, --accept-differences
  backup <folder>     everything that nothing else gives back; --final stops what accepts first, for a move
  restore <folder>    make a ledger from a backup, where there is none; --dry-run only looks whether that would work
  restore-check       whether the log still has what a restored ledger lacks
  reset               stop, and remove all data, secrets and logs; asks first (--yes does not)

  --docker            with docker compose; the default where a Docker engine answers
  --native            without Docker, as processes of this machine
  --help              this text

FRONTROW_PORT (8080) is the gateway's port; FRONTROW_HOME (.frontrow) is where everything is kept; FRONTROW_TLS is the folder
of fullchain.pem and privkey.pem, with which the gateway speaks https. In native mode
FRONTROW_BASE_PORT (18100) is the first of 60 loopback ports of the services; in Docker mode COMPOSE_PROJECT_NAME (the
folder's name) is what containers and volumes are named after.
TEXT
}

# ---------------------------------------------------------------------------------------------------------- which mode

docker_answers() {
    command -v docker >/dev/null 2>&1 && timeout 10 docker info >/dev/null 2>&1
}

native_runs() {
    local pid
    pid="$(cat "$FRONTROW_HOME/run/supervisord.pid" 2>/dev/null)" && kill -0 "$pid" 2>/dev/null
}

# The mode of what runs now, else nothing.
running_mode() {
    if native_runs; then
        echo native
    elif [ "$(cat "$FRONTROW_HOME/mode" 2>/dev/null)" = docker ]; then
        echo docker
    fi
}

choose_mode() {
    local running
    running="$(running_mode)"
    if [ -n "$MODE" ] && [ -n "$running" ] && [ "$MODE" != "$running" ]; then
        fail "Frontrow is running in $running mode, so --$MODE cannot be used." \
            "Stop it first: ./start-services.sh stop"
    fi
    MODE="${MODE:-$running}"
    if [ -z "$MODE" ]; then
        if docker_answers; then MODE=docker; else MODE=native; fi
    elif [ "$MODE" = docker ] && ! docker_answers; then
        fail "No Docker engine answers." "Start it (and check that you may use it), or run without: ./start-services.sh --native"
    fi
}

# -------------------------------------------------------------------------------------------------------------- native

native() {
    case "$1" in
        stop | status)
            if [ ! -x "$VENV/bin/python" ]; then
                echo "Frontrow is not running."
                exit $([ "$1" = stop ] && echo 0 || echo 3)
            fi
            ;;
        *) make_environment requirements-native.txt ;;
    esac
    exec "$VENV/bin/python" -m infra.native "$@"
}

# -------------------------------------------------------------------------------------------------------------- docker

# Who the containers are: whoever runs this, and never root.
docker_identity() {
    FRONTROW_UID="$(id -u)"
    FRONTROW_GID="$(id -g)"
    if [ "$FRONTROW_UID" = 0 ]; then
        FRONTROW_UID=$CONTAINER_UID FRONTROW_GID=$CONTAINER_UID
    fi
    export FRONTROW_UID FRONTROW_GID
}

# Compose would mount an empty folder where there is none, and the gateway end without a word that names it.
docker_tls() {
    [ -z "${FRONTROW_TLS:-}" ] || { [ -f "$FRONTROW_TLS/fullchain.pem" ] && [ -f "$FRONTROW_TLS/privkey.pem" ]; } \
        || fail "FRONTROW_TLS=$FRONTROW_TLS has no fullchain.pem and privkey.pem." \
            "Name the folder that holds both, or leave it out for plain HTTP."
}

# Which compose project is this checkout's. A former start's choice stays, since the volumes are named after it (before it
# was written down it was always "frontrow"); else it is COMPOSE_PROJECT_NAME, or what compose makes of the folder's name.
docker_project() {
    local known="" wanted="${COMPOSE_PROJECT_NAME:-}"
    if [ -e "$FRONTROW_HOME/docker" ]; then
        known="$(cat "$FRONTROW_HOME/docker")"
        known="${known:-frontrow}"
        [ -z "$wanted" ] || [ "$wanted" = "$known" ] \
            || fail "The data of $FRONTROW_HOME are in the compose project $known, not in $wanted." \
                "Go on with it: COMPOSE_PROJECT_NAME=$known ./start-services.sh; or use another FRONTROW_HOME beside another project."
    fi
    COMPOSE_PROJECT_NAME="${known:-${wanted:-$(docker compose config | sed -n 's/^name: //p')}}"
    export COMPOSE_PROJECT_NAME
}

# Another checkout's project of our name would give us its volumes, whose passwords we do not know, and lose its containers.
need_own_project() {
    [ ! -e "$FRONTROW_HOME/docker" ] || return 0
    local label="label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"
    [ -z "$(docker volume ls --quiet --filter "$label")$(docker ps --all --quiet --filter "$label")" ] \
        || fail "There is a compose project $COMPOSE_PROJECT_NAME already, and nothing says that it is this checkout's." \
            "Choose another name: COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME}-2 ./start-services.sh; if it is this one's: echo $COMPOSE_PROJECT_NAME >$FRONTROW_HOME/docker"
}

need_port() {
    local port="${FRONTROW_PORT:-8080}" project container
    read -r container project < <(docker ps --filter "publish=$port" --format '{{.Names}} {{.Label "com.docker.compose.project"}}') || true
    [ "$project" != "$COMPOSE_PROJECT_NAME" ] || return 0
    # What the engine does not know of is found by knocking.
    if [ -n "$container" ] || (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is in use${container:+ by the container $container}." \
            "Stop who uses it, or choose another one: FRONTROW_PORT=$((port + 10)) ./start-services.sh"
    fi
}

# Compose makes the secrets too, in its first one-shot; made here, they belong to whoever runs this from the beginning.
docker_secrets() {
    local owner=()
    [ "$(id -u)" != 0 ] || owner=(--owner "$FRONTROW_UID")
    if is_new_enough python3; then
        python3 -m infra.secrets "$FRONTROW_HOME" ${owner[@]+"${owner[@]}"} >/dev/null
    fi
}

# A ledger that does not say yet that it is another one than it was must not run.
need_whole_restore() {
    [ ! -e "$FRONTROW_HOME/restoring" ] \
        || fail "A restore into $FRONTROW_HOME did not come to its end." "Begin it again: ./start-services.sh restore <folder>"
}

docker_start() {
    need_disk "$CHECKOUT"
    need_whole_restore
    mkdir -p "$FRONTROW_HOME"
    need_own_project
    need_port
    docker_secrets
    # The project's volumes know the secrets: as long as they are there, a native reset leaves the secrets alone.
    [ -e "$FRONTROW_HOME/docker" ] || echo "$COMPOSE_PROJECT_NAME" >"$FRONTROW_HOME/docker"
    echo docker >"$FRONTROW_HOME/mode"
    say "docker compose up: building, starting, waiting until everything is healthy"
    docker compose up --build --wait --wait-timeout 600 \
        || fail "docker compose could not bring everything up." \
            "See what it said above and ./start-services.sh logs."
    printf '\nFrontrow is running (docker).\n'
    sed "s|\${URL}|http${FRONTROW_TLS:+s}://localhost:${FRONTROW_PORT:-8080}|g" infra/welcome.txt
}

docker_reset() {
    local answer=y
    if [ "$YES" = no ]; then
        echo "This stops Frontrow and removes all its data, secrets and logs: its volumes and $FRONTROW_HOME."
        read -r -p "Go on? [y/N] " answer || answer=n
    fi
    case "$answer" in
        [yY] | [yY][eE][sS]) ;;
        *)
            echo "Nothing was changed."
            exit 1
            ;;
    esac
    docker compose down --volumes --remove-orphans
    rm -f "$FRONTROW_HOME/docker" "$FRONTROW_HOME/mode" "$FRONTROW_HOME/restoring"
    [ -d "$FRONTROW_HOME/data" ] || rm -rf "$FRONTROW_HOME/secrets" "$FRONTROW_HOME/mail" "$FRONTROW_HOME/auditor"
    echo "Everything of Frontrow is removed."
}

docker_tool() {
    case "$COMMAND" in
        dead-letters) docker compose exec -T write_api python -m write_api.dead_letters ${WORDS[@]+"${WORDS[@]}"} ${OPTIONS[@]+"${OPTIONS[@]}"} ;;
        # In a container of its own: beside the projector there would not be memory for both.
        rebuild) docker compose run --rm --no-deps -T sync_service python -m sync_service rebuild ${OPTIONS[@]+"${OPTIONS[@]}"} ;;
        restore-check)
            need_whole_restore
            docker compose up --detach --wait postgres kafka mongo
            for one_shot in migrate topics mongo_init; do docker compose run --rm --no-deps -T "$one_shot"; done
            docker compose run --rm --no-deps -T audit python -m audit restore-check
            ;;
    esac
}

# What infra.moving does natively in one process; here its parts run where the state folder may be seen.
docker_moving() {
    docker compose run --rm --no-deps -T --volume "$FOLDER:/backup" secrets python -m infra.moving "$@"
}

docker_position() {
    docker compose exec -T audit python -m audit position
}

# Nothing more is accepted, and everything that was is decided.
docker_close() {
    say "stopping what accepts commands, and waiting until everything is decided"
    docker compose stop gateway write_api payments
    for ((asked = 0; asked < 600; asked++)); do
        case "$(docker_position)" in *'"undecided": 0,'*)
            docker compose stop worker
            return
            ;;
        esac
        sleep 0.2
    done
    fail "Commands are on the log that were not decided within two minutes." \
        "See why: ./start-services.sh logs worker. Go on with ./start-services.sh, then try again."
}

docker_backup() {
    local before after version secrets=()
    [ -z "$(ls -A "$FOLDER" 2>/dev/null)" ] \
        || fail "$FOLDER is not empty." "Name a folder that is new: a backup is never written over."
    mkdir -p "$FOLDER"
    chmod 700 "$FOLDER"
    case " ${OPTIONS[*]-} " in *" --final "*) docker_close ;; esac
    case " ${OPTIONS[*]-} " in *" --without-secrets "*) secrets=(--without-secrets) ;; esac
    before="$(docker_position)"
    say "copying PostgreSQL"
    (umask 077 && docker compose exec -T postgres pg_basebackup --username=frontrow_owner --pgdata=- --format=tar \
        --wal-method=fetch --checkpoint=fast --no-manifest | gzip >"$FOLDER/postgres.tar.gz") || {
        rm -f "$FOLDER/postgres.tar.gz"
        fail "PostgreSQL could not be copied." "Look at ./start-services.sh logs postgres and the disk's room, then try again."
    }
    after="$(docker_position)"
    version="$(docker compose exec -T postgres sh -c 'echo $PG_MAJOR')"
    docker_moving finish /state /backup "$before" "$after" "$version" "${FRONTROW_PARTITIONS:-8}" --owner "$(id -u)" \
        ${secrets[@]+"${secrets[@]}"}
    case " ${OPTIONS[*]-} " in *" --final "*)
        docker compose down --remove-orphans
        rm -f "$FRONTROW_HOME/mode"
        echo "Frontrow is stopped. Do not start it here again once it runs elsewhere: two would both pay and tell."
        ;;
    esac
    echo "Whoever has $FOLDER can be anybody on the platform: keep it as you keep keys."
}

# What the image says, asked of it outside of the project: compose would make the ledger's volume for the question.
docker_postgres_version() {
    local image
    image="$(docker compose config | awk '/^  [^ ]/ { here = $1 == "postgres:" } here && /^    image:/ { print $2 }')"
    docker run --rm --entrypoint sh "$image" -c 'echo $PG_MAJOR'
}

docker_restore() {
    local partitions="${FRONTROW_PARTITIONS:-8}" version
    [ -e "$FRONTROW_HOME/restoring" ] || [ -z "$(docker volume ls --quiet --filter "name=^${COMPOSE_PROJECT_NAME}_postgres_data$")" ] \
        || fail "There is a ledger in the volume ${COMPOSE_PROJECT_NAME}_postgres_data already, and a restore never writes over one." \
            "Restore into another project: COMPOSE_PROJECT_NAME=another FRONTROW_HOME=/another/folder ./start-services.sh restore"
    [ -z "$(docker volume ls --quiet --filter "name=^${COMPOSE_PROJECT_NAME}_mongo_data$")" ] \
        || fail "The view of another ledger is in the volume ${COMPOSE_PROJECT_NAME}_mongo_data; with this ledger it would be refused." \
            "It is made anew, so remove it: docker volume rm ${COMPOSE_PROJECT_NAME}_mongo_data"
    need_own_project
    docker compose build secrets
    # The engine would make missing folders root's.
    (umask 077 && mkdir -p "$FRONTROW_HOME/secrets" "$FRONTROW_HOME/mail")
    version="$(docker_postgres_version)"
    docker_moving check /backup "$partitions" "$version"
    case " ${OPTIONS[*]-} " in *" --dry-run "*)
        echo "Nothing was restored. It can be: the same without --dry-run."
        return
        ;;
    esac
    docker_moving place /state /backup "$partitions"
    docker compose run --rm --no-deps -T secrets
    if [ -e "$FRONTROW_HOME/restoring" ]; then
        say "removing what a restore left that did not come to its end"
        docker compose down --remove-orphans
        docker volume rm --force "${COMPOSE_PROJECT_NAME}_postgres_data"
    fi
    touch "$FRONTROW_HOME/restoring"
    say "unpacking PostgreSQL"
    docker compose run --rm --no-deps -T --volume "$FOLDER:/backup:ro" --entrypoint sh postgres -euc \
        'cd /var/lib/postgresql/data; test ! -e PG_VERSION; tar -xzf /backup/postgres.tar.gz; chown -R postgres:postgres .; chmod 700 .'
    say "starting PostgreSQL once, to say that this is another ledger now"
    docker compose up --detach --wait postgres
    docker compose run --rm --no-deps -T migrate
    docker_moving mark /backup "$partitions" \
        | docker compose exec -T postgres psql --username=frontrow_owner --dbname=frontrow --quiet --set=ON_ERROR_STOP=1
    docker compose down
    rm "$FRONTROW_HOME/restoring"
    echo "Next: ./start-services.sh starts it; on a new log, the view is made again from the ledger. Where the former log"
    echo "is here still, ask first what it has: ./start-services.sh restore-check"
}

docker_do() {
    docker compose version >/dev/null 2>&1 \
        || fail "This Docker has no compose plugin." "Install docker-compose-plugin, or run without: ./start-services.sh --native"
    docker_identity
    docker_tls
    docker_project
    case "$COMMAND" in
        start) docker_start ;;
        stop)
            docker compose down --remove-orphans
            rm -f "$FRONTROW_HOME/mode"
            echo "Frontrow is stopped."
            ;;
        status) docker compose ps --all ;;
        logs) docker compose logs --tail 100 ${FOLLOW:+--follow} ${SERVICE:+"$SERVICE"} ;;
        restart) docker compose restart ${SERVICE:+"$SERVICE"} ;;
        operator) docker compose exec -T write_api python -m write_api.operator "$SERVICE" ;;
        reset) docker_reset ;;
        backup) docker_backup ;;
        restore) docker_restore ;;
        *) docker_tool ;;
    esac
}

# ----------------------------------------------------------------------------------------------------------- arguments

COMMAND="" MODE="" SERVICE="" YES=no FOLLOW="" FOLDER="" WORDS=() OPTIONS=()
for argument in "$@"; do
    case "$argument" in
        -h | --help)
            usage
            exit 0
            ;;
        --native) MODE=native ;;
        --docker) MODE=docker ;;
        -y | --yes) YES=yes ;;
        -f | --follow) FOLLOW=-f ;;
        --apply | --dry-run | --accept-differences | --final | --without-secrets) OPTIONS+=("$argument") ;;
        -*) fail "There is no option $argument." "Try ./start-services.sh --help" ;;
        *)
            if [ -z "$COMMAND" ]; then
                COMMAND="$argument"
            elif [ "$COMMAND" = dead-letters ]; then
                WORDS+=("$argument")
            elif [ -z "$SERVICE" ]; then
                SERVICE="$argument"
            else
                fail "One service at a time, not also $argument." "Try ./start-services.sh --help"
            fi
            ;;
    esac
done
COMMAND="${COMMAND:-start}"
case "$COMMAND" in
    start | stop | status | logs | restart | reset) ;;
    dead-letters) ;;
    rebuild | restore-check) [ -z "$SERVICE" ] || fail "$COMMAND is about everything, not about $SERVICE." "./start-services.sh $COMMAND" ;;
    backup | restore)
        [ -n "$SERVICE" ] || fail "Which folder?" "./start-services.sh $COMMAND <folder>"
        case "$SERVICE" in /*) FOLDER="$SERVICE" ;; *) FOLDER="$CALLED_FROM/$SERVICE" ;; esac
        ;;
    operator) [ -n "$SERVICE" ] || fail "Whom?" "./start-services.sh operator <user-id>" ;;
    *) fail "There is no command $COMMAND." "Try ./start-services.sh --help" ;;
esac

# An option is heeded by the command that knows it, and refused by all others.
for option in ${OPTIONS[@]+"${OPTIONS[@]}"}; do
    case "$COMMAND $option" in
        "dead-letters --apply" | "rebuild --dry-run" | "rebuild --accept-differences" | "backup --final" | \
            "backup --without-secrets" | "restore --dry-run") ;;
        *) fail "$COMMAND has no option $option." "Try ./start-services.sh --help" ;;
    esac
done

choose_mode
if [ "$MODE" = docker ]; then
    docker_do
    exit
fi
case "$COMMAND" in
    logs) native logs ${SERVICE:+"$SERVICE"} ${FOLLOW:+"$FOLLOW"} ;;
    restart) native restart ${SERVICE:+"$SERVICE"} ;;
    operator) native operator "$SERVICE" ;;
    backup | restore) native "$COMMAND" "$FOLDER" ${OPTIONS[@]+"${OPTIONS[@]}"} ;;
    dead-letters | rebuild | restore-check) native "$COMMAND" ${WORDS[@]+"${WORDS[@]}"} ${OPTIONS[@]+"${OPTIONS[@]}"} ;;
    reset) if [ "$YES" = yes ]; then native reset --yes; else native reset; fi ;;
    *) native "$COMMAND" ;;
esac
