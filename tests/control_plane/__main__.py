"""`python -m tests.control_plane`: a control plane in its own process."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from .admin import ADMIN_PATH
from .estate import ServedEstate, access_key
from .plane import ControlPlane
from .quota import Quota
from .server import listening
from .settings import Settings


def main() -> None:
    """Read the command line, print the URL, serve until interrupted."""
    options = _parser().parse_args()
    if options.settings_from_stdin:
        settings = Settings.from_json(json.loads(sys.stdin.readline()))
    else:
        settings = _settings(options)
        keys = [access_key(account) for account in settings.estate.accounts[:9]]
        print(f"access keys: {' '.join(keys)} (any secret) ...", file=sys.stderr)
    asyncio.run(_serve(settings, options.port, until_stdin_ends=options.settings_from_stdin))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.control_plane",
        description=(
            "A control plane of AWS on loopback: API Gateway, STS, Organizations, EC2. "
            f"Its URL is printed on standard output; GET {ADMIN_PATH} returns what it counted."
        ),
    )
    size = parser.add_argument_group("estate")
    size.add_argument("--accounts", type=int, default=1)
    size.add_argument("--units", type=int, default=0, help="organizational units")
    size.add_argument("--regions", type=int, default=1)
    size.add_argument("--rest-apis", type=int, default=20, help="in each lane")
    size.add_argument("--stages", type=int, default=3, help="of each REST API")
    size.add_argument("--certificates", type=int, default=5, help="in each lane")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds an answer takes")
    parser.add_argument("--rate", type=float, help="calls a second in each lane; AWS's is 10")
    parser.add_argument("--burst", type=float, default=40.0, help="the size of the bucket")
    parser.add_argument("--stolen", type=float, default=0.0, help="another client's share")
    parser.add_argument("--port", type=int, default=0, help="any free one by default")
    parser.add_argument(
        "--settings-from-stdin",
        action="store_true",
        help="one line of JSON instead of the options; ends with its standard input",
    )
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    estate = ServedEstate.numbered(
        accounts=options.accounts,
        regions=options.regions,
        rest_apis=options.rest_apis,
        stages=options.stages,
        certificates=options.certificates,
        units=options.units,
    )
    quota = None
    if options.rate is not None:
        quota = Quota(options.rate, options.burst, options.stolen)
    return Settings(estate, options.latency, quota)


async def _serve(settings: Settings, port: int, *, until_stdin_ends: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_ends:
        loop.add_reader(sys.stdin, stop.set)
    async with listening(ControlPlane(settings), port) as url:
        print(url, flush=True)
        await stop.wait()


if __name__ == "__main__":
    main()
