"""A mention's way from a network to its tone: collected, screened, scored."""
