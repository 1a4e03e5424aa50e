"""One thread across authorities: while a case is away, what its reporter says reaches whoever has it, and back.

The receiver works on a case of its own, whose reports are copies of what was shared. A reporter reads and writes in
the thread of the original alone. So each message after the referral is a row of the original, which the reporter
reads, and a row of each copy, which the holder reads. What the sender may not see meanwhile, because the case is not
joint, is counted to the holder's case until it comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.models import Authority, Case, Message, Referral, Report, ReportCopy
from engage.taxonomy import ReferralState


@dataclass(frozen=True, slots=True)
class Link:
    """A report on its way from the reporter to the holder, and the case to which its new messages are counted."""

    report: Report
    case_id: int


@dataclass(frozen=True, slots=True)
class Tie:
    """A referral that is not over, as the acts of the desk must know it; `name` is the other side's."""

    referral: Referral
    name: str

    @property
    def by_link(self) -> bool:
        """Whether the receiver has no account here."""
        return self.referral.to_authority_id is None


def held(session: Session, report: Report) -> Report:
    """The report that whoever has the work reads: its copy in the receiver's case, as long as it is away."""
    while (step := _down(session, report)) is not None:
        report = step[0]
    return report


def told(session: Session, report: Report) -> Report:
    """The report whose thread the reporter reads."""
    while (above := _up(session, report)) is not None:
        report = above
    return report


def held_case(session: Session, report: Report) -> Case:
    """The case in which the report is worked on now."""
    return session.get_one(Case, held(session, report).case_id)


def way(session: Session, report: Report) -> list[Link]:
    """All rows of one message: of the reporter's own report first, of the holder's copy last."""
    reports, joints = [told(session, report)], []
    while (step := _down(session, reports[-1])) is not None:
        reports.append(step[0])
        joints.append(step[1])
    holders = reports[-1].case_id
    shown = [one.case_id if joint else holders for one, joint in zip(reports, joints, strict=False)]
    return [Link(one, case_id) for one, case_id in zip(reports, [*shown, holders], strict=True)]


def sees_along(session: Session, report: Report) -> list[int]:
    """The cases of those who read along while another authority has the case."""
    return [link.case_id for link in way(session, report)[:-1] if link.case_id == link.report.case_id]


def below(session: Session, case_id: int) -> list[int]:
    """The receivers' cases that hang on a case that is away, the newest first: in this order everybody locks them."""
    found: list[int] = []
    while True:
        query = select(Referral.receiving_case_id).where(
            Referral.case_id == (found[-1] if found else case_id), Referral.state == ReferralState.ACCEPTED
        )
        following = session.exec(query).first()
        if following is None:
            return found[::-1]
        found.append(following)


def bring_home(session: Session, case_id: int) -> None:
    """What was said while a case was away stands in it from now on."""
    own = sa.select(col(Report.id)).where(col(Report.case_id) == case_id)
    session.flush()
    session.connection().execute(sa.update(Message).where(col(Message.report_id).in_(own)).values(case_id=case_id))
    session.expire_all()


def offered_or_away(session: Session, case_id: int) -> Tie | None:
    """The referral of a case that waits for an answer or was accepted, if there is one."""
    query = select(Referral).where(Referral.case_id == case_id, _not_over())
    found = session.exec(query).first()
    return Tie(found, receiver_name(session, found)) if found else None


def received(session: Session, case_id: int) -> Tie | None:
    """The referral by which a case came, however it stands now, if it came by one."""
    query = select(Referral).where(Referral.receiving_case_id == case_id).order_by(col(Referral.id).desc())
    found = session.exec(query).first()
    return Tie(found, session.get_one(Authority, found.from_authority_id).name) if found else None


def is_tied(session: Session, case_id: int) -> bool:
    """Whether a case is offered, away, or came from another authority that waits for it."""
    mine = sa.or_(col(Referral.case_id) == case_id, col(Referral.receiving_case_id) == case_id)
    return session.exec(select(Referral.id).where(mine, _not_over()).limit(1)).first() is not None


def receiver_name(session: Session, referral: Referral) -> str:
    """What the receiver is called."""
    if referral.to_authority_id is None:
        return referral.body
    return session.get_one(Authority, referral.to_authority_id).name


def _not_over() -> sa.ColumnElement[bool]:
    return col(Referral.state).in_((ReferralState.OFFERED, ReferralState.ACCEPTED))


def _down(session: Session, report: Report) -> tuple[Report, bool] | None:
    """The copy of a report in the next case, and whether the case is joint; None where it is not away."""
    if session.get_one(Case, report.case_id).away_at is None:
        return None
    query = (
        select(Report, Referral.joint)
        .join(ReportCopy, col(ReportCopy.copy_id) == Report.id)
        .join(Referral, col(Referral.id) == ReportCopy.referral_id)
        .where(ReportCopy.original_id == report.id, Referral.state == ReferralState.ACCEPTED)
    )
    return session.exec(query).first()


def _up(session: Session, report: Report) -> Report | None:
    """The report of which this is the copy, as long as the referral lasts."""
    query = (
        select(Report)
        .join(ReportCopy, col(ReportCopy.original_id) == Report.id)
        .join(Referral, col(Referral.id) == ReportCopy.referral_id)
        .where(ReportCopy.copy_id == report.id, Referral.state == ReferralState.ACCEPTED)
    )
    return session.exec(query).first()
