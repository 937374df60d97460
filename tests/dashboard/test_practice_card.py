import re
from dataclasses import replace

import pytest

from signcore.dashboard.practice_card import answer_html, card_html, quiz_html
from signcore.feedback import Feedback, Verdict
from signcore.practice import Mode, Moment
from signcore.predictor import SequencePredictor
from signcore.quiz import QuizMoment, check
from signcore.recognizer import Recognizer, Snapshot, Status
from signcore.settings import Settings
from signcore.verification import Verification
from tests.hands import make_hand

MOMENT = Moment(
    "HELLO", done=2, asked="L", verification=Verification(0.8, 0.5, False), letters=2, streak=2,
    feedback=Feedback(Verdict.CLOSE, 0.8, "thumb", "Put the thumb <out>.", "A"),
)  # fmt: skip


@pytest.fixture
def snapshot(predictor: SequencePredictor) -> Snapshot:
    blank = Recognizer(predictor, Settings()).snapshot
    return replace(blank, hand=make_hand(), status=Status.READING)


def test_the_card_says_what_is_asked_and_how_it_goes(snapshot: Snapshot) -> None:
    html = card_html(MOMENT, Mode.WORDS, snapshot, running=True, at_s=12.5)
    assert 'data-asked="L"' in html
    assert 'data-at="12500"' in html
    assert "--sc-held:50%" in html
    assert "width:80%" in html
    assert html.count('class="sc-right"') == 2
    assert "Put the thumb &lt;out&gt;." in html
    assert "2 signed · 2 in a row" in html
    sample = card_html(MOMENT, Mode.WORDS, snapshot, running=True, sample=True)
    assert '<div class="sc-score">Sample</div>' in sample


def test_a_skipped_letter_does_not_look_signed(snapshot: Snapshot) -> None:
    html = card_html(replace(MOMENT, skipped=(1,)), Mode.WORDS, snapshot, running=True)
    assert '<span class="sc-right">H</span><span class="sc-skipped">E</span><span class="sc-now">L</span>' in html


def test_a_card_at_rest_shows_no_hand_and_no_probability(snapshot: Snapshot) -> None:
    html = card_html(MOMENT, Mode.WORDS, snapshot, running=False)
    assert 'data-hand="null"' in html
    assert "width:0%" in html
    assert "Start the camera" in html


def test_trouble_comes_first(snapshot: Snapshot) -> None:
    html = card_html(MOMENT, Mode.WORDS, snapshot, running=True, trouble="No pictures & no hand.")
    assert "No pictures &amp; no hand." in html
    assert "thumb" not in html


def test_a_word_that_is_done_is_praised_and_a_round_is_counted(snapshot: Snapshot) -> None:
    done = replace(MOMENT, done=5, asked=None)
    assert "Well done!" in card_html(done, Mode.WORDS, snapshot, running=True)
    over = replace(MOMENT, asked=None, finished=True, letters=31, best_streak=12, remaining_s=0.0)
    assert "31 letters in a minute. Best row: 12." in card_html(over, Mode.SPEED, snapshot, running=True)


def test_an_answer_marks_what_was_read() -> None:
    html = answer_html(check("CAT", " c o t"))
    assert [re.findall(r'<td class="sc-(\w+)">(.)</td>', row) for row in html.split("</tr>")[:2]] == [
        [("right", "C"), ("wrong", "A"), ("right", "T")],
        [("right", "C"), ("wrong", "O"), ("right", "T")],
    ]
    assert "2 of 3 letters right." in html
    assert "·" in answer_html(check("CAT", "CT"))
    assert "All right!" in answer_html(check("CAT", "cat"))
    assert "<b" not in answer_html(check("CAT", "<b>"))


def test_the_card_of_a_quiz_says_what_to_do_and_how_it_went(snapshot: Snapshot) -> None:
    moment = QuizMoment("CAT", number=2, right=1)
    assert "Start the camera" in quiz_html(moment, snapshot, running=False)
    assert "Show your hand" in quiz_html(moment, snapshot, running=True)
    played = replace(moment, began_s=1.0, played_s=1.0)
    assert "SPACE skips" in quiz_html(played, snapshot, running=True)
    signing = quiz_html(replace(played, signed="CO"), replace(snapshot, letter="O", confidence=0.8), running=True)
    assert 'data-signed="CO"' in signing
    assert '<div class="sc-target">O</div>' in signing
    assert "CAT" not in signing
    assert "1 of 2 words read" in signing
    answered = quiz_html(replace(played, answer=check("CAT", "COT")), snapshot, running=True)
    assert "You signed COT: 2 of 3 letters right. The next word comes by itself." in answered
    assert '<span class="sc-wrong">A</span>' in answered
    assert "1 of 3 words read" in answered
    assert "No &lt;hand&gt;" in quiz_html(moment, snapshot, running=True, trouble="No <hand>")
