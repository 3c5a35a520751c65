"""Rows of the layer table, one file a topic."""
