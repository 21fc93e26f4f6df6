"""Who decided something of people, links or noise: a person, or a rule."""

RULE = "rule:"  # begins the decided_by of whatever no person decided
