#!/usr/bin/env bash
# Holds the served API to its document: schemathesis (PyPI) sends what the document allows and what it does
# not, and fails at a 5xx, at a status, header or media type that is not in the document, at an answer that
# is not of its schema, and where what the document forbids is accepted. On SQLite and, where there is one,
# on PostgreSQL (TEST_POSTGRES_URL, or a cluster of its own from initdb and pg_ctl).
#
# Left out: what would end the session it runs under, which are signing out, ending a session and changing
# a password. What it may do to that person through /api/user/user is found out at the end: the session must
# still be good.
#
# FUZZ_EXAMPLES (default 20) is how many random requests an operation gets beside those at its limits,
# FUZZ_SEED what they are made from, FUZZ_ENGINES which databases, FUZZ_GATEWAY which program.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
folder=$PWD/target/fuzz-api
gateway=${FUZZ_GATEWAY:-$PWD/target/debug/crm-gateway}
work=$(mktemp -d)
phone=13000000001
pids=()

finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    if [ -d "$work/cluster/data" ]; then as_owner "$bin/pg_ctl" -D "$work/cluster/data" -m immediate stop >/dev/null || true; fi
    if [ -n "${TEST_POSTGRES_URL:-}" ]; then psql -q "$TEST_POSTGRES_URL" -c "DROP DATABASE IF EXISTS crm_fuzz_$$" || true; fi
    rm -rf "$work"
}
trap finish EXIT

install() {
    if [ "$("$folder/venv/bin/schemathesis" --version 2>/dev/null || true)" = "Schemathesis $version" ]; then return; fi
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet "schemathesis==$version"
}

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

# Prints the URL of an empty PostgreSQL database; fails where there is none to be had.
postgres() {
    if [ -n "${TEST_POSTGRES_URL:-}" ]; then
        local name="crm_fuzz_$$"
        psql -q "$TEST_POSTGRES_URL" -c "CREATE DATABASE $name" || return 1
        sed -E "s#^(postgres(ql)?://[^/]*/)[^?]*#\1$name#" <<<"$TEST_POSTGRES_URL"
        return
    fi
    mkdir -p "$work/cluster" && chmod 755 "$work"
    if [ "$(id -u)" = 0 ]; then chown postgres "$work/cluster"; fi
    as_owner "$bin/initdb" -D "$work/cluster/data" -U crm -A trust -E UTF8 --locale=C --no-sync >/dev/null || return 1
    as_owner "$bin/pg_ctl" -D "$work/cluster/data" -l "$work/cluster/log" -w \
        -o "-c fsync=off -c listen_addresses='' -c unix_socket_directories='$work/cluster'" start >/dev/null || return 1
    as_owner psql -q -h "$work/cluster" -U crm postgres -c 'CREATE DATABASE fuzz' || return 1
    echo "postgres://crm@/fuzz?host=$work/cluster"
}

# The member of the JSON object on stdin at this path.
member() {
    python3 -c 'import functools, json, sys; print(functools.reduce(lambda o, k: o[k], sys.argv[1:], json.load(sys.stdin)))' "$@"
}

post() {
    curl -sS -X POST -H 'Content-Type: application/json' "${@:2}" "$url$1"
}

# Runs schemathesis on a document, and notes where it found something.
hold() {
    local name=$1 bearer=$2
    PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 "$folder/venv/bin/schemathesis" --config-file tests/fuzz-api.toml run "${@:3}" --header "$bearer" --workers 2 \
        --seed "${FUZZ_SEED:-1}" --warnings off --report-json-path "$folder/$name.json" \
        --exclude-path-regex '^/api/user/(logout|password|delsession)$' || failed=1
    python3 - "$folder/$name.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
print("figures:", json.dumps({key: report.get(key) for key in ("operations", "test_cases", "running_time", "seed")}))
PYTHON
}

run_on() {
    local name=$1
    export DATABASE_URL=$2 CRM_PASSWORD_COST=4 CRM_LISTEN=127.0.0.1:0 CRM_LOG=warn CRM_JOBS=false
    "$gateway" seed-demo --customers 200 >/dev/null
    local first
    first=$("$gateway" create-admin "$phone" | sed -n 's/.* password //p')
    "$gateway" serve >"$work/$name.out" 2>"$folder/$name.log" &
    pids+=($!)
    for _ in $(seq 100); do
        url=$(sed -n 's/^listening on //p' "$work/$name.out")
        if [ -n "$url" ]; then break; fi
        sleep 0.1
    done
    local token bearer
    token=$(post /api/user/login -d "{\"phoneNumber\":\"$phone\",\"password\":\"$first\"}" | member data token)
    post /api/user/password -H "Authorization: Bearer $token" \
        -d "{\"phoneNumber\":\"$phone\",\"old_password\":\"$first\",\"new_password\":\"correct horse\"}" >/dev/null
    token=$(post /api/user/login -d "{\"phoneNumber\":\"$phone\",\"password\":\"correct horse\"}" | member data token)
    bearer="Authorization: Bearer $token"

    echo "== $name: whatever the document allows, and what it does not"
    hold "$name" "$bearer" "$url/openapi.json" --phases examples,coverage,fuzzing --max-examples "${FUZZ_EXAMPLES:-20}"
    echo "== $name: requests that mostly succeed"
    curl -sS "$url/openapi.json" | python3 tests/fuzz_api_near.py >"$work/near.json"
    hold "$name-near" "$bearer" "$work/near.json" --url "$url" --phases fuzzing --mode positive \
        --max-examples "${FUZZ_EXAMPLES:-20}"
    if [ "$(curl -sS -o /dev/null -w '%{http_code}' -H "$bearer" "$url/api/user/profile")" != 200 ]; then
        echo "$name: the session ended in the middle: what came after was not tested" >&2
        failed=1
    fi
    kill "${pids[-1]}" && wait "${pids[-1]}" || true
    unset 'pids[-1]'
}

install
failed=0
bin=$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | tail -1)")")
for engine in ${FUZZ_ENGINES:-sqlite postgres}; do
    if [ "$engine" = sqlite ]; then
        run_on sqlite "sqlite://$work/fuzz.db"
    elif database=$(postgres); then
        run_on postgres "$database"
    else
        echo "== postgres: there is none; nothing was tested on it" >&2
    fi
done
exit "$failed"
