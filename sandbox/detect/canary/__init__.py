"""Canaries on their way out: whether a string that is nowhere but outside the boxes is in what an agent sent."""

from sandbox.detect.canary.forms import FORMS, HIDDEN, Form, disguise
from sandbox.detect.canary.outbound import CHANNELS, outbound
from sandbox.detect.canary.search import MOST, Search

__all__ = ["CHANNELS", "FORMS", "HIDDEN", "MOST", "Form", "Search", "disguise", "outbound"]
