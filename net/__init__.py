"""HTTP for every client: bounded, guarded, and heeding the waits that services ask for."""
