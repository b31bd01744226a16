"""Structured personal data: what has a shape, a check digit or a word beside it. Names and addresses have none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pilothouse.gateway.inspection import checksums
from pilothouse.gateway.inspection.kinds import Span
from pilothouse.gateway.inspection.patterns import folded, pattern

# How many bytes before a number are read for words that say what it is.
NEAR = 48

_PHONE_WORDS = (
    r"(?:^|[^A-Za-z])(?:"
    + folded(
        """phone|phone number|telephone|tel|tel.|mobile|cell|cell phone|call|call me|call us|reach me|reach us
        |fax|whatsapp|text me|dial|ring
        |telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|rufnummer|anrufen|ruf|rufen|durchwahl|erreichbar
        |téléphone|portable|appeler|appelez|appelle|joindre|numéro de téléphone|télécopie
        |teléfono|móvil|celular|llamar|llame|llámame|llámeme|marque
        |telefono|cellulare|chiamare|chiami|chiamami|chiamate|recapito
        |telefoon|telefoonnummer|mobiel|mobiele nummer|bel|bellen|bereikbaar"""
    )
    + r")(?:[^A-Za-z]|$)"
)
_NUMBER_WORDS = (
    r"(?:^|[^A-Za-z])(?:"
    + folded(
        """ssn|social security|social security number|national insurance|nino|nhs|nhs number|national id|identity number
        |steuer-id|steueridentifikationsnummer|steuerliche identifikationsnummer|identifikationsnummer|idnr
        |steuer-idnr|idnr.
        |numéro de sécurité sociale|sécurité sociale|nir|numéro nir|registre national|numéro national
        |dni|nie|nif|número de identidad|documento de identidad|seguridad social
        |codice fiscale|cod. fisc.|c.f.
        |bsn|burgerservicenummer|rijksregisternummer|sofinummer
        |pesel|personnummer|cpr|cpr-nummer|ahv|ahv-nummer|cartão de cidadão"""
    )
    + r")(?:[^A-Za-z]|$)"
)
_NEAR_PHONE, _NEAR_NUMBER = pattern(_PHONE_WORDS), pattern(_NUMBER_WORDS)

# What stands after the @; tried at one place and within 255 bytes, so it takes no longer for being `re`.
_DOMAIN = re.compile(rb"(?:[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\x80-\xff-]{0,61}[A-Za-z0-9\x80-\xff])?[.])+[A-Za-z]{2,24}")
_NO_BEGINNING = b".%+'-" + bytes(range(0x80, 0xC0))  # of a name; the latter are the middle of a character
_NAME_BYTES = bytes({*b"._%+'-", *range(128, 256), *(byte for byte in range(128) if chr(byte).isalnum())})
_IBAN = pattern(r"(?:^|[^A-Za-z0-9])([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30})")
_LONG = pattern(r"(?:^|[^0-9A-Za-z.,_-])([0-9](?:[ -]?[0-9]){12,18})")
_IPV4 = pattern(r"(?:^|[^0-9A-Za-z.])((?:[0-9]{1,3}[.]){3}[0-9]{1,3})")
_IPV6 = pattern(r"(?:^|[^0-9A-Za-z:.])([0-9A-Fa-f]{1,4}(?:::?[0-9A-Fa-f]{1,4}){1,7}(?:::)?)")
_PHONE = pattern(
    r"(?:^|[^0-9A-Za-z+.,/_-])((?:[+]|00)[1-9][0-9]{0,2}(?:[ .\-/\xc2\xa0]{0,3}(?:\([0-9]{1,5}\)|[0-9]+)){1,7}"
    r"|(?:\([0-9]{2,5}\)|[0-9]{2,5})(?:[ .\-/\xc2\xa0]{0,3}[0-9]+){1,6}|[0-9]{7,12})"
)
# What is a telephone number by its shape alone: all that is looked for where no word speaks of telephones.
_SURE_PHONE = pattern(
    r"(?:^|[^0-9A-Za-z+.,/_-])([+][1-9][0-9]{0,2}(?:[ .\-/\xc2\xa0]{0,3}(?:\([0-9]{1,5}\)|[0-9]+)){1,7}"
    r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}|0[1-9](?:[ .][0-9]{2}){4})"
)
_NORTH_AMERICAN = re.compile(r"(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])[2-9]\d{2}[-.]\d{4}")
_FRENCH = re.compile(r"0[1-9](?:[ .]\d\d){4}")
_DATE_LIKE = re.compile(r"(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d)(?!\d)")

_LETTERED = pattern(
    r"(?:^|[^A-Za-z0-9])([A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
    r"|[0-9]{8}-?[A-Z]|[XYZ]-?[0-9]{7}-?[A-Z]|[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])(?:[^A-Za-z0-9]|$)"
)
_FORMATTED = pattern(
    r"(?:^|[^A-Za-z0-9.-])(756[.][0-9]{4}[.][0-9]{4}[.][0-9]{2}|[0-9]{2}[.][0-9]{2}[.][0-9]{2}-[0-9]{3}[.][0-9]{2}"
    r"|[0-9]{6}[-+][0-9]{4}|[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2})"
)
_BARE = pattern(r"(?:^|[^A-Za-z0-9.])([0-9](?:[ ./-]?[0-9]){7,14})")

_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
)
_MONTH_NUMBERS = {name: number for names in _MONTHS for number, name in enumerate(names.split(), start=1)}
_BIRTH = pattern(
    r"(?:^|[^A-Za-z])(?:"
    + folded(
        """born|born on|date of birth|dob|d.o.b.|birth date|birthdate|birthday|birthday is
        |geboren|geboren am|geb.|geb. am|geburtsdatum|geburtstag
        |né le|née le|né(e) le|date de naissance|naissance|anniversaire
        |nacido el|nacida el|nacido|nacida|fecha de nacimiento|nació el|f. nac.
        |nato il|nata il|nato|nata|data di nascita|nascita
        |geboren op|geboortedatum|geb.datum"""
    )
    + r")[^0-9\x00\n]{0,24}?((?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4})"
    + r"|(?:[0-9]{1,2}(?:st|nd|rd|th|er|[.])? (?:de |of )?(?:"
    + folded("|".join(_MONTH_NUMBERS))
    + r"),? (?:de |del )?[0-9]{4})|(?:(?:"
    + folded(_MONTHS[0].replace(" ", "|"))
    + r") [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4}))"
)


# Short pieces, or whole shapes where no short one is rare: what is not among those that occur is not looked for.
ANCHORS: tuple[str, ...] = (
    r"@[A-Za-z0-9\x80-\xff]",
    r"[A-Z]{2}[0-9]{2}[ ]?[A-Z0-9]{4}",
    r"[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]",
    r"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}",
    r"(?i:born|birth|dob|d[.]o[.]b|geb|n\xc3\xa9|naiss|anniv|nac|nat[oa]|nasc)[^0-9\n]{0,36}[0-9]",
    r"[A-Z]{6}[0-9]{2}[A-Z]|[0-9XYZ][0-9]{7}-?[A-Z]|[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
    _LONG.source,
    _FORMATTED.source,
    _SURE_PHONE.source,
    _PHONE_WORDS,
    _NUMBER_WORDS,
)
EMAIL, IBAN, IPV4, IPV6, BIRTHS, LETTERED, LONG, FORMATTED, SURE_PHONE, PHONE_WORDS, NUMBER_WORDS = range(len(ANCHORS))


def personal_in(text: bytes, anchors: set[int]) -> Iterator[Span]:
    """Structured personal data in `text`; only what the anchors that occur can be is looked for."""
    if EMAIL in anchors:
        yield from _emails(text)
    if IBAN in anchors:
        yield from _ibans(text)
    if LONG in anchors:
        yield from _cards(text)
    if FORMATTED in anchors:
        yield from _formatted(text)
    if NUMBER_WORDS in anchors:
        yield from _numbers(text)
    if LETTERED in anchors:
        yield from _lettered(text)
    if BIRTHS in anchors:
        yield from _births(text)
    if IPV4 in anchors:
        yield from _addresses(text, _IPV4)
    if IPV6 in anchors:
        yield from _addresses(text, _IPV6)
    if SURE_PHONE in anchors or PHONE_WORDS in anchors:
        yield from _phones(text, PHONE_WORDS in anchors)


def _emails(text: bytes) -> Iterator[Span]:
    """From every @ to both sides: there may be many, and a search by pattern costs more for each than this."""
    at = text.find(b"@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1, at + 256)
        if domain:
            before = text[max(0, at - 64) : at]
            name = before[len(before.rstrip(_NAME_BYTES)) :].lstrip(_NO_BEGINNING)
            if name:
                yield Span("email", at - len(name), domain.end())
        at = text.find(b"@", at + 1)


def _ibans(text: bytes) -> Iterator[Span]:
    for start, end in _IBAN.spans(text, 1):
        taken = checksums.iban_length(text[start:end].decode())
        if taken and not text[start + taken : start + taken + 1].isalnum():
            yield Span("iban", start, start + taken)


def _cards(text: bytes) -> Iterator[Span]:
    for start, end in _LONG.spans(text, 1):
        if not text[end : end + 1].isalnum() and checksums.card(_digits(text[start:end])):
            yield Span("card", start, end)


def _formatted(text: bytes) -> Iterator[Span]:
    for start, end in _FORMATTED.spans(text, 1):
        words = text[start:end].decode()
        if not text[end : end + 1].isalnum() and any(checksums.DISTINCT[country](words) for country in _formats(words)):
            yield Span("national_id", start, end)


def _numbers(text: bytes) -> Iterator[Span]:
    for start, end in _BARE.spans(text, 1):
        words = text[start:end].decode()
        if text[end : end + 1].isalnum() or _DATE_LIKE.match(words) or not _before(text, start, _NEAR_NUMBER):
            continue
        words = words.replace("/", "").replace(".", "")
        if any(holds(words) for holds in checksums.BARE):
            yield Span("national_id", start, end)


def _formats(words: str) -> tuple[str, ...]:
    if words.startswith("756."):
        return ("ch",)
    if "." in words:
        return ("be",)
    return ("se",) if words[6:7] in "-+" else ("fr",)


def _lettered(text: bytes) -> Iterator[Span]:
    for start, end in _LETTERED.spans(text, 1):
        words = text[start:end].decode()
        if words[:2].isalpha() and len(words.replace(" ", "")) == 9:
            found = checksums.british_insurance_number(words)
        elif len(words) == 16:
            found = checksums.DISTINCT["it"](words)
        else:
            found = checksums.DISTINCT["es_foreign" if words[0].isalpha() else "es"](words)
        if found:
            yield Span("national_id", start, end)


def _births(text: bytes) -> Iterator[Span]:
    for start, end in _BIRTH.spans(text, 1):
        if any(checksums.day(*parts) for parts in _days(text[start:end].decode(errors="replace").lower())):
            yield Span("birth_date", start, end)


def _days(words: str) -> Iterator[tuple[int, int, int]]:
    """The days that `words` can mean, as (year, month, day)."""
    months = [number for name, number in _MONTH_NUMBERS.items() if name in words]
    parts = [int(part) for part in re.findall(r"\d+", words)]
    if months and len(parts) == 2:
        yield parts[1], months[0], parts[0]
    elif len(parts) == 3 and parts[0] > 31:
        yield parts[0], parts[1], parts[2]
    elif len(parts) == 3:
        year = parts[2] if parts[2] > 99 else parts[2] + (1900 if parts[2] > 26 else 2000)
        yield year, parts[1], parts[0]
        yield year, parts[0], parts[1]


def _addresses(text: bytes, shape: object) -> Iterator[Span]:
    for start, end in shape.spans(text, 1):  # type: ignore[attr-defined]
        follows, before = text[end : end + 2], text[max(0, start - 12) : start].lower()
        if follows[:1].isalnum() or (follows[:1] in (b".", b":") and follows[1:].isalnum()):
            continue
        if not _VERSION.search(before) and checksums.address(text[start:end].decode()):
            yield Span("ip_address", start, end)


_VERSION = re.compile(rb"(?:\bv|vers[a-z\x80-\xff]{1,6}|release|ver\.?|build|oid|section|\xc2\xa7)\s*$")


def _phones(text: bytes, named: bool) -> Iterator[Span]:
    """Telephone numbers; `named` says whether a word for them occurs at all."""
    for start, end in (_PHONE if named else _SURE_PHONE).spans(text, 1):
        words = text[start:end].decode(errors="replace").rstrip()
        count = sum(letter.isdigit() for letter in words)
        if text[end : end + 1].isalnum() or not 7 <= count <= 15 or _DATE_LIKE.match(words):
            continue
        international = words.startswith("+") and count >= 9
        shaped = _NORTH_AMERICAN.fullmatch(words) or _FRENCH.fullmatch(words)
        if international or shaped or (named and _before(text, start, _NEAR_PHONE)):
            yield Span("phone", start, end)


def _before(text: bytes, start: int, words: object) -> bool:
    """Whether one of `words` stands shortly before `start`, in the same line and before no other number."""
    near = text[max(0, start - NEAR) : start]
    near = near[near.rfind(b"\n") + 1 :]
    return bool(words.found(near))  # type: ignore[attr-defined]


def _digits(text: bytes) -> str:
    return "".join(chr(byte) for byte in text if 48 <= byte <= 57)
