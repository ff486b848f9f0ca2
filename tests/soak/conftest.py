"""The soak meets with the same SDKs as the end-to-end stories."""

from tests.e2e.conftest import artifacts, sdks

__all__ = ["artifacts", "sdks"]
