"""The brands and competitors that are monitored, and which of them a text is about."""
