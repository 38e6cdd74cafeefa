"""What happens in the country after it is built."""

from shanyraq.interfaces.sandbox.build import Built


def live(built: Built) -> None:
    """Nothing yet."""
