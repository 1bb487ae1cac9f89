"""Edit: a scenario is written, checked while it is typed, and tried."""
