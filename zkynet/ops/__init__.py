"""The ops, one file a topic, each with its gradient beside it."""
