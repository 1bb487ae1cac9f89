"""``backrooms image``: build, list and remove the images that containers of boxes are made of."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docker import DockerClient

    from sandbox.isolation.image_list import OurImage
    from sandbox.isolation.image_make import Made

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Build, list and remove the images of boxes. Tiers docker, podman and gvisor need one; a run that finds
none builds it by itself, so this is for doing it beforehand, or where no base image can be pulled.
"""
_EPILOG: Final = """\
backrooms image build                    on python:3.12-slim, which the engine pulls
backrooms image build --offline          on a base made of Debian's packages (mmdebstrap), no registry needed
backrooms image build --tools            for scenarios with `isolation: {image: tools}`: git, compilers, ...
backrooms image build --base IMAGE       on an image of yours that has Python 3.11 or newer
backrooms image list                     what is there, and what of it is old
backrooms image remove --old             remove what no run of this version takes
"""
ENGINES: Final = ("docker", "podman", "all")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "image",
        help="build, list and remove the images of boxes",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="build the image, also if there is one")
    build.add_argument("--tools", action="store_true", help="with git, curl, jq, make, compilers")
    base = build.add_mutually_exclusive_group()
    base.add_argument(
        "--offline",
        action="store_true",
        help="on a base made of Debian's packages, kept in a cache",
    )
    base.add_argument("--base", metavar="IMAGE", help="on this image")
    listing = actions.add_parser("list", help="list our images, with their sizes")
    remove = actions.add_parser("remove", help="remove images; those in use stay")
    remove.add_argument("images", nargs="*", metavar="IMAGE", help="a name or id from the list")
    remove.add_argument("--old", action="store_true", help="all that no run of this version takes")
    remove.add_argument("--all", action="store_true", help="all; a run builds what it needs anew")
    for action in (build, listing, remove):
        action.add_argument(
            "--engine", choices=ENGINES, default="all", help="whose (default: all that answer)"
        )
        action.add_argument("--json", action="store_true", help="one JSON list, for scripts")


def main(args: argparse.Namespace) -> int:
    """Do what was asked; errors are raised."""
    if args.action == "build":
        return _build(args)
    return _list(args) if args.action == "list" else _remove(args)


def _build(args: argparse.Namespace) -> int:
    from sandbox.isolation.image_make import engines, make

    made = []
    for engine in engines(args.engine):
        one = make(
            engine,
            "tools" if args.tools else "plain",
            lambda line: _tell(f"{engine}: {line}"),  # noqa: B023 - called within this turn of the loop
            base=args.base,
            offline=args.offline,
        )
        made.append(one)
        if not args.json:
            _say_made(one)
    if args.json:
        print(json.dumps([asdict(one) for one in made], indent=2))
    return 0


def _say_made(made: Made) -> None:
    from sandbox.commands.sizes import size
    from sandbox.isolation.base_image import VARIABLES

    image = made.image
    print(f"{made.engine}: {image.tag}, {size(made.bytes)}, in {made.seconds:.0f} s", flush=True)
    if not made.taken:
        _tell(f"Runs take it where {VARIABLES[image.kind]}={image.base} is set.")


def _list(args: argparse.Namespace) -> int:
    images = [image for _, image in _found(args.engine)]
    if args.json:
        print(json.dumps([asdict(image) for image in images], indent=2))
    elif images:
        _print_table(images)
    else:
        _tell("There is no image. `backrooms image build` makes one.")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from docker.errors import APIError

    from sandbox.errors import UsageError

    if not (args.images or args.old or args.all):
        raise UsageError("name an image (`backrooms image list` shows them), or --old, or --all")
    removed, failed, known = [], 0, set()
    for client, image in _found(args.engine):
        known |= {image.tag, image.id}
        old = args.old and image.state in {"old", "part"}
        if not (args.all or old or {image.tag, image.id} & set(args.images)):
            continue
        try:
            client.images.remove(image.tag or image.id)
        except APIError as error:
            failed += 1
            _tell(f"{image.engine} keeps {image.tag or image.id}: {error.explanation or error}")
        else:
            removed.append(image)
    missing = [name for name in args.images if name not in known]
    if args.json:
        print(json.dumps([asdict(image) for image in removed], indent=2))
    else:
        for image in removed:
            print(f"{image.engine}: removed {image.tag or image.id}")
    for name in missing:
        _tell(f"there is no image {name!r:.80} of ours; `backrooms image list` shows them")
    return 1 if failed or missing else 0


def _found(named: str) -> Iterator[tuple[DockerClient, OurImage]]:
    """Our images, with an open client of the engine that has each."""
    from sandbox.isolation.image_list import our_images
    from sandbox.isolation.image_make import engines

    for engine in engines(named):
        with _client(engine) as client:
            for image in our_images(client, engine):
                yield client, image


@contextmanager
def _client(engine: str) -> Iterator[DockerClient]:
    from docker.errors import DockerException

    from sandbox.errors import BoxError
    from sandbox.isolation.engine import ENGINES as KNOWN
    from sandbox.isolation.engine import connect

    client = connect(next(name for name in KNOWN if name == engine))
    try:
        yield client
    except DockerException as error:
        raise BoxError(f"{engine} failed: {error}") from error
    finally:
        client.close()


def _print_table(images: Sequence[OurImage]) -> None:
    from sandbox.commands.sizes import size
    from sandbox.console import neutralise

    rows = [("ENGINE", "IMAGE", "KIND", "SIZE", "STATE")]
    for image in images:
        if image.state != "part":
            name = image.tag or image.id[:19]
            rows.append((image.engine, name, image.kind, size(image.bytes), image.state))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print(neutralise("  ".join([*cells, row[4]]), newlines=False))
    parts = sum(image.state == "part" for image in images)
    if parts:
        _tell(f"and {parts} steps of builds, which `backrooms image remove --old` removes")


def _tell(line: str) -> None:
    from sandbox.console import neutralise

    print(neutralise(line, newlines=False), file=sys.stderr, flush=True)
