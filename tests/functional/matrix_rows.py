"""Who may enter by each route, and what stands in its holes: one row for every endpoint of `app.url_map`.

A new route needs a row here: its endpoint, who may enter (a right, `STAFF` or `ANYBODY`), and `things`, a function that
gives what can stand in the holes of its address, each with who may see it, and `absent`, which nobody can. Then the
matrix asks for every one of them as everybody, and what somebody may not see must be answered exactly as `absent`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from engage.accounts import Officer
from engage.permissions import Reach, Right, may, reach
from engage.web.account_page import ACTS as ACCOUNT_ACTS
from engage.web.case_acts import ACTS
from engage.web.inviting_page import ACTS as INVITING_ACTS
from engage.web.watch_page import ACTS as WATCH_ACTS
from tests.functional.matrix_world import ABSENT, NO_NUMBER, NO_SLUG, Thing, World


class Whoever(Enum):
    """Doors that ask for no right."""

    ANYBODY = "anybody"
    STAFF = "staff"


ANYBODY, STAFF = Whoever.ANYBODY, Whoever.STAFF
Things = Callable[[World], Mapping[str, Thing]]


def nothing(_world: World) -> Mapping[str, Thing]:
    """An address without holes."""
    return {"it": Thing({}, lambda _officer: True)}


def holes(**values: str) -> Things:
    """An address whose holes are filled with these values, where nothing is anybody's own."""
    return lambda _world: {"it": Thing(values, lambda _officer: True)}


@dataclass(frozen=True)
class Row:
    """One endpoint. `acts` fills a hole of that name; `opens` is what a page that may be seen is answered with.

    `own_form`: whatever changes something needs the token of a form of this very session. Where it is False, `because`
    says what stands in its place.
    """

    who: Right | Whoever
    things: Things = nothing
    acts: tuple[str, ...] = ()
    opens: tuple[int, ...] = (200,)
    own_form: bool = True
    because: str = ""

    def lets_in(self, officer: Officer) -> bool:
        """Whether somebody of the staff may enter at all."""
        return isinstance(self.who, Whoever) or may(officer.role, self.who).allowed


#: In which queue each case is.
QUEUE_OF = {"own": "marine", "other": "gates", "foreign": "border", "sealed": "integrity"}


def _cases(right: Right) -> Things:
    def things(world: World) -> Mapping[str, Thing]:
        found = {
            name: Thing({"reference": world.references[name]}, world.sees(queue, right))
            for name, queue in QUEUE_OF.items()
        }
        return {**found, "absent": Thing({"reference": ABSENT})}

    return things


def _files(world: World) -> Mapping[str, Thing]:
    found = {
        name: Thing(
            {"reference": world.references[name], "number": str(world.numbers[f"file {name}"])},
            world.sees(queue, Right.SEE),
        )
        for name, queue in QUEUE_OF.items()
    }
    # A file of another case, asked for as one of a case that may be seen.
    found["smuggled"] = Thing({"reference": world.references["own"], "number": str(world.numbers["file sealed"])})
    found["absent of own"] = Thing({"reference": world.references["own"], "number": NO_NUMBER})
    return {**found, "absent": Thing({"reference": ABSENT, "number": NO_NUMBER})}


def _queues(right: Right) -> Things:
    def things(world: World) -> Mapping[str, Thing]:
        found = {name: Thing({"slug": name}, world.sees(name, right)) for name in world.kept}
        return {**found, "absent": Thing({"slug": NO_SLUG})}

    return things


def _offers(world: World) -> Mapping[str, Thing]:
    number = str(world.numbers["referral"])
    asked = world.kept["border"].authority_id
    # An offer is of no unit yet, so whoever sees their own units alone does not see it.
    return {
        "offer": Thing(
            {"number": number},
            lambda officer: officer.authority_id == asked and reach(officer.role, Right.SEE) is Reach.AUTHORITY,
        ),
        "absent": Thing({"number": NO_NUMBER}),
    }


def _shared_files(world: World) -> Mapping[str, Thing]:
    number, file = str(world.numbers["referral"]), str(world.numbers["file own"])
    return {"offer": Thing({"number": number, "file": file}), "absent": Thing({"number": NO_NUMBER, "file": NO_NUMBER})}


def _kinds(_world: World) -> Mapping[str, Thing]:
    kinds = ("authorities", "units", "queues", "sites", "zones", "places", "staff", "calendars", "targets", "shifts")
    return {
        **{kind: Thing({"kind": kind}, lambda _officer: True) for kind in (*kinds, "replies")},
        "absent": Thing({"kind": NO_SLUG}),
    }


def _sites(_world: World) -> Mapping[str, Thing]:
    return {"harbour": Thing({"site": "harbour"}, lambda _officer: True), "absent": Thing({"site": NO_SLUG})}


def _kinds_to_add(world: World) -> Mapping[str, Thing]:
    """People are invited instead of added."""
    return {kind: thing for kind, thing in _kinds(world).items() if kind != "staff"}


def _settings(world: World) -> Mapping[str, Thing]:
    def of(authority: str) -> Callable[[Officer], bool]:
        queue = {"police": "marine", "customs": "border"}[authority]
        return lambda officer: officer.authority_id == world.kept[queue].authority_id

    owned = {
        "units": {"marine": "police", "integrity": "police", "border": "customs"},
        "queues": {"marine": "police", "integrity": "police", "border": "customs"},
        "staff": {"ana": "police", "ida": "police", "carl": "customs"},
    }
    found = {
        f"{kind} {name}": Thing({"kind": kind, "name": name}, of(authority))
        for kind, names in owned.items()
        for name, authority in names.items()
    }
    return {**found, "absent": Thing({"kind": "units", "name": NO_SLUG})}


def _changes(world: World) -> Mapping[str, Thing]:
    def of(queue: str) -> Callable[[Officer], bool]:
        return lambda officer: officer.authority_id == world.kept[queue].authority_id

    return {
        "police": Thing({"change_id": str(world.numbers["change police"])}, of("marine")),
        "customs": Thing({"change_id": str(world.numbers["change customs"])}, of("border")),
        "absent": Thing({"change_id": NO_NUMBER}),
    }


def _posters(world: World) -> Mapping[str, Thing]:
    there = {world.kept[queue].authority_id for queue in ("marine", "border")}
    return {
        "gate": Thing({"code": "B7K4X"}, lambda officer: officer.authority_id in there),
        "absent": Thing({"code": "00000"}),
    }


def _plans(world: World) -> Mapping[str, Thing]:
    there = {world.kept[queue].authority_id for queue in ("marine", "border")}
    plan = Thing({"number": str(world.numbers["plan"])}, lambda officer: officer.authority_id in there)
    return {"plan": plan, "absent": Thing({"number": NO_NUMBER})}


def _place_photos(world: World) -> Mapping[str, Thing]:
    there = {world.kept[queue].authority_id for queue in ("marine", "border")}
    gate = Thing({"site": "harbour", "place": "gate"}, lambda officer: officer.authority_id in there)
    berth, absent = Thing({"site": "harbour", "place": "berth"}), Thing({"site": NO_SLUG, "place": NO_SLUG})
    return {"gate": gate, "berth": berth, "absent": absent}


_PUBLIC = Row(ANYBODY, own_form=False, because="nobody is signed in there: another site's form is known by its origin")
_SIGNED = Row(ANYBODY, own_form=False, because="the provider signs every request")
_THREAD = Row(ANYBODY, own_form=False, because="the thread's own token, which tests of threads try")
_POSTER = Row(ANYBODY, holes(code="B7K4X", tag="9XQ2"), own_form=False, because=_PUBLIC.because)

ROWS: dict[str, Row] = {
    "machine.alive": Row(ANYBODY),
    "machine.ready": Row(ANYBODY),
    "poster.show": _POSTER,
    "poster.send": _POSTER,
    "photos.show": Row(ANYBODY, holes(code="B7K4X")),
    "chat.show": _POSTER,
    "chat.send": _POSTER,
    "chat.leave": _POSTER,
    "privacy.show": _PUBLIC,
    "leaving.leave": Row(ANYBODY, opens=(303,)),
    "learn.show": _PUBLIC,
    "learn.find": _PUBLIC,
    "learn.read": Row(ANYBODY, holes(number="11")),
    "thread.ask": _PUBLIC,
    "thread.enter": _PUBLIC,
    "thread.symbol": _PUBLIC,
    "thread.show": Row(ANYBODY, opens=(303,)),
    "thread.write": _THREAD,
    "thread.go_on_by_text": _THREAD,
    "thread.tell_me": _THREAD,
    "thread.leave": _PUBLIC,
    "upload.scripts": Row(ANYBODY, holes(script="worker.js")),
    "upload.look": Row(ANYBODY, holes(capability="none", key="a-key-of-nothing"), opens=(404,)),
    "upload.take": Row(
        ANYBODY, holes(capability="none", key="a-key-of-nothing"), own_form=False, because="the address is a capability"
    ),
    "receiver.show": _PUBLIC,
    "receiver.enter": _PUBLIC,
    "receiver.close": _PUBLIC,
    "receiver.take": Row(ANYBODY, acts=("accept", "decline"), own_form=False, because="a token of its own"),
    "receiver.file": Row(ANYBODY, holes(number="1"), opens=(422,)),
    "texts.message": _SIGNED,
    "texts.status": _SIGNED,
    "practice.show": Row(ANYBODY, opens=(404,)),
    "practice.write": _PUBLIC,
    "sign_in.ask": Row(ANYBODY),
    "sign_in.enter": Row(ANYBODY),
    "sign_in.enter_by_passkey": Row(ANYBODY),
    "sign_in.leave": Row(ANYBODY),
    "second_step.ask": Row(ANYBODY, opens=(200, 303)),
    "second_step.enter": Row(ANYBODY),
    "second_step.set_up": Row(ANYBODY),
    "passkey_questions.anyone": Row(ANYBODY, opens=(200, 404)),
    "passkey_questions.old": Row(ANYBODY, opens=(200, 303, 404)),
    "invitation.ask": Row(ANYBODY),
    "invitation.follow": Row(ANYBODY),
    "account.show": Row(STAFF),
    "account.act": Row(STAFF, acts=tuple(ACCOUNT_ACTS)),
    "account.question": Row(STAFF, opens=(200, 401, 403, 404)),
    "step_up.prove": Row(STAFF),
    "quiz.show": Row(STAFF),
    "quiz.ask": Row(STAFF, holes(number="11")),
    "quiz.answer": Row(STAFF, holes(number="11")),
    "inviting.show": Row(Right.INVITE),
    "inviting.act": Row(Right.INVITE, acts=tuple(INVITING_ACTS)),
    "queues.mine": Row(Right.WORK),
    "queues.lost": Row(Right.WORK),
    "queues.show": Row(Right.WORK, _queues(Right.SEE)),
    "queues.changes": Row(Right.WORK, _queues(Right.SEE)),
    "queues.save_view": Row(Right.WORK),
    "queues.forget_view": Row(Right.WORK),
    "batch.take": Row(Right.WORK),
    "search.show": Row(Right.WORK),
    "cases.show": Row(Right.WORK, _cases(Right.SEE)),
    "cases.file": Row(Right.WORK, _files),
    "files.small": Row(Right.WORK, _files),
    "files.ask": Row(Right.WORK, _files),
    "files.hand_out": Row(Right.WORK, _files),
    "cases.take": Row(Right.WORK, _cases(Right.SEE), acts=(*ACTS, "ready")),
    "looks.look": Row(Right.WORK, _cases(Right.SEE)),
    "contacts.show": Row(Right.WORK, _cases(Right.WORK)),
    "contacts.ask": Row(Right.WORK, _cases(Right.WORK)),
    "contacts.decide": Row(Right.WORK, _cases(Right.WORK)),
    "contacts.see": Row(Right.WORK, _cases(Right.WORK)),
    "evidence.ask": Row(Right.WORK, _cases(Right.WORK)),
    "evidence.pack": Row(Right.WORK, _cases(Right.WORK)),
    "referrals.show": Row(Right.WORK),
    "referrals.one": Row(Right.WORK, _offers),
    "referrals.take": Row(Right.WORK, _offers, acts=("accept", "decline")),
    "referrals.file": Row(Right.WORK, _shared_files),
    "corrections.show": Row(Right.READ_CORRECTIONS),
    "trail.show": Row(Right.READ_TRAIL),
    "watch.board": Row(Right.WORK),
    "watch.act": Row(Right.WORK, _queues(Right.WORK), acts=tuple(WATCH_ACTS)),
    "watch.alarms": Row(Right.WORK),
    "watch.seen": Row(Right.WORK, _cases(Right.SEE)),
    "counter.ask": Row(Right.WORK),
    "counter.enter": Row(Right.WORK),
    "numbers.show": Row(Right.COUNT),
    "numbers.save": Row(Right.COUNT, holes(name="days")),
    "admin.home": Row(Right.ADMINISTER),
    "admin.show": Row(Right.ADMINISTER, _kinds),
    "admin.ask": Row(Right.ADMINISTER, _kinds_to_add),
    "admin.add": Row(Right.ADMINISTER, _kinds_to_add),
    "admin.edit": Row(Right.ADMINISTER, _settings),
    "admin.save": Row(Right.ADMINISTER, _settings),
    "admin.ask_to_close": Row(Right.ADMINISTER, _settings),
    "admin.close": Row(Right.ADMINISTER, _settings),
    "admin.list_changes": Row(Right.ADMINISTER),
    "admin.undo": Row(Right.ADMINISTER, _changes),
    "places.show": Row(Right.ADMINISTER),
    "places.take": Row(Right.ADMINISTER, _sites),
    "places.load": Row(Right.ADMINISTER),
    "plans.mine": Row(Right.WORK),
    "plans.show": Row(Right.WORK, _plans),
    "plans.drawing": Row(Right.WORK, _plans),
    "plan_admin.show": Row(Right.ADMINISTER),
    "plan_admin.add": Row(Right.ADMINISTER),
    "plan_admin.edit": Row(Right.ADMINISTER, _plans),
    "plan_admin.save": Row(Right.ADMINISTER, _plans),
    "plan_admin.remove": Row(Right.ADMINISTER, _plans),
    "place_photos.show": Row(Right.ADMINISTER),
    "place_photos.take": Row(Right.ADMINISTER),
    "place_photos.picture": Row(Right.ADMINISTER, _place_photos),
    "posters.show": Row(Right.KEEP_POSTERS),
    "posters.health": Row(Right.KEEP_POSTERS),
    "posters.one": Row(Right.KEEP_POSTERS, _posters),
    "posters.replace": Row(Right.KEEP_POSTERS, _posters),
    "inspections.round_trip": Row(Right.WORK),
    "inspections.inspect": Row(Right.WORK),
    "inspections.away": Row(Right.WORK),
    "inspections.show_photo": Row(Right.WORK, holes(code="B7K4X", number="1"), opens=(404,)),
    "printing.show": Row(Right.ADMINISTER),
    "printing.picture": Row(Right.ADMINISTER, opens=(404,)),
    "printing.take": Row(Right.ADMINISTER),
    "rules.show": Row(Right.ADMINISTER),
    "rules.ask": Row(Right.ADMINISTER),
    "rules.edit": Row(Right.ADMINISTER, holes(slug="police")),
    "rules.change": Row(Right.ADMINISTER),
    "guides.show": Row(Right.ADMINISTER),
    "guides.edit": Row(Right.ADMINISTER, holes(tongue="zh", number="11")),
    "guides.save": Row(Right.ADMINISTER, holes(tongue="zh", number="11")),
    "words.show": Row(Right.ADMINISTER),
    "words.ask": Row(Right.ADMINISTER),
    "words.edit": Row(Right.ADMINISTER, holes(name=NO_SLUG), opens=(404,)),
    "words.change": Row(Right.ADMINISTER),
    "settings.show": Row(Right.ADMINISTER),
    "settings.take": Row(Right.ADMINISTER),
    "settings.load": Row(Right.ADMINISTER),
}
