"""What a whole text is: source code, a document marked as confidential, a legal one. Word lists are our own.

These are heuristics: they count and, where an organisation says so, block; they never mask.
"""

from __future__ import annotations

from pilothouse.gateway.inspection.patterns import AnySet, folded, pattern

# A line that hardly anybody writes who does not program.
_CODE_LINE = (
    r"(?:^|\n)[ \t]*(?:"
    r"(?:async )?def [A-Za-z_]\w*\(|class [A-Za-z_]\w*[(:{ ]|from [\w.]+ import |import [\w.{*\"']"
    r"|#include ?[<\"]|package [\w.]+;?\s*\n"
    r"|(?:public|private|protected|static|final|export|pub) [\w<>\[\], ]*[({;]|(?:pub )?fn \w+|func [(\w]"
    r"|function\*? ?\w*\("
    r"|(?:const|let|var) [\w{\[][^=\n]*=|return\b[^.\n]*[;)\]]?\n|(?:el)?if ?\(?[^\n]*(?:\) ?\{|:)\n"
    r"|for ?\(?[^\n]*(?:\) ?\{|:)\n|while ?\(?[^\n]*(?:\) ?\{|:)\n"
    r"|try ?[:{]|except [^\n]*:|\} ?(?:else|catch|finally)|(?i:select) [^\n]+ (?i:from) |(?i:insert into"
    r"|create table|alter table) \w"
    r"|[\w.\[\]]+ ?(?:[-+*/|]?=) ?[^=\n]*[;\[({]\n|[\w.]+\([^\n]*\);?\n|@\w+(?:\(|\n)|\}\n|//|/\*"
    r")"
)
_CODE = pattern(_CODE_LINE)
CODE_ANCHOR = (
    r"(?:^|\n)[ \t]*(?:(?:async )?def \w+\(|class \w+[(:{ ]|from [\w.]+ import |import [\w.{*\"']|#include"
    r"|(?:pub )?fn \w+|func [(\w]"
    r"|function\b|(?:const|let|var) [\w{\[]|(?:public|private|protected) |(?i:select )|(?i:create table)"
    r"|return\b|\}\n|if ?\()"
)
LEAST_LINES = 4


def source_code(text: bytes) -> bool:
    """Whether `text` holds source code: several lines that are code, and not lost in a long text."""
    lines = sum(1 for _ in _CODE.spans(text))
    if lines < LEAST_LINES:
        return False
    return lines * 8 >= text.count(b"\n") or b"```" in text


_LABELS = folded(
    """confidential|strictly confidential|highly confidential|company confidential|private and confidential
    |proprietary and confidential|confidential and proprietary|internal use only|for internal use only
    |restricted|secret|top secret|trade secret
    |vertraulich|streng vertraulich|nur für den internen gebrauch|nur für den dienstgebrauch|betriebsgeheimnis|geheim
    |confidentiel|strictement confidentiel|usage interne|à usage interne|diffusion restreinte|secret des affaires
    |confidencial|estrictamente confidencial|uso interno|solo para uso interno|difusión limitada|secreto comercial
    |riservato|strettamente riservato|riservata|confidenziale|ad uso interno|solo per uso interno|segreto aziendale
    |vertrouwelijk|strikt vertrouwelijk|alleen voor intern gebruik|intern gebruik|bedrijfsgeheim"""
)
_CLASSIFICATION = folded(
    """classification|security classification|sensitivity|marking|einstufung|klassifizierung|vertraulichkeit
    |niveau de confidentialité|clasificación|classificazione|rubricering|classificatie"""
)
_EDGE = r"[ \t*#=_\[\](){}|<>!.:—–-]{0,12}"
_CONFIDENTIAL = pattern(
    rf"(?:^|\n){_EDGE}(?:(?:{_CLASSIFICATION})\s{{0,3}}[:=]\s{{0,3}})?(?:{_LABELS}){_EDGE}(?:\r?\n|$)"
    rf"|(?:^|\n){_EDGE}(?:{_CLASSIFICATION})\s{{0,3}}[:=]\s{{0,3}}(?:{_LABELS})"
    r"|(?:STRICTLY|COMPANY|HIGHLY|PRIVATE AND) CONFIDENTIAL|CONFIDENTIAL[ \t]*[-–—:|/][ \t]*(?:DO NOT|NOT FOR|INTERNAL)"
    r"|STRENG VERTRAULICH|STRICTEMENT CONFIDENTIEL|ESTRICTAMENTE CONFIDENCIAL|STRETTAMENTE RISERVATO"
    r"|STRIKT VERTROUWELIJK"
)
CONFIDENTIAL_ANCHOR = (
    r"(?i:confiden|vertrau|vertrouw|riservat|intern|geheim|secret|segreto|restrict"
    r"|classif|clasif|dienstgebrauch|marking)"
)

_LEGAL = tuple(
    folded(words)
    for words in (
        """hereinafter|hereby agree|in witness whereof|governing law|shall indemnify|indemnification
        |notwithstanding|force majeure|whereas
        |the parties agree|severability|entire agreement|attorney-client|privileged and confidential
        |breach of contract|liquidated damages""",
        """vertragsparteien|gerichtsstand|salvatorische klausel|nachfolgend genannt|im folgenden genannt
        |höhere gewalt|haftungsausschluss
        |anwendbares recht|dieses vertrages|dieser vereinbarung|vertragsstrafe|auftragnehmer verpflichtet
        |schriftform""",
        """ci-après|il a été convenu|les parties conviennent|droit applicable|tribunaux compétents|force majeure
        |présent contrat
        |clause résolutoire|dommages et intérêts|le prestataire s'engage""",
        """en adelante|las partes acuerdan|ley aplicable|jurisdicción|fuerza mayor|presente contrato|cláusula
        |indemnizará|los comparecientes
        |en prueba de conformidad""",
        """di seguito|le parti convengono|foro competente|legge applicabile|forza maggiore|presente contratto|clausola
        |risarcimento|in fede di quanto|si obbliga""",
        """hierna te noemen|komen overeen|toepasselijk recht|bevoegde rechter|overmacht|deze overeenkomst
        |partijen|opdrachtnemer|vrijwaart
        |schadevergoeding""",
    )
)
_LEGAL_WORDS = tuple(pattern(rf"(?:^|[^A-Za-z])({words})") for words in _LEGAL)
LEGAL_ANCHOR = (
    r"(?i:herein|hereby|witness where|indemnif|notwithstanding|force majeure|whereas|severability|attorney-client"
    r"|vertragspart|gerichtsstand|salvatorisch|ci-apr|droit applicable|pr.{1,2}sent contrat|en adelante|ley aplicable"
    r"|presente contra|fuerza mayor|di seguito|foro competente|legge applic|hierna te|komen overeen|toepasselijk"
    r"|overeenkomst|dieses vertrag|dieser verein)"
)
LEAST_TERMS = 3


def confidential(text: bytes) -> bool:
    """Whether `text` is labelled confidential: a label on a line of its own, or a classification. A mention is none."""
    return _CONFIDENTIAL.found(text)


def legal(text: bytes) -> bool:
    """Whether `text` reads like a contract or legal advice: three different terms of one language's law."""
    return any(
        len({text[start:end].lower() for start, end in words.spans(text, 1)}) >= LEAST_TERMS for words in _LEGAL_WORDS
    )


class Phrases:
    """A list of phrases, matched as whole words without regard to case."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        words = [" ".join(phrase.split()) for phrase in phrases if phrase.strip()]
        found = [rf"(?:^|[^A-Za-z0-9])({folded(word)})(?:[^A-Za-z0-9]|$)" for word in words]
        self._patterns = [pattern(source) for source in found]
        self._any = AnySet(found) if found else None

    def spans(self, text: bytes) -> list[tuple[int, int]]:
        """Where phrases of the list occur."""
        if self._any is None:
            return []
        return [span for number in self._any.found(text) for span in self._patterns[number].spans(text, 1)]
