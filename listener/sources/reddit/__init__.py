"""Reddit, through its API."""
