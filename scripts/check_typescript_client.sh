#!/bin/sh
# Make TypeScript types from an OpenAPI document (the argument; without one, docs/openapi.json), and check the example
# client against them. Exits with 3 when the tools cannot be had: without npm, or without a registry.
set -eu
cd "$(dirname "$0")/.."
document=$(realpath "${1:-docs/openapi.json}")
cd clients/typescript

command -v npm >/dev/null 2>&1 || {
    echo "client: npm is not installed (apt-get install npm)" >&2
    exit 3
}
stamp=node_modules/.installed
wanted=$(cat package.json package-lock.json | sha256sum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    npm ci --ignore-scripts --loglevel=error || {
        echo "client: npm could not install the tools" >&2
        exit 3
    }
    echo "$wanted" >"$stamp"
fi
node_modules/.bin/openapi-typescript "$document" --output coach-pro.ts >/dev/null
node_modules/.bin/tsc
echo "client: the example fits the document"
