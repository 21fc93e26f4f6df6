"""The host in an address as people and files write one."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")


def host(address: str) -> str:
    """The host of a site's address, small and without www.; "" for what is none."""
    text = address.strip()
    try:
        found = urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    except ValueError:
        return ""
    found = found.removeprefix("www.").rstrip(".")
    return found if _HOST.fullmatch(found) and "@" not in text else ""
