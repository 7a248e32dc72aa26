#!/bin/sh
# Compose only: keeps NGINX's idea of where the services are true. NGINX asks for a name once, when it reads its
# configuration; a container that was made anew, or one more of a kind (--scale), has another address. The official
# image runs this before NGINX starts; the loop it leaves behind ends with the container.
set -eu

# Those that the configuration names as upstreams (a test compares).
SERVICES="write_api read_api audit payments webhooks"

addresses() {
    for name in $SERVICES; do
        getent ahostsv4 "$name" | awk -v name="$name" '{print name, $1}'
    done | sort -u
}

follow() {
    known=$(addresses)
    while sleep 2; do
        now=$(addresses)
        # A name without an address is a service being replaced: NGINX would refuse the configuration, so wait.
        for name in $SERVICES; do
            case "$now" in *"$name "*) ;; *) now=$known ;; esac
        done
        if [ "$now" != "$known" ] && kill -HUP "$(cat "$GATEWAY_STATE_DIR/nginx.pid")"; then
            echo "gateway: services moved, configuration read again"
            known=$now
        fi
    done
}

follow &
