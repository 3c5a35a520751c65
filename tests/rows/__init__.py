"""Rows of the op table, one file a topic."""
