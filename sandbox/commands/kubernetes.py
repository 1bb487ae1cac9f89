"""``backrooms kubernetes``: what an administrator sets up once, so that boxes can be Pods."""

from __future__ import annotations

import argparse
from typing import Final

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Boxes can be Pods of a Kubernetes cluster (backrooms run --tier kubernetes). An administrator sets up
a namespace for them once; what that takes is printed here, to be read and then applied.
docs/kubernetes.md has every step.
"""
_EPILOG: Final = """\
backrooms kubernetes manifests > setup.yaml
kubectl apply -f setup.yaml
backrooms kubernetes manifests --runtime-class gvisor     with the object that names gVisor's runtime
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "kubernetes",
        help="set up a cluster for boxes",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    printing = actions.add_parser(
        "manifests",
        help="print what an administrator applies",
        description=(
            "Print, as YAML, a namespace under Pod Security 'restricted', a policy that cuts every Pod in it "
            "off from every network, an account without rights for boxes, and the rights of the house."
        ),
    )
    printing.add_argument(
        "--namespace", help="default: BACKROOMS_K8S_NAMESPACE, else backrooms-sandbox"
    )
    printing.add_argument(
        "--runtime-class",
        metavar="NAME",
        help="also the RuntimeClass of that name, for example gvisor",
    )


def main(args: argparse.Namespace) -> int:
    """Print the manifests."""
    import sys

    from ruamel.yaml import YAML

    from sandbox.isolation.kubernetes import manifests, read_namespace

    given = {} if args.namespace is None else {"BACKROOMS_K8S_NAMESPACE": args.namespace}
    namespace = read_namespace(given) if given else read_namespace()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.explicit_start = True
    yaml.dump_all(manifests(namespace, args.runtime_class), sys.stdout)
    return 0
