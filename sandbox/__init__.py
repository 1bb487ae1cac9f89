"""The house: everything outside the boxes (engine, bus, isolation, models, transcripts, screens)."""

__version__ = "0.1.0"
