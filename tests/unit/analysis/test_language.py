import pytest

from app.analysis.language import find_obstacle
from tests.unit.analysis.corpus import SETS, load_stories

ENGLISH = "I was asked to look into the late orders, and I found that the printer had been off for a week."
GERMAN = (
    "Im letzten Winter sollte ich die Ausfälle in unserem Lager untersuchen. Ich habe die Protokolle gelesen, mit "
    "den Kollegen gesprochen und den Drucker ausgetauscht, sodass die Bestellungen wieder pünktlich ankamen."
)
FRENCH = (
    "Pendant cette période les commandes arrivaient toujours en retard. Nous avons donc lu tous les journaux avec nos "
    "collègues, nous avons ensuite changé la vieille imprimante, puis tout est rentré dans son état normal."
)
SPANISH = (
    "El invierno pasado me pidieron que averiguara por qué llegaban tarde los pedidos. Leí los registros, hablé con "
    "mis compañeros y cambié la impresora, y desde entonces los pedidos llegan a tiempo."
)
GIBBERISH = "qwf zxcv plmk trewq gfdsa hjkl mnbv poiu ytre wqas dfgh jklm nbvc xzaq swde frgt hyju kilo"


def test_an_english_story_has_no_obstacle():
    assert find_obstacle(ENGLISH) is None


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u2003\u00a0"])
def test_an_empty_story_says_so(text):
    assert find_obstacle(text) == "The story is empty."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I fixed it.", 3),
        ("12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12", 0),
        ("👩‍👩‍👧‍👦 " * 30, 0),
        ("I " * 14, 14),
    ],
)
def test_a_story_of_a_few_words_is_told_how_many_it_has(text, words):
    assert find_obstacle(text) == f"The story has {words} words; at least 15 are needed to assess anything."


@pytest.mark.parametrize("text", [GERMAN, FRENCH, SPANISH, GIBBERISH])
def test_another_language_in_latin_letters_does_not_read_as_english(text):
    assert find_obstacle(text) == "The story does not read as English; only English stories can be assessed."


@pytest.mark.parametrize(
    "text",
    [
        "去年冬天我负责调查订单延误的原因。我阅读了所有日志，并与同事讨论，最后更换了打印机，订单又准时到达了。",
        "في الشتاء الماضي طُلب مني أن أعرف سبب تأخر الطلبات، فقرأت السجلات وتحدثت مع زملائي وغيرت الطابعة.",
        "पिछली सर्दियों में मुझसे कहा गया कि मैं देर से आने वाले ऑर्डर की वजह पता करूँ, इसलिए मैंने सारे लॉग पढ़े।",
        "Прошлой зимой меня попросили выяснить, почему заказы опаздывают, и я прочитал все журналы и заменил принтер.",
        "昨年の冬、注文が遅れる理由を調べるように言われたので、ログを読み、プリンターを交換しました。",
    ],
)
def test_other_letters_are_told_apart_even_where_no_space_parts_the_words(text):
    assert find_obstacle(text) == ("The story is not written in Latin letters; only English stories can be assessed.")


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH.upper(),
        ENGLISH.replace("I", "i"),
        f"{ENGLISH} My colleague wrote „Alles läuft wieder“ to me, and the café’s owner said 谢谢.",
        "## Situation\n- was asked to fix the late orders\n## Action\n- read the logs and swapped the old printer out",
        f"```\n{ENGLISH}\n```",
        ENGLISH.replace(" ", "\u00a0"),
    ],
)
def test_english_in_another_dress_is_english(text):
    assert find_obstacle(text) is None


@pytest.mark.parametrize("name", SETS)
def test_no_labelled_story_is_refused(name):
    assert [story.path for story in load_stories(name) if find_obstacle(story.text)] == []
