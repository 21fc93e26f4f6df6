"""What Meta's networks share."""
