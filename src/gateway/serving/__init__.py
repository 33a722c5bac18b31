"""The processes that serve: how they start, work beside answering, and end."""
