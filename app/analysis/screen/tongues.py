"""Know a plea to the grader in languages other than English."""

import re

from app.analysis.lazily import Pattern
from app.analysis.small_words import ENGLISH

_PLEAS = (
    # German, Dutch, Swedish, Danish, Norwegian
    (
        r"\b(?:ignorier\w*|missacht\w*|vergiss|vergessen sie|beacht\w+ .{0,30}nicht|negeer|vergeet|ignorera|"
        r"glöm|ignorer)\b.{0,60}\b(?:anweisung\w*|instruktion\w*|regeln?|vorgaben|instructies?|"
        r"regels|instruktioner\w*|instrukser\w*|bewertungs\w*|kriterien|prompts?)"
    ),
    (
        r"\b(?:gib|geben sie|vergib|bewerte\w*|bewerten sie|geef|beoordeel|ge|betygsätt|giv|vurder|setze|"
        r"trage)\b.{0,60}\b(?:punkt\w*|höchst\w*|bestnote|note|stärke|bewertung|volle\w*|maximal\w*|"
        r"maximum|score|hoogste|cijfer|högsta|betyg|poäng|høyeste|5|fünf|vijf|fem)\b"
    ),
    # French
    (
        r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|"
        r"tenez) pas compte|négligez|annule[zr]?)\b.{0,60}\b(?:instructions?|"
        r"consignes?|règles?|critères?|directives?)"
    ),
    (
        r"\b(?:donne[zr]?|attribue[zr]?|mets|mettez|"
        r"note[zr]?|évalue[zr]?|accorde[zr]?)\b.{0,60}\b(?:maximale?|"
        r"note|score|5|cinq|meilleure?|points?|parfaite?|élevée?)\b"
    ),
    # Spanish, Portuguese, Italian, Catalan, Romanian
    (
        r"\b(?:ignor[aeo]\w*|olvid[ae]\w*|desconsider[ae]\w*|esque[çc]\w+|dimentica\w*|no sigas|não siga|"
        r"omite|trascura\w*|oblida\w*)\b.{0,60}\b(?:instruccion\w*|"
        r"reglas|criterios|instruç\w+|regras|critérios|istruzion\w*|regole|criteri|indicaciones|"
        r"instruc\w*|reguli\w*|anterior\w*|precedent\w*)"
    ),
    (
        r"\b(?:d[aá]|dale|dame|otorg\w+|asign\w+|punt[uú]\w+|califi\w+|evalú\w+|dê|dá|atribu\w+|avali\w+|"
        r"assegn\w+|dai|dammi|valut\w+|concedi|pon|coloque|metti)\b.{0,60}\b(?:puntuaci[oó]n|"
        r"m[aá]xim[ao]|calificaci[oó]n|nota|pontuaç\w+|punteggio|massim[oa]|voto|5|cinco|cinque|"
        r"puntos|excelente)\b"
    ),
    # Polish, Czech, Slovak, Croatian
    (
        r"\b(?:zignoruj|ignoruj\w*|pomi[nń]\w*|zapomnij|"
        r"zapome[nň]\w*|zanemari|zaboravi)\b.{0,60}\b(?:instrukcj\w+|"
        r"polece[nń]\w*|zasad\w*|pokyn\w*|instrukc\w*|pravidl\w*|upute|pravila|kryteri\w+)"
    ),
    (
        r"\b(?:daj|przyznaj|oce[nń]\w*|wystaw|dej|"
        r"ud[eě]l\w*|ohodno[tť]\w*|dodijeli)\b.{0,60}\b(?:najwy[zż]sz\w+|"
        r"maksymaln\w+|ocen\w*|punkt\w*|nejvy[sš]\w+|maxim\w+|hodnocen\w+|najvi[sš]\w+|5|pi[eę][cć])\b"
    ),
    # Turkish, Indonesian, Vietnamese, Finnish, Hungarian, Swahili
    (
        r"(?:talimat|kural|yönerge)\w*.{0,30}(?:yok say|görmezden|unut|dikkate alma)|(?:en yüksek|"
        r"tam) puan|puan\w* (?:ver|5)"
    ),
    (
        r"\b(?:abaikan|lupakan)\b.{0,50}\b(?:instruksi|perintah|aturan)|\bberi(?:kan)?\b.{0,40}\b(?:nilai|"
        r"skor|tertinggi|maksimal)"
    ),
    r"bỏ qua.{0,40}(?:hướng dẫn|chỉ dẫn|quy tắc|lệnh)|(?:cho|chấm).{0,30}(?:điểm|tối đa)",
    r"\b(?:ohita|unohda)\b.{0,40}\b(?:ohjee\w*|sään\w+)|\banna\b.{0,40}\b(?:pist\w+|täydet|korkein)",
    (
        r"(?:hagyd figyelmen kívül|felejtsd el).{0,50}(?:utasítás|szabály)|\badj\w*\b.{0,40}(?:pont|maximális|"
        r"ötös|legmagasabb)"
    ),
    r"\bpuuza\b.{0,40}\bmaagizo|\btoa\b.{0,30}\balama\b",
    # Russian, Ukrainian, Bulgarian, Serbian, Greek
    (
        r"(?:игнориру\w*|забудь\w*|пренебрег\w*|ігнору\w*|"
        r"игнорирай\w*|забрави|занемари\w*).{0,60}(?:инструкц\w*|правил\w*|указани\w*|інструкц\w*|упутств\w*|"
        r"критери\w*)"
    ),
    (
        r"(?:постав\w*|дай\w*|присво\w*|оцени\w*|оціни\w*).{0,60}(?:балл\w*|"
        r"оценк\w*|максим\w*|высш\w*|бал\w*|оцінк\w*|5|пять|пятёрк\w*)"
    ),
    (
        r"(?:αγνόησε|αγνοήστε|ξέχασε).{0,60}(?:οδηγί\w+|"
        r"κανόν\w+|εντολ\w+)|(?:δώσε|βαθμολόγησε).{0,50}(?:βαθμ\w*|μέγιστ\w*|άριστα|5)"
    ),
    # Chinese, Japanese, Korean
    r"(?:忽略|无视|無視|忘记|忘記|不要理会|跳过).{0,20}(?:指令|指示|规则|規則|提示|说明|要求|标准)|(?:给|給|打|评|評).{0,16}(?:满分|滿分|最高|5分|五分|高分)",
    r"(?:指示|命令|ルール|プロンプト|規則).{0,12}(?:無視|忘れ)|(?:満点|最高点|最高評価|5点|高評価)",
    r"(?:지시|명령|규칙|프롬프트|지침).{0,14}(?:무시|잊)|(?:만점|최고 ?점수|최고점|5점)",
    # Arabic, Persian, Hebrew, Urdu
    (
        r"(?:تجاهل|تجاهلوا|انس|نادیده).{0,40}(?:تعليمات|التعليمات|الأوامر|القواعد|دستور)|(?:أعط|"
        r"اعط|امنح|قيّم|قيم).{0,40}(?:درجة|الدرجة|أعلى|تقييم|الكاملة)|دستور\S*.{0,30}نادیده"
    ),
    r"(?:התעלם|התעלמי|התעלמו|שכח).{0,40}(?:ההוראות|הוראות|הכללים)|(?:תן|תני|תנו|דרג).{0,30}(?:ציון|מקסימל|הגבוה|5)",
    # Hindi, Bengali, Thai
    (
        r"(?:निर्देश|नियम|आदेश)\S*.{0,30}(?:अनदेखा|"
        r"नज़रअंदाज़|नजरअंदाज|भूल)|(?:अनदेखा|नज़रअंदाज़).{0,30}निर्देश|"
        r"(?:अधिकतम|पूरे|सर्वोच्च|उच्चतम).{0,16}(?:अंक|स्कोर|रेटिंग)|निर्देशना|নির্দেশ\S*.{0,20}উপেক্ষা"
    ),
    r"(?:ละเว้น|เพิกเฉย|ไม่ต้องสนใจ|ลืม).{0,30}(?:คำสั่ง|กฎ)|ให้คะแนน(?:เต็ม|สูงสุด)",
    # Latin, Esperanto
    (
        r"\b(?:ignora|neglege|obliviscere)\b.{0,40}\b(?:mandata|"
        r"praecepta|instructiones)|\bignoru\b.{0,40}\b(?:instrukcio\w*|regul\w*)"
    ),
)
_ANY = Pattern("|".join(f"(?:{plea})" for plea in _PLEAS))
_STEMS = frozenset(
    """
    igno miss verg nege glöm bewe gebe gib geef beoo bety giv setz oubl négl annu donn attr mets mett note éval
    acco olvi desc esqu dime omit tras obli dale dame otor asig punt cali dai dammi valu conc pomi zapo zane
    zabo daj przy ocen wyst dej udel talim kura yöne puan abai lupa beri ohit unoh anna felej hagy adj puuz toa
    zign deskon coloq pon dê dá da assg asse aval tali kural yöner abaik lupak berik ohita unohd felejtsd puuza
    negl obliv ignoru obliviscere vurd ge oce oceń
    """.split()
)
_ENGLISH_SHARE = 0.3
_TOKEN = re.compile(r"\w+")
_FAR = re.compile(r"[^\W\d_a-zß-öø-ÿ]")


def may_plead_abroad(text: str, words: list[str]) -> bool:
    """Tell whether a lower-case text has letters of a far alphabet or a word that a plea could begin with.

    Args:
        text: The text in lower case.
        words: All words in it.
    """
    if not text.isascii() and _FAR.search(text):
        return True
    return not (_STEMS.isdisjoint(words) and _STEMS.isdisjoint([word[:4] for word in words]))


def pleads_abroad(text: str) -> bool:
    """Tell whether a lower-case text holds a plea in one of some thirty languages."""
    words = _TOKEN.findall(text)
    if not may_plead_abroad(text, words):
        return False
    is_far = not text.isascii() and _FAR.search(text)
    if not is_far and sum(word in ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return False
    return _ANY.search(text) is not None
