"""One agent of a run: what its model was sent, what it said and did, and the box it lives in."""
