"""Whatever anybody does, in any order: a case has exactly one holder, and its reporter one thread without a word lost.

Random acts on the real database: offers to two authorities and a body without an account, answers to them, taking and
giving back, time that passes, the reporter's words, and all the usual acts of a desk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from engage import by_link, cases, desk, intake, offering, referrals, relays, reports, targets
from engage.accounts import Officer
from engage.acting import Refused
from engage.by_link import LinkDead
from engage.config import Settings
from engage.db import add_row
from engage.installation import Installation, open_installation
from engage.intake import MessageArrival
from engage.models import Authority, Case, Message, Queue, Referral, Report, Unit
from engage.offering import To
from engage.referrals import Terms
from engage.shared_copies import Chosen
from engage.taxonomy import CaseStatus, Direction, Disposition, Handling, ReferralState, Responder, Role
from tests import make

QUEUES = {"ben": "gates", "sue": "marine", "carl": "border", "fay": "engines"}
LOGINS = st.sampled_from(sorted(QUEUES))
#: How often a case is told, and how much is done to each.
MANY, FEW = settings(max_examples=40, stateful_step_count=50), settings(max_examples=4, stateful_step_count=30)


def fire_brigade(session: Session) -> None:
    """A third authority, with one queue and one officer."""
    own = {"slug": "fire", "name": "Fire Brigade"}
    authority = add_row(session, Authority, **own)
    unit = add_row(session, Unit, **own, authority_id=authority, responder=Responder.FIRE, mailbox=None)
    add_row(session, Queue, slug="engines", name="Engines", unit_id=unit, authority_id=authority, sealed=False)
    make._member(session, "fay", authority, unit, Role.OFFICER, True)


class OneHolder(RuleBasedStateMachine):
    """A matter that goes from hand to hand. `said` is what its thread must hold."""

    opened: Installation
    port: make.Port
    done: int = 0

    @initialize()
    def told(self) -> None:
        type(self).done += 1
        self.now, self.count, self.turn, self.said = make.NOON, 0, 0, [make.OPEN_FENCE]
        self.receipt = make.report(self.opened, make.OPEN_FENCE)
        with self.opened.database.reading() as session:
            self.officers = {login: self.port.officer(session, login) for login in QUEUES}
            self.root = session.exec(select(Case.id).where(Case.reference == self.receipt.reference)).one() or 0
            last = session.exec(select(Case.id).order_by(col(Case.id).desc())).first()
        assert last == self.root

    def tries(self, act: Callable[[Session], Any]) -> bool:
        """Do something in a transaction; what is refused has changed nothing."""
        type(self).done += 1
        self.now += timedelta(seconds=1)
        try:
            with self.opened.database.transaction() as session:
                act(session)
        except (Refused, cases.CaseMissing, cases.StaleCase, LinkDead):
            return False
        return True

    def reference(self, session: Session, number: int) -> str:
        """One of the cases of this matter."""
        own = session.exec(select(Case.reference).where(Case.id >= self.root).order_by(col(Case.id).desc())).all()
        return own[number % len(own)]

    def who(self, session: Session, login: str, reference: str) -> Officer:
        """An officer of the case's authority, or whoever `login` says, so that the wrong one tries as well."""
        self.turn += 1
        case = session.exec(select(Case).where(Case.reference == reference)).one()
        right = [one for one in self.officers.values() if one.authority_id == case.authority_id]
        return right[self.turn % len(right)] if self.turn % 4 else self.officers[login]

    def of_matter(self, session: Session) -> list[Referral]:
        return list(session.exec(select(Referral).where(Referral.case_id >= self.root).order_by(col(Referral.id))))

    @rule(
        login=LOGINS,
        to=st.sampled_from(["police", "customs", "fire", ""]),
        number=st.sampled_from([0, 0, 0, 1, 2]),
        joint=st.booleans(),
        minutes=st.sampled_from([15, 1440]),
    )
    def offers(self, login: str, to: str, number: int, joint: bool, minutes: int) -> None:
        terms = Terms("Please.", Handling.AMBER, timedelta(minutes=minutes), joint=joint)
        whom = To(to) if to else To(body="Zoo", address="zoo@example.org")

        def act(session: Session) -> None:
            reference = self.reference(session, number)
            about = (session, self.who(session, login, reference), reference, self.now)
            offering.offer(*about, opened=self.opened, to=whom, terms=terms, chosen=Chosen())

        self.tries(act)

    @rule(login=LOGINS, declines=st.sampled_from([False, False, True]))
    def answers_an_offer(self, login: str, declines: bool) -> None:
        def act(session: Session) -> None:
            found = self.of_matter(session)
            if not found:
                return
            last = found[-1]
            if last.token_hash:
                what = "decline" if declines else "accept"
                by_link.act(session, self.opened, last.token_hash, what, "No.", self.now)
            elif declines:
                offering.decline(session, self.officers[login], last.id or 0, self.now, reason="No.")
            else:
                asked = next((one for one in QUEUES if self.officers[one].authority_id == last.to_authority_id), login)
                officer = self.officers[asked]
                offering.accept(session, self.opened, officer, last.id or 0, self.now, queue=QUEUES[asked])

        self.tries(act)

    @rule(
        login=LOGINS,
        number=st.sampled_from([0, 0, 0, 1, 2]),
        what=st.sampled_from(["take_back", "give_back", "complete"]),
    )
    def brings_back(self, login: str, number: int, what: str) -> None:
        def act(session: Session) -> None:
            reference = self.reference(session, number)
            getattr(offering, what)(
                session, self.who(session, login, reference), reference, self.now, reason="Because."
            )

        self.tries(act)

    @rule(what=st.sampled_from(["give-back", "complete", "write"]))
    def acts_by_link(self, what: str) -> None:
        def act(session: Session) -> None:
            linked = [one.token_hash for one in self.of_matter(session) if one.token_hash]
            if linked:
                by_link.act(session, self.opened, linked[-1] or "", what, "Done.", self.now)

        self.tries(act)

    @rule()
    def the_reporter_writes(self) -> None:
        type(self).done += 1
        self.count += 1
        self.now += timedelta(seconds=1)
        words = f"More, {self.count}."
        arrival = MessageArrival(text=words, key=f"{self.root} {self.count}", access_hash=self.receipt.access_hash)
        intake.take_message(self.opened, arrival, self.now)
        self.said.append(words)

    @rule(login=LOGINS, number=st.sampled_from([0, 0, 0, 1, 2]), wait=st.booleans())
    def answers(self, login: str, number: int, wait: bool) -> None:
        self.count += 1
        words = f"Answer, {self.count}."

        def act(session: Session) -> None:
            reference = self.reference(session, number)
            about = (session, self.who(session, login, reference), reference, self.now)
            desk.answer(*about, text=words, wait=wait)

        if self.tries(act):
            self.said.append(words)

    @rule(
        login=LOGINS,
        number=st.sampled_from([0, 0, 0, 1, 2]),
        act=st.sampled_from(
            [
                (desk.claim, {"take_over": True}),
                (desk.release, {}),
                (desk.transfer, {"queue": "marine", "reason": "x"}),
                (desk.close, {"disposition": Disposition.ADVISED}),
                (desk.reopen, {"reason": "x"}),
                (desk.refer, {"to": "The zoo", "reason": "x"}),
            ]
        ),
    )
    def does(self, login: str, number: int, act: tuple[Callable[..., Any], dict[str, Any]]) -> None:
        what, values = act

        def do(session: Session) -> None:
            reference = self.reference(session, number)
            what(session, self.who(session, login, reference), reference, self.now, **values)

        self.tries(do)

    @rule(minutes=st.sampled_from([1, 5, 30, 2000]), looks=st.booleans())
    def time_passes(self, minutes: int, looks: bool) -> None:
        type(self).done += 1
        self.now += timedelta(minutes=minutes)
        if looks:
            referrals.lapse_due(self.opened.database, self.now)

    @invariant()
    def one_holder(self) -> None:
        with self.opened.database.reading() as session:
            found = self.of_matter(session)
            every = session.exec(select(Case).where(Case.id >= self.root)).all()
            by_id = {case.id: case for case in every}
            accepted = {one.case_id: one for one in found if one.state is ReferralState.ACCEPTED}
            assert len(accepted) == sum(one.state is ReferralState.ACCEPTED for one in found)
            holder, above = by_id[self.root], []
            while (holder.id or 0) in accepted and accepted[holder.id or 0].receiving_case_id:
                above.append(holder)
                holder = by_id[accepted[holder.id or 0].receiving_case_id]
            by_link_away = (holder.id or 0) in accepted
            for case in every:
                assert (case.away_at is not None) is (case.id in accepted)
                if case is not holder and case not in above:
                    assert not case.status.is_open
            for case in [*above, *([holder] if by_link_away else [])]:
                assert (case.status, case.alarm_at) == (CaseStatus.REFERRED, None)
                assert case.paused_at is not None
                assert not targets.marks_of(session, case)
            if not by_link_away and holder.status.is_open:
                assert (holder.paused_at is not None) is (holder.status is CaseStatus.WAITING_FOR_REPORTER)
            report = session.exec(select(Report).where(Report.reference == self.receipt.reference)).one()
            held = relays.held(session, report)
            assert held.case_id == holder.id
            assert relays.told(session, held).id == report.id
            seers = [login for login, one in self.officers.items() if one.authority_id == holder.authority_id]
            assert seers
            for login in QUEUES:
                for case in every:
                    mine = self.officers[login].authority_id == case.authority_id
                    assert _sees(session, self.officers[login], case) is mine

    @invariant()
    def one_thread(self) -> None:
        with self.opened.database.reading() as session:
            thread = reports.read_thread(session, self.receipt.access_hash)
            assert [said.text for said in thread.messages if said.from_reporter or said.by_officer] == self.said
            report = session.exec(select(Report).where(Report.reference == self.receipt.reference)).one()
            held = relays.held(session, report)
            heard = select(Message.text).where(
                Message.report_id == held.id,
                Message.case_id == held.case_id,
                Message.direction == Direction.FROM_REPORTER,
            )
            mine = session.exec(heard.order_by(col(Message.id))).all()
            told = [words for words in self.said if words.startswith("More")]
            assert list(mine) == told[len(told) - len(mine) :]
            if held.id == report.id:
                assert len(mine) == len(told)


def _sees(session: Session, officer: Any, case: Case) -> bool:
    try:
        return cases.find_case(session, officer, case.reference).id == case.id
    except cases.CaseMissing:
        return False


@pytest.fixture
def quick(settings: Settings, sqlite_template: Path) -> Iterator[Installation]:
    """An installation whose SQLite file is in memory, where there is such a folder: this is not about durability."""
    if settings.database_url:
        opened = open_installation(settings)
        yield opened
        opened.database.dispose()
        return
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        (Path(folder) / "engage.sqlite3").write_bytes(sqlite_template.read_bytes())
        opened = open_installation(make.settings(data_dir=Path(folder)))
        yield opened
        opened.database.dispose()


def test_a_case_has_exactly_one_holder_whatever_is_done(quick: Installation) -> None:
    with quick.database.transaction() as session:
        port = make.port(session)
        fire_brigade(session)
    many = quick.database.is_sqlite

    class Machine(OneHolder):
        opened = quick

    Machine.port = port
    chosen = settings(
        MANY if many else FEW,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    run_state_machine_as_test(Machine, settings=chosen)
    with quick.database.reading() as session:
        states = set(session.exec(select(Referral.state)))
        was_on = session.exec(select(Referral.id).where(col(Referral.case_id).in_(_received()))).all()
    assert Machine.done > (1500 if many else 80)
    assert states == set(ReferralState) or not many, states
    assert was_on or not many


def _received() -> Any:
    return select(Referral.receiving_case_id).where(col(Referral.receiving_case_id).is_not(None))
