"""The daily digest: one list of sections, drawn for each channel."""

from alerts.digest.edition import digest_html, digest_message, digest_text

__all__ = ["digest_html", "digest_message", "digest_text"]
