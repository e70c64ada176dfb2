#!/usr/bin/env bash
# A tour of the register with curl: what it serves, in the order in which one would use it.
#
#   examples/tour.sh
#
#   CADASTRE_URL    where the register is            [default: http://127.0.0.1:8080]
#   CADASTRE_TOKEN  a token with the role platform   [default: what cadastre-data/admin-token holds]
#
# Needs bash, curl and openssl. It may run any number of times on the same register: every run makes
# things with names of its own, and leaves them there. The certificates are made for the run, in a
# temporary folder that goes when it ends. It expects that clusters are not called, which is the
# default (CADASTRE_CLUSTER_CALLS=off): the region's addresses lead nowhere.
set -euo pipefail
# Private keys and the token are written into files.
umask 077

url=${CADASTRE_URL:-http://127.0.0.1:8080}
url=${url%/}
token_file=${CADASTRE_DATA_DIR:-cadastre-data}/admin-token

work=$(mktemp -d)
headers=$work/headers
trap 'rm -rf "$work"' EXIT

# Says why the tour ends here.
fail() {
    printf 'tour: %s\n' "$*" >&2
    exit 1
}

# What the tour is about to do.
step() {
    printf '\n%s\n' "$*"
}

# Calls the register: call METHOD PATH STATUS [ARGUMENTS OF CURL]. The answer is left in the file
# answer; the tour ends when its status is not the expected one.
call() {
    local method=$1 path=$2 expected=$3 status
    shift 3
    # The token goes through a file, since everybody on the machine can see a command line.
    status=$(curl --silent --show-error --max-time 60 --header "@$headers" \
        --request "$method" --output "$work/answer" --write-out '%{http_code}' \
        "$@" "$url$path" 2>"$work/complaint") ||
        fail "no answer from $url ($(tr '\n' ' ' <"$work/complaint")); is the register running?"
    if [[ $status != "$expected" ]]; then
        printf '   %s %s -> %s\n' "$method" "$path" "$status" >&2
        # A failure never quotes a secret. A success may, so it is not shown.
        [[ $status == 2* ]] || printf '   %s\n' "$(head -c 2000 "$work/answer")" >&2
        fail "expected status $expected"
    fi
    printf '   %s %s -> %s\n' "$method" "$path" "$status"
}

# The text of a field of the answer: the first one of this name.
field() {
    local found
    found=$(grep -o "\"$1\":\"[^\"]*\"" "$work/answer") || fail "there is no \"$1\" in the answer"
    found=${found%%$'\n'*}
    found=${found#*:\"}
    printf '%s' "${found%\"}"
}

# Prints fields of the answer. Never ask for one that holds a secret.
show() {
    local name value
    for name in "$@"; do
        value=$(field "$name")
        printf '   %s: %s\n' "$name" "$value"
    done
}

# Ends the tour unless a field of the answer has this text.
expect() {
    local found
    found=$(field "$1")
    [[ $found == "$2" ]] || fail "expected \"$1\" to be \"$2\" and not \"$found\""
}

# The content of a file as the inside of a JSON text.
json_text() {
    awk '{ gsub(/[\\"]/, "\\\\&"); printf "%s\\n", $0 }' "$1"
}

# Runs openssl, which is silent unless it fails.
quiet_openssl() {
    openssl "$@" >"$work/complaint" 2>&1 || {
        cat "$work/complaint" >&2
        fail "openssl $1 failed"
    }
}

# A certificate authority of our own, and a client certificate that it signed: what the register
# shows to the region's API. The settings are ours, whatever the machine's openssl.cnf says.
make_certificates() {
    cat >"$work/openssl.cnf" <<'END'
[req]
distinguished_name = name
prompt = no
[name]
CN = cadastre tour
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
END
    quiet_openssl req -x509 -newkey rsa:2048 -nodes -days 30 -config "$work/openssl.cnf" \
        -extensions ca -subj "/CN=CA of $name" -keyout "$work/ca-key.pem" -out "$work/ca.pem"
    quiet_openssl req -new -newkey rsa:2048 -nodes -config "$work/openssl.cnf" \
        -subj "/CN=client of $name" -keyout "$work/key.pem" -out "$work/request.pem"
    quiet_openssl x509 -req -in "$work/request.pem" -days 30 -CA "$work/ca.pem" \
        -CAkey "$work/ca-key.pem" -set_serial 1 -extfile "$work/openssl.cnf" \
        -extensions client -out "$work/cert.pem"
}

for program in curl openssl; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done

token=${CADASTRE_TOKEN:-}
if [[ -z $token ]]; then
    [[ -r $token_file ]] || fail "there is no $token_file here: set CADASTRE_TOKEN"
    token=$(<"$token_file")
fi
# The Rainbond interface reads the one header, the dialing interface the other.
printf 'Authorization: %s\nDF-API-KEY: %s\n' "$token" "$token" >"$work/headers"
printf 'Authorization: Bearer %s\n' "$token" >"$work/bearer"

run=$(openssl rand -hex 4)
name=tour-$run
printf 'A tour of %s; everything it makes has %s in its name.\n' "$url" "$run"
make_certificates

step "1. Add a region that is still being edited (status 0), as JSON."
cat >"$work/region.json" <<END
{
  "cert_file": "$(json_text "$work/cert.pem")",
  "desc": "made by the tour",
  "httpdomain": "apps.$name.example.com",
  "key_file": "$(json_text "$work/key.pem")",
  "region_alias": "Tour $run",
  "region_name": "$name",
  "scope": "private",
  "ssl_ca_cert": "$(json_text "$work/ca.pem")",
  "status": 0,
  "tcpdomain": "192.0.2.10",
  "url": "https://api.$name.example.com:8443",
  "wsurl": "wss://ws.$name.example.com:6060"
}
END
call POST /openapi/v1/regions 201 \
    --header 'Content-Type: application/json' --data-binary "@$work/region.json"
expect status 0
region_id=$(field region_id)
show region_id status

step "2. List the regions of the enterprise."
call GET /openapi/v1/regions 200
grep -q "\"region_name\":\"$name\"" "$work/answer" || fail "the list does not name $name"
printf '   regions: %s, and %s is one of them; lists never carry certificates\n' \
    "$(grep -o '"region_id":' "$work/answer" | wc -l | tr -d ' ')" "$name"

# The twelve fields of an update, as a form, which takes files as they are. The status is given.
update=(
    --data-urlencode "region_alias=Tour $run, enabled"
    --data-urlencode "url=https://api.$name.example.com:8443"
    --data-urlencode "token=token-of-$name"
    --data-urlencode "wsurl=wss://ws.$name.example.com:6060"
    --data-urlencode "httpdomain=apps.$name.example.com"
    --data-urlencode "tcpdomain=tcp.$name.example.com"
    --data-urlencode "scope=public"
    --data-urlencode "ssl_ca_cert@$work/ca.pem"
    --data-urlencode "cert_file@$work/cert.pem"
    --data-urlencode "key_file@$work/key.pem"
    --data-urlencode "desc=made and enabled by the tour"
)

step "3. Enable it (status 1), as a form. The key must belong to the certificate, and the CA must
   have signed it; only a platform token is accepted here."
call PUT "/openapi/v2/manage/regions/$region_id" 200 \
    "${update[@]}" --data-urlencode status=1
expect status 1
show status scope

step "4. An enabled region cannot go back to editing: refused, with the reason."
call PUT "/openapi/v2/manage/regions/$region_id" 400 \
    "${update[@]}" --data-urlencode status=0
reason=$(grep -o '"status":\["[^"]*"' "$work/answer") || fail "the refusal does not name the status"
printf '   err.status: %s\n' "${reason#*[}"

step "5. Create a team, as JSON."
call POST /openapi/v1/teams 201 \
    --header 'Content-Type: application/json' --data-binary "{\"tenant_name\": \"Tour $run\"}"
team_id=$(field tenant_id)
show tenant_id tenant_alias

step "6. Open the region for the team. Asking again changes nothing."
for _ in once again; do
    call POST "/openapi/v1/teams/$team_id/regions" 201 \
        --header 'Content-Type: application/json' --data-binary "{\"region\": \"$name\"}"
    expect tenant_id "$team_id"
done

step "7. Show the team."
call GET "/openapi/v1/teams/$team_id" 200
expect tenant_id "$team_id"
show tenant_name tenant_alias

step "8. Register a node that will dial. The answer has its key pair."
call POST /api/v1/dialing_region/regist 200 \
    --header 'Content-Type: application/json;charset=UTF-8' --data-binary @- <<END
{"internal":false,"isp":"telecom","country":"Afghanistan","city":"Shahrak","keycode":"Afghanistan-Shahrak-telecom-$run","name":"test $run"}
END
show uuid keycode

uuid=$(field uuid)

step "9. Have it dial something: the agent of the node gets this task with its next pull."
call POST /api/v1/dialing_task/add 200 \
    --header 'Content-Type: application/json;charset=UTF-8' --data-binary @- <<END
{"type":"http","regions":["$uuid"],"task":{"name":"tour $run","frequency":"1m","method":"GET","url":"https://www.example.com/","success_when":[{"status_code":[{"is":"200"}]}]}}
END
show uuid

step "10. Watch the region from the node: its tasks follow from its addresses, and go with it."
# From here on, the native face.
headers=$work/bearer
call POST "/cadastre/v1/regions/$region_id/watch" 201 \
    --header 'Content-Type: application/json' --data-binary "{\"nodes\": [\"$uuid\"]}"
call GET "/cadastre/v1/regions/$region_id/availability" 200
expect state unknown

step "11. Is the node alive? Not before a DataKit pulls with its keys: docs/datakit.md."
call GET "/cadastre/v1/nodes/$uuid" 200
expect why_not never_seen

printf '\nAll as expected. Left in the register: region %s, team %s, one node, one task.\n' "$name" "$team_id"
