"""App Store."""
