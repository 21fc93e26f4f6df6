"""What the sources share of refusals."""

from domain.errors import RemoteError


class AllRefusedError(RemoteError):
    """Every other request would be answered alike: a limit is used up, or the key is no good."""
