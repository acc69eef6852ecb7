"""Where the command begins: also while the first modules load, Ctrl-C is no traceback."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line."""
    try:
        from apigw_vtab.cli import main

        main(prog_name="apigw-vtab")
    except KeyboardInterrupt:
        from apigw_vtab.errors import INTERRUPTED

        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
