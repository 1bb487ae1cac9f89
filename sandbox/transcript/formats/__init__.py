"""Other systems' transcripts: read into a ``Foreign`` and made a run of ours; and our runs written for others."""
