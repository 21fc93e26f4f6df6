"""Where mentions come from: one file per source, queries, contracts, imports."""
