#!/bin/bash
# Prints the path of a native edgeconv-agent, built first where it is missing or older than its sources:
#
#   agent.sh host|arm64
#
# Nothing else on stdout. Exit code 1 when it cannot be built, with the end of the log on stderr.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/native.sh" "${1:-}" edge-runtime/EdgeConv.Agent
