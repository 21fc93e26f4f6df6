"""X, through its API."""
