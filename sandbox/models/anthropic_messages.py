"""Provider ``anthropic``: Claude, or any server that speaks Anthropic's Messages, by Anthropic's SDK."""

from __future__ import annotations

from typing import Any, Final

from sandbox.models.anthropic_body import body
from sandbox.models.hosted import Hosted
from sandbox.models.provider import Request

__all__ = ["AnthropicMessages"]

ANTHROPIC: Final = "https://api.anthropic.com"


class AnthropicMessages(Hosted):
    """Asks at ``/v1/messages``, streaming.

    What a model thinks comes as ``Reasoning`` and is never sent back: such blocks are tied to one model
    and one conversation. In mode ``json`` the system prompt alone asks for the object.
    """

    name = "anthropic"
    maker_url = ANTHROPIC
    sdk_module = "sandbox.models.anthropic_sdk"

    def plain_body(self, request: Request) -> dict[str, Any]:
        return body(request, self.settings(request))

    def takes_by_default(self, model: str) -> bool:
        # Claude refuses both, by whatever address it is reached; local models behind this format do not.
        return self.family(model) != "claude"
