"""Files that came with a form: taken after the words are safe, one by one, and told of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from flask import request

from engage import arrivals, files, uploads
from engage.pictures import LARGEST
from engage.web.frame import installation, now

#: Bytes and parts of the largest form that is read. What does not fit of its files is dropped; its words are not.
LARGEST_FORM: Final = 300_000_000
MOST_PARTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of the files of a form: so many are kept, of which so many cannot be shown, and so many were refused.

    Nothing was chosen where all are 0.
    """

    kept: int = 0
    unreadable: int = 0
    refused: int = 0


def allow() -> None:
    """Let the form of this request be as large as its files may be; to be called before it is read."""
    request.max_content_length, request.max_form_parts = LARGEST_FORM, MOST_PARTS


def are_chosen() -> bool:
    """Whether any file came with the form."""
    return any(one.filename for one in request.files.getlist("files"))


def of_report(reference: str) -> tuple[str, Arrived]:
    """Keep the files of the form for a report that is safe, and give what lets more of them follow."""
    opened = installation()
    capability = uploads.capability(opened.vault, reference)
    if not are_chosen():
        return capability, Arrived()
    with opened.database.reading() as session:
        report_id = uploads.report_of(session, opened.vault, capability)
    return capability, keep_all(report_id)


def keep_all(report_id: int) -> Arrived:
    """Keep the files of the form for a report. Whatever is wrong with one changes nothing for the others."""
    chosen = [one for one in request.files.getlist("files") if one.filename]
    kept = unreadable = 0
    opened, as_evidence = installation(), bool(request.form.get("evidence"))
    for one in chosen[: files.AT_ONCE]:
        data = one.stream.read(LARGEST + 1)
        if not data or len(data) > LARGEST:
            continue
        examined = files.examine(data)
        keep = partial(
            files.keep,
            vault=opened.vault,
            report_id=report_id,
            examined=examined,
            now=now(),
            as_evidence=as_evidence,
            key=examined.digest,
        )
        try:
            arrivals.committed(opened.database, keep)
        except files.TooMany:
            break
        kept += 1
        unreadable += not examined.is_readable
    return Arrived(kept, unreadable, len(chosen) - kept)
