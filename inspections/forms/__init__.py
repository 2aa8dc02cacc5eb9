"""The forms of supervision: shape and messages."""
