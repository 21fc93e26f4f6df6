"""Hides how to reach or charge a private person: phone, e-mail, IBAN, payment card.

A mask keeps a number's last two digits, so that two people can make sure that they speak of the
same. What is hidden and what is not: docs/adr/0033-what-leaves-is-masked.md.
"""

from alerts.masking.message import Masking
from alerts.masking.text import ALL, MaskKind, mask

__all__ = ["ALL", "MaskKind", "Masking", "mask"]
