"""What tests of several rooms of the library share."""

from collections.abc import Iterator
import gc

import pytest


@pytest.fixture
def python_does_not_look() -> Iterator[None]:
    """Collect nothing meanwhile: what is gone was let go of."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
