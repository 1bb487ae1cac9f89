"""Provider ``mistral``: Mistral's models, or any server that speaks their format, by Mistral's SDK."""

from __future__ import annotations

from typing import Any, Final

from sandbox.models.hosted import Hosted
from sandbox.models.mistral_body import body
from sandbox.models.provider import Request

__all__ = ["MistralChat"]

MISTRAL: Final = "https://api.mistral.ai"


class MistralChat(Hosted):
    """Asks at ``/v1/chat/completions``, streaming."""

    name = "mistral"
    maker_url = MISTRAL
    sdk_module = "sandbox.models.mistral_sdk"
    seed_name = "random_seed"

    def plain_body(self, request: Request) -> dict[str, Any]:
        return body(request, self.settings(request))
