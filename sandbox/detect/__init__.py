"""Detectors over the event stream: what is out of the ordinary is flagged, with evidence."""

from sandbox.detect.contact import CrossModelContact
from sandbox.detect.watch import Detector, Finding, Watch

__all__ = ["CrossModelContact", "Detector", "Finding", "Watch", "detectors"]


def detectors() -> list[Detector]:
    """One of each, fresh: a detector watches one run."""
    from sandbox.detect.display import EscapeCodes
    from sandbox.detect.escape.watch import EscapeWatch  # its rules take a moment to be read

    return [CrossModelContact(), EscapeWatch(), EscapeCodes()]
