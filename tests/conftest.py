"""What tests of several behaviours share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def seeded_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of three units, imported, filled and decided; copy it before changing it."""
    from tests.factories.workspaces import seed_workspace

    return seed_workspace(tmp_path_factory.mktemp("seeded") / "bank")
