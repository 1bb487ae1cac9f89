"""The record's own words, which name nobody: an agent that is called by one of them keeps its name."""

from __future__ import annotations

from typing import Final

from sandbox.transcript.kinds import KINDS

__all__ = ["RECORD_WORDS"]

_ENVELOPE: Final = "seq ts kind run actor room visible_to parent data hash all none"
_FIELDS: Final = """
    about act action actions agent agents args asked attempt author base_url bid bid_seconds bids
    bus bwrap bytes cache_read cache_write call calls changed code commands context count cpu cut
    detail detector detectors digest disk do drawn dropped durability elicited end enter
    error error_kind evidence exit exported extra family fiction files first flags format from
    heard host id isolation json left_out level limit limits malformed manifest max_tokens
    members memory mode model moderator money more ms name oom order output path persona pid pids
    policy premise price purpose python raw reason reasoning redacted refused refuted_by renderer
    rerun result room rooms sample saw says scenario script seconds seed sent settings sha256
    signal silence size source speaks_for start stop system tail talk temperature text think thinks
    tier title to tokens tokens_in tokens_out tool tools topic totals turn turn_seconds turns uid
    upto url used version wait what when whispers why word after_script all_left attempts families
    ended end_reason folders forked gap human imported line lost note oddities part parts private
    role seed_context set source_turn started torn who zone
"""
_VALUES: Final = """
    anybody box bubblewrap budget deadline died docker embedded engine failed filtered gvisor half
    house invited kubernetes left model nats nobody none operator parallel pass podman
    process power random round-robin scripted silent spoke stopped tool volunteer watch addressed
    say whisper shell read_file write_file open_room invite leave next false true null
"""
_TAGS: Final = "name mail key path user host ip"

RECORD_WORDS: Final[frozenset[str]] = frozenset(
    word
    for text in (_ENVELOPE, _FIELDS, _VALUES, _TAGS, *(kind.replace(".", " ") for kind in KINDS))
    for word in text.split()
)
"""Members of events, and the closed sets of values that readers of a record compare with."""
