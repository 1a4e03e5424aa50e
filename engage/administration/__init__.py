"""Administration: what administrators see and change, each thing by itself, with the checks that descriptions have."""

from __future__ import annotations
