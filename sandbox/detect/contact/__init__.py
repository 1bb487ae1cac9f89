"""Contacts: who turned to whom in private, by which path, and whether anything asked for it."""

from sandbox.detect.contact.inviting import Inviting
from sandbox.detect.contact.watch import Contacts

__all__ = ["Contacts", "Inviting"]
