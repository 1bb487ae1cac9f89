"""The text of a run: a view over any number of told lines, of which only what is seen is drawn."""
