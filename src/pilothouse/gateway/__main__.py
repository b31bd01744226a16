"""`python -m pilothouse.gateway`: the gateway alone, on a host without a control plane and without Django."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pilothouse.contracts.errors import PilothouseError
from pilothouse.gateway.gateway import Settings
from pilothouse.gateway.run import claim, serve_until_told, workers_for_this_host


def main() -> int:
    """Run until told to stop. 1 when it cannot begin."""
    parser = argparse.ArgumentParser(prog="python -m pilothouse.gateway", description=__doc__)
    parser.add_argument("--host", default=os.environ.get("PILOTHOUSE_GATEWAY_BIND", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PILOTHOUSE_GATEWAY_PORT", "8001")))
    parser.add_argument("--workers", type=int, default=workers_for_this_host())
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("PILOTHOUSE_HOME") or "var"))
    parser.add_argument(
        "--durability",
        choices=("process", "power"),
        default=os.environ.get("PILOTHOUSE_GATEWAY_DURABILITY", "process"),
        help="what a record survives: the death of the process, or a power cut",
    )
    told = parser.parse_args()
    try:
        settings = Settings(told.home.absolute(), told.durability)
        serve_until_told(claim(told.host, told.port), told.workers, settings)
    except PilothouseError as error:
        sys.stderr.write(error.detail + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
