"""How much longer than its rule a pause is: what failed together shall not return together."""

import hashlib
from datetime import datetime

SPREAD = 0.2


def jitter(name: str, now: datetime) -> float:
    """A share of the pause, 0 to SPREAD; of one name and time always the same."""
    drawn = hashlib.sha256(f"{name} {now.isoformat()}".encode()).digest()[:4]
    return SPREAD * int.from_bytes(drawn) / 2**32
