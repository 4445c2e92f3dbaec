import unicodedata

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
FOREIGN = {
    "fr 0": (
        "Pendant l'hiver dernier, j'ai dû comprendre pourquoi les commandes arrivaient en retard chez nos "
        "clients. J'ai lu tous les journaux d'erreurs, j'ai parlé avec l'équipe de l'entrepôt et j'ai "
        "remplacé l'imprimante qui s'était arrêtée. Depuis, l'attente est passée de douze jours à trois, et "
        "l'usine n'a plus d'arrêt."
    ),
    "fr 1": (
        "L'an dernier l'entreprise m'a demandé d'analyser l'origine d'un incident. C'est moi qui l'ai fait. "
        "J'ai contacté l'ingénieur, qu'on n'avait jamais interrogé, et on a découvert qu'il y avait une "
        "erreur. On a corrigé le code, on a écrit des tests, et le client était content du résultat."
    ),
    "it 0": (
        "L'anno scorso mi è stato chiesto di capire perché gli ordini arrivavano sempre in ritardo. Ho "
        "letto tutti i registri, ho parlato con i colleghi del magazzino e ho sostituito la stampante che "
        "non funzionava da una settimana. Da allora l'attesa è scesa da dodici giorni a tre e nessuno si "
        "lamenta più."
    ),
    "it 1": (
        "Nell'inverno del 2021 l'azienda aveva un problema con l'importazione dei dati. Sono stato "
        "incaricato dell'analisi e ho deciso d'intervenire subito. Ho scritto un nuovo programma, l'ho "
        "provato con l'aiuto della squadra e alla fine abbiamo ridotto gli errori del quaranta per cento in "
        "due mesi."
    ),
    "pt 0": (
        "No inverno passado pediram-me que descobrisse por que os pedidos chegavam sempre com atraso. Li "
        "todos os registos, falei com os colegas do armazém e troquei a impressora que estava parada havia "
        "uma semana. Desde então a espera caiu de doze dias para três e ninguém se queixou mais."
    ),
    "pt 1": (
        "Eu era o responsável pela migração do sistema de pagamentos na minha empresa. O prazo era curto e "
        "a equipe não tinha experiência. Fiz um plano com as tarefas de cada um, conversei com os clientes "
        "e acompanhei o trabalho todos os dias até o fim do projeto, que foi um sucesso."
    ),
    "es 0": (
        "El invierno pasado me pidieron que averiguara por qué los pedidos llegaban siempre tarde. Leí "
        "todos los registros, hablé con mis compañeros del almacén y cambié la impresora que llevaba una "
        "semana parada. Desde entonces la espera bajó de doce días a tres y nadie se ha vuelto a quejar."
    ),
    "de 0": (
        "Im letzten Winter sollte ich herausfinden, warum die Bestellungen in unserem Lager immer zu spät "
        "ankamen. Ich habe alle Protokolle gelesen, mit den Kollegen gesprochen und den Drucker ersetzt, "
        "der seit einer Woche stillstand. Seitdem ist die Wartezeit von zwölf Tagen auf drei gefallen, und "
        "niemand beschwert sich mehr."
    ),
    "nl 0": (
        "Vorige winter moest ik uitzoeken waarom de bestellingen in ons magazijn altijd te laat waren. Ik "
        "heb alle logboeken gelezen, met de collega's gesproken en de printer vervangen die al een week "
        "stil stond. Sindsdien is de wachttijd van twaalf dagen naar drie gegaan en is er niemand meer die "
        "klaagt."
    ),
    "nl 1": (
        "We hadden in 2020 een probleem met de import. Ik was de lead van het team en wilde weten wat er "
        "was. We hebben een test gedaan in de nacht en het was de server. Ik heb hem over laten zetten en "
        "we hadden in een week geen fout meer in het systeem."
    ),
    "pl 0": (
        "Zeszłej zimy miałem sprawdzić, dlaczego zamówienia w naszym magazynie zawsze przychodziły za "
        "późno. Przeczytałem wszystkie dzienniki, porozmawiałem z kolegami i wymieniłem drukarkę, która od "
        "tygodnia nie działała. Od tego czasu oczekiwanie spadło z dwunastu dni do trzech i nikt się już "
        "nie skarży na nas."
    ),
    "sv 0": (
        "Förra vintern skulle jag ta reda på varför beställningarna i vårt lager alltid kom för sent. Jag "
        "läste alla loggar, pratade med kollegorna och bytte skrivaren som hade stått stilla i en vecka. "
        "Sedan dess har väntan gått från tolv dagar till tre och det är ingen som klagar längre."
    ),
    "da 0": (
        "Sidste vinter skulle jeg finde ud af hvorfor ordrerne i vores lager altid kom for sent. Jeg læste "
        "alle logfiler, talte med kollegerne og skiftede printeren, som havde stået stille i en uge. Siden "
        "da er ventetiden gået fra tolv dage til tre, og der er ikke nogen der klager mere over det."
    ),
}
HARD_ENGLISH = {
    "notes": (
        "legacy import broke again. checked logs, found bad encoding from vendor feed. wrote parser patch, "
        "tested on 400 files, shipped friday. errors dropped 90 percent. customer renewed. learned: "
        "validate input first, talk to vendor early, keep runbook. next time start with the log"
    ),
    "names": (
        "Me and Priya Raghunathan, Wojciech Szczęsny, José María de la Cruz and Ana van der Berg from Banco "
        "do Brasil went to São Paulo for Projeto Alfa; I led the talks with Crédit Agricole and Deutsche "
        "Bank, then wrote the plan and signed it with Île-de-France Mobilités in May."
    ),
    "a learner's": (
        "In last year I have problem with client, he want the feature very fast and team no have time. I "
        "make decision to speak with him and I explain him the situation. After he accept, we do the plan "
        "in two week and all is good. I learn that is better to speak early."
    ),
    "headed notes": (
        "Situation: payroll run failing, 3 regions. Task: fix before Friday. Action: pulled logs, paired "
        "with DBA, rewrote batch job, added alerts. Result: run time 4h -> 35 min, zero missed payments "
        "since. Learning: measure first. Would do load test earlier next time, and involve finance from day "
        "one."
    ),
}
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


def without_accents(text: str) -> str:
    split = unicodedata.normalize("NFD", text.translate(str.maketrans("łøßæ", "losa")))
    return "".join(char for char in split if not unicodedata.combining(char))


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("write", [str, without_accents, str.upper, lambda text: text.replace("'", "’")])
def test_no_other_language_passes_for_english_with_or_without_its_accents_and_apostrophes(text, write):
    assert find_obstacle(write(text)) == "The story does not read as English; only English stories can be assessed."


@pytest.mark.parametrize("text", HARD_ENGLISH.values(), ids=HARD_ENGLISH)
def test_english_with_few_small_words_many_names_or_a_learner_s_grammar_is_assessed(text):
    assert find_obstacle(text) is None
