"""GitHub, issues and discussions."""
