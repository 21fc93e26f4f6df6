"""The whole way on a bundled sample, to look at."""
