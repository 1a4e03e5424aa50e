"""For machines: is the process alive, and can it take a report now."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from engage import readiness
from engage.web.frame import installation

door = Blueprint("machine", __name__)


@door.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the process answers."""
    return jsonify(status="ok")


@door.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when a report can be stored now, else 503; what is wrong by name, without details that help an attacker."""
    checks = readiness.ready(installation())
    fine = all(check.state != "fail" for check in checks)
    return jsonify(status="ok" if fine else "fail", checks={check.name: check.state for check in checks}), (
        200 if fine else 503
    )
