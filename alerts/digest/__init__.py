"""The morning digest, each way out's edition of the same sections."""

from alerts.digest.edition import digest_html, digest_message, digest_text

__all__ = ["digest_html", "digest_message", "digest_text"]
