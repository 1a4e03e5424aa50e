"""Engage: two-way community reporting. All wiring is here: who may enter by which door, and what is opened for them."""

from __future__ import annotations

from flask import Blueprint, Flask

from engage import logs
from engage.config import Settings, read_settings
from engage.installation import open_installation
from engage.web import (
    account_page,
    admin_page,
    batch_page,
    case_page,
    chat_page,
    contact_page,
    corrections_page,
    counter_page,
    errors,
    evidence_page,
    file_page,
    frame,
    guides_page,
    inspection_page,
    invitation_page,
    inviting_page,
    learn_page,
    leaving_page,
    look_page,
    machine,
    numbers_page,
    origins,
    passkey_questions,
    photo_page,
    place_photos_page,
    places_page,
    plan_admin_page,
    plans_page,
    poster_page,
    posters_page,
    practice_phone,
    printing_page,
    privacy_page,
    queue_page,
    quiz_page,
    receiver_page,
    referrals_page,
    rules_page,
    search_page,
    second_step_page,
    settings_page,
    sign_in,
    squeezing,
    step_up,
    text_hooks,
    thread_page,
    trail_page,
    upload_page,
    watch_page,
    words_page,
)
from engage.web.guards import (
    Guard,
    administrators_only,
    case_workers_only,
    everyone,
    inviters_only,
    numbers_only,
    poster_keepers_only,
    practice_only,
    staff_only,
    supervisors_only,
    trail_readers_only,
)

#: Every door and who may enter by it. A test walks the routes and finds each behind one of these guards.
DOORS: tuple[tuple[Blueprint, Guard], ...] = (
    (machine.door, everyone),
    (poster_page.door, everyone),
    (photo_page.door, everyone),
    (chat_page.door, everyone),
    (learn_page.door, everyone),
    (privacy_page.door, everyone),
    (leaving_page.door, everyone),
    (thread_page.door, everyone),
    (upload_page.door, everyone),
    (receiver_page.door, everyone),
    (text_hooks.door, everyone),
    (practice_phone.door, practice_only),
    (sign_in.door, everyone),
    (second_step_page.door, everyone),
    (passkey_questions.door, everyone),
    (invitation_page.door, everyone),
    (account_page.door, staff_only),
    (quiz_page.door, staff_only),
    (step_up.door, staff_only),
    (inviting_page.door, inviters_only),
    (queue_page.door, case_workers_only),
    (batch_page.door, case_workers_only),
    (search_page.door, case_workers_only),
    (case_page.door, case_workers_only),
    (file_page.door, case_workers_only),
    (look_page.door, case_workers_only),
    (contact_page.door, case_workers_only),
    (evidence_page.door, case_workers_only),
    (referrals_page.door, case_workers_only),
    (corrections_page.door, supervisors_only),
    (trail_page.door, trail_readers_only),
    (inspection_page.door, case_workers_only),
    (plans_page.door, case_workers_only),
    (watch_page.door, case_workers_only),
    (counter_page.door, case_workers_only),
    (numbers_page.door, numbers_only),
    (admin_page.door, administrators_only),
    (rules_page.door, administrators_only),
    (words_page.door, administrators_only),
    (guides_page.door, administrators_only),
    (settings_page.door, administrators_only),
    (places_page.door, administrators_only),
    (plan_admin_page.door, administrators_only),
    (place_photos_page.door, administrators_only),
    (printing_page.door, administrators_only),
    (posters_page.door, poster_keepers_only),
)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; its settings are read from the environment where none are given, or `SettingsError`."""
    chosen = settings or read_settings()
    logs.configure(chosen.log_level)
    app = Flask(__name__, template_folder="../templates")
    installation = open_installation(chosen)
    installation.warm_up()
    frame.prepare(app, installation)
    squeezing.prepare(app)
    errors.register(app)
    origins.prepare(app)
    sign_in.prepare(app)
    for door, guard in DOORS:
        app.before_request_funcs.setdefault(door.name, []).append(guard)
        app.register_blueprint(door)
    return app
