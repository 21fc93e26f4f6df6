"""What it all adds up to: scores, coverage, the digest."""
