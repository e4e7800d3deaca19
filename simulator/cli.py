"""Command line of the simulator: invent a city, then let its schools speak.

A usual run:
  python -m simulator truth   --out truth                                  the whole city, one school year
  python -m simulator history --truth truth --until 2026-07-07 --drop h    what every school knew by that evening
  python -m simulator credentials --truth truth --out connections.json --host-key key --folder f
  python -m simulator serve   --truth truth --credentials connections.json --sftp-root s --host-key key
  python -m simulator drop    --truth truth --night 2026-07-08 --sftp s --folder f
  python -m simulator verify  --truth truth --night 2026-07-08 --dsn postgresql://...
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def _city(args: argparse.Namespace) -> int:
    from simulator.demo_city import write_demo_city

    print(f"{write_demo_city(args.out)} schools written")
    return 0


def _truth(args: argparse.Namespace) -> int:
    from simulator.truth.build import build_truth

    began = time.perf_counter()
    counts = build_truth(args.out, seed=args.seed, limit=args.schools, last_day=args.last_day, defects=args.defects)
    print("  ".join(f"{name} {count:,}" for name, count in counts.items()), f"  {time.perf_counter() - began:.1f} s")
    return 0


def _history(args: argparse.Namespace) -> int:
    from simulator.faces.template import write_history
    from simulator.truth.store import Truth

    began = time.perf_counter()
    rows = write_history(Truth(args.truth), args.until, args.drop)
    if args.council:
        from simulator.faces.council import write_council

        log = write_council(Truth(args.truth), args.until, args.council, is_history=True)
        print(f"{sum(row['rows'] for row in log):,} records of {len(log)} feeds of the council")
    print(f"{rows:,} marks known on the evening of {args.until}  {time.perf_counter() - began:.1f} s")
    return 0


def _drop(args: argparse.Namespace) -> int:
    from simulator.faces.council import write_council
    from simulator.faces.deliveries import write_night
    from simulator.truth.store import Truth

    began = time.perf_counter()
    log = write_night(Truth(args.truth), args.night, args.sftp, args.folder)
    print(
        f"{sum(row['delivered'] for row in log)} of {len(log)} file schools delivered  "
        f"{time.perf_counter() - began:.1f} s"
    )
    for row in log:
        if row["defect"]:
            print(f"  {row['urn']}: {row['defect']}")
    feeds = write_council(Truth(args.truth), args.night, args.folder)
    print(f"{sum(row['defect'] != 'silent' for row in feeds)} of {len(feeds)} feeds of the council exported")
    for row in feeds:
        if row["defect"]:
            print(f"  {row['feed']}: {row['defect']}")
    return 0


def _credentials(args: argparse.Namespace) -> int:
    from simulator.faces.credentials import write_credentials
    from simulator.truth.store import Truth

    count = write_credentials(
        Truth(args.truth),
        args.out,
        args.host_key,
        http_port=args.http_port,
        sftp_port=args.sftp_port,
        folder=args.folder,
        seed=args.seed,
    )
    print(f"{count} connections written")
    return 0


def _serve(args: argparse.Namespace) -> int:
    from simulator.faces.serve import serve

    serve(
        args.truth,
        args.credentials,
        http_port=args.http_port,
        sftp_port=args.sftp_port,
        sftp_root=args.sftp_root,
        host_key=args.host_key,
        now=args.now,
    )
    return 0


def _verify(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from simulator.oracle.report import lines, verify

    nights = args.nights.split(",") if args.nights else None
    result = verify(args.truth, args.dsn, args.night, args.history_until, nights, args.schema, args.reports, args.city)
    if args.json:
        print(json.dumps({**result, "parts": {name: asdict(part) for name, part in result["parts"].items()}}))
    else:
        print("\n".join(lines(result)))
    return 1 if result["mismatches"] else 0


def _calibration(args: argparse.Namespace) -> int:
    from simulator.calibration import calibration_table, render

    print(render(calibration_table(args.truth)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulator", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str, *paths: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        for path in paths:
            sub.add_argument(f"--{path}", type=Path, required=True)
        return sub

    command("city", _city, "write the demo city's schools, rolls and calendar", "out")
    truth = command("truth", _truth, "invent the ground truth: people, rolls, marks, corrections", "out")
    truth.add_argument("--seed", type=int, default=831)
    truth.add_argument("--schools", type=int, help="keep only so many schools, a mix of phases and connectors")
    truth.add_argument("--last-day", default="2026-07-10")
    truth.add_argument("--defects", choices=["demo", "none"], default="demo")
    history = command("history", _history, "write every school's snapshot as known on an evening", "truth", "drop")
    history.add_argument("--until", default="2026-07-07")
    history.add_argument("--council", type=Path, help="drop folder for the council's exports of that evening")
    command("drop", _drop, "write one night's deliveries of the file schools", "truth", "sftp", "folder").add_argument(
        "--night", required=True
    )
    secrets = command(
        "credentials",
        _credentials,
        "write the schools' connections as JSON (mode 0600)",
        "truth",
        "out",
        "host-key",
        "folder",
    )
    secrets.add_argument("--seed", type=int, default=831)
    server = command(
        "serve", _serve, "serve the aggregator API and the SFTP server", "truth", "credentials", "sftp-root", "host-key"
    )
    server.add_argument(
        "--now",
        default="2026-07-07T20:00:00+01:00",
        help="moment up to which the systems know; POST /_sim/clock moves it",
    )
    for sub in (secrets, server):
        sub.add_argument("--http-port", type=int, default=8831)
        sub.add_argument("--sftp-port", type=int, default=8822)
    check = command("verify", _verify, "compare the marts with an independent computation from the truth", "truth")
    check.add_argument("--dsn", required=True)
    check.add_argument("--night", required=True)
    check.add_argument("--history-until", default="2026-07-07")
    check.add_argument(
        "--nights", help="nights run since the history load, by commas; default: every weekday up to --night"
    )
    check.add_argument("--schema", default="marts", help="schema of the marts to compare")
    check.add_argument("--reports", default="reports", help="schema of the reports to compare")
    check.add_argument(
        "--city", type=Path, default=Path(__file__).parent / "city", help="folder of the city's own files"
    )
    check.add_argument("--json", action="store_true")
    command("calibration", _calibration, "the demo city beside Derby's published figures", "truth")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    args = _parser().parse_args(arguments)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
