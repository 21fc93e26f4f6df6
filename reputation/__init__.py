"""What mentions add up to: arithmetic only, no SQL, no clock, no network."""
