"""LinkedIn, what an own page is notified of."""
