"""At the end every word goes, not only the sealed ones: letters, references, reasons (R10)."""

from __future__ import annotations

import pytest

from complaints import actions, queries
from complaints.models import Complaint, ErasureProof
from facilities.models import Department, Transfer
from portal.core import attachments, outbox
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import Attachment, OfficialPaper, User
from tests import makers, register
from tests.complaints import makers as make
from tests.complaints.makers import AT, actor
from tests.complaints.test_canary import tables

pytestmark = pytest.mark.django_db
# Words of officials that lie open while the case is kept, each of which may point at somebody.
WORDS = {
    "letter": "二楼小班的家长反映退费", "answer": "已约谈家长并退费", "unit": "北街的派出所",
    "taker": "接报民警甲", "said": "说明已电话核实", "asked": "请说明二楼小班的退费",
    "said_back": "二楼小班已经退费", "tie": "与反映人是同楼邻居", "look": "约他面谈退费的事",
    "order": "GD-77001", "title": "二楼小班退费", "summary": "反映二楼小班没有退费",
}  # fmt: skip


def lived(duty: User, second: User) -> Complaint:
    """A red case with reports, a letter and its answer, a statement with a file, a tie, a look."""
    facility = register.facility()
    operator = make.member_of(facility)
    by, other = actor(duty), actor(second)
    made = make.complaint(
        "C1", facility=facility, contact=make.CONTACT, external_number=WORDS["order"],
        files=[attachments.inspected(makers.jpeg())],
    )  # fmt: skip
    told = make.report(unit=WORDS["unit"], reference=WORDS["taker"], note=WORDS["said"])
    actions.record_report(made, told, by=by, at=AT)
    again = make.report(unit=WORDS["unit"], reference="JJ-77")
    actions.record_report(made, again, by=by, at=AT)
    made = actions.accept_complaint(
        made, "critical", by=by, at=AT, title=WORDS["title"], summary=WORDS["summary"]
    )
    made = actions.assign_complaint(made, duty, by=by, at=AT)
    wish = actions.ask_contact(made, WORDS["look"], by=by, at=AT)
    actions.open_contact(actions.grant_contact(wish, by=other, at=AT), by=by, at=AT)
    actions.declare_tie(WORDS["tie"], complaint=made, by=actor(make.duty()), at=AT)
    asked = actions.request_statement(made, WORDS["asked"], by=by, at=AT)
    asked = actions.hand_back_statement(asked, WORDS["said"], by=other, at=AT)
    asked = actions.rewrite_statement(asked, WORDS["asked"], by=by, at=AT)
    asked = actions.release_statement(asked, by=other, at=AT)
    paper = attachments.inspected(makers.pdf())
    actions.answer_statement(asked, WORDS["said_back"], files=[paper], by=actor(operator), at=AT)
    made.refresh_from_db()
    to = Department.objects.earliest("position")
    letter = actions.refer_complaint(made, to, WORDS["letter"], by=by, at=AT)
    outbox.drain(AT)  # the letter is drawn
    actions.note_referral_receipt(made, letter, AT.date(), by=by, at=AT)
    actions.note_referral_result(made, letter, AT.date(), WORDS["answer"], by=by, at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "依据", "答复", by=by, at=AT)
    return actions.approve_reply(made, by=other, at=AT)


def words_in_tables() -> set[str]:
    text = "\n".join(rows for _name, rows in tables())
    return {name for name, words in WORDS.items() if words in text}


@pytest.mark.proves("prod:L9", "sec:C11")
def test_letters_references_and_reasons_go_with_the_key_and_the_proof_counts_them() -> None:
    duty, second = make.duty(), make.duty()
    made = lived(duty, second)
    plain = words_in_tables()
    assert plain >= set(WORDS) - {"said"}, "the control: before, they lie there"
    letter = Transfer.objects.of(made).get()
    drawn = [letter.paper.pdf_key, letter.paper.png_key]
    theirs = Attachment.objects.of(made.statements.get()).get().storage_key
    assert all(store.exists(key) for key in (*drawn, theirs))
    proof = actions.erase_complaint(made, at=AT)
    assert words_in_tables() == set()
    assert not any(store.exists(key) for key in (*drawn, theirs))
    assert (proof.files, proof.papers, len(proof.digest)) == (2, 4, 64)
    assert not Attachment.objects.of(made.statements.get()).exists()
    newest = queries.steps_of(Complaint.objects.get(pk=made.pk))[0]
    assert newest.text.startswith("内容已销毁：往来")
    assert newest.text.endswith(proof.digest)


def test_what_is_left_of_a_letter_is_a_sheet_that_says_so() -> None:
    made = lived(make.duty(), make.duty())
    number = Transfer.objects.of(made).get().number
    actions.erase_complaint(made, at=AT)
    outbox.drain(AT)
    paper = OfficialPaper.objects.get(number=number)
    assert paper.is_valid
    assert paper.pdf_key
    assert store.exists(paper.pdf_key)
    assert "按期销毁" in str(paper.data)
    reports = made.reports.values_list("organ", "reference", "reported_at")
    assert [row[0] for row in reports] == ["police", "police"]
    assert len({row[1] for row in reports}) == 2


@pytest.mark.proves("prod:L8")
def test_a_hold_keeps_the_letters_too() -> None:
    duty = make.duty()
    made = lived(duty, make.duty())
    made = actions.hold_complaint(made, "进入诉讼", by=actor(duty), at=AT)
    before = words_in_tables()
    with pytest.raises(actions.Held):
        actions.erase_complaint(made, at=AT)
    assert words_in_tables() == before
    assert not ErasureProof.objects.exists()


def test_the_complainant_who_comes_back_reads_that_it_is_gone() -> None:
    made = lived(make.duty(), make.duty())
    actions.erase_complaint(made, at=AT)
    made = Complaint.objects.get(pk=made.pk)
    assert Actor.code_holder(made).holds == made.pk
    assert made.told == {}
    assert {each.text for each in queries.messages_of(made)} == {""}
