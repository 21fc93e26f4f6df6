"""HTTP as every client needs it: bounded, guarded, and waiting as long as it is asked to."""
