"""Words beside a number that say what it is: of a telephone, or of an order and its like.

In English, German, Spanish, French, Italian, Portuguese and Dutch.
"""

import re

_PHONE = (
    *("tel", "tél", "phone", "telephone", "call", "ring", "reach", "text", "sms", "dial", "cell"),
    *("mobile", "fax", "whatsapp", "wasap", "signal", "viber", "hotline", "landline"),
    *("telefon", "telefonisch", "telefonnummer", "handy", "handynummer", "mobil", "mobilnummer"),
    *("handynr", "anruf", "anrufen", "rufen", "ruft", "ruf", "rückruf", "festnetz", "durchwahl"),
    *("teléfono", "telefono", "móvil", "movil", "celular", "llama", "llamad", "llamar", "llamen"),
    *("llame", "llámame", "llamadme", "llámenme", "fijo"),
    *("téléphone", "telephone", "portable", "appeler", "appelez", "appelle", "rappeler", "fixe"),
    *("rappelez", "joindre", "joignable", "mobile"),
    *("cellulare", "chiamare", "chiama", "chiamate", "chiamatemi", "chiamami", "recapito"),
    *(
        "telefone",
        "telemóvel",
        "ligar",
        "ligue",
        "liguem",
        "ligar-me",
        "liga",
        "contacto",
        "tlm",
        "tlf",
    ),
    *("telefoon", "telefoonnummer", "bel", "bellen", "belt", "mobiel", "bereikbaar", "gsm"),
)
_MINE = r"(?:my|meine|mi|mon|mio|meu|mijn)\s(?:number|nummer|número|numéro|numero|n[º°o]|nr)"
_REFERENCE = (
    *("order", "orders", "ordernumber", "ticket", "case", "invoice", "tracking", "parcel"),
    *("reference", "ref", "serial", "sku", "isbn", "ean", "imei", "id", "article", "item", "model"),
    *(
        "account",
        "customer",
        "policy",
        "contract",
        "booking",
        "reservation",
        "claim",
        "receipt",
        "conf",
    ),
    *("bestellung", "bestellnummer", "bestellnr", "auftrag", "auftragsnummer", "rechnung"),
    *(
        "rechnungsnummer",
        "sendung",
        "sendungsnummer",
        "kundennummer",
        "kundennr",
        "vertrag",
        "vorgang",
    ),
    *("vorgangsnummer", "vertragsnummer", "artikelnummer", "seriennummer", "paket", "zählernummer"),
    *("pedido", "factura", "envío", "seguimiento", "referencia", "cliente", "reserva", "caso"),
    *("commande", "facture", "colis", "suivi", "référence", "client", "contrat", "dossier"),
    *("ordine", "fattura", "spedizione", "riferimento", "pratica", "prenotazione", "codice"),
    *("encomenda", "fatura", "rastreio", "referência", "compra", "processo", "nif"),
    *("bestelling", "bestelnummer", "ordernummer", "factuur", "zending", "klantnummer", "klantnr"),
    *("bestelnr", "ordernr", "pakket", "referentie", "kvk"),
)
_FILLER = (
    r"[\s:#№.()\-–]|n(?:[oº°r]|\.?º)\.?|num\b"
    r"|number|nummer|número|numéro|numero|is\b|ist\b|es\b|est\b"
)
# A mask names its kind: it is no word about the number that follows it.
_ABOUT_A_PHONE = re.compile(
    rf"(?<![\w\[])(?:{'|'.join(_PHONE)}|{_MINE})(?!\w)|[☎☏✆📞📱📲]", re.IGNORECASE
)
_RIGHT_AFTER = re.compile(rf"\W{{0,3}}(?:{'|'.join(_PHONE)})(?!\w)", re.IGNORECASE)
_IS_REFERENCE = re.compile(
    rf"(?:(?<!\w)(?:{'|'.join(_REFERENCE)})(?!\w)(?:{_FILLER}){{0,8}}|#\s?)$", re.IGNORECASE
)


def is_about_a_phone(before: str, after: str) -> bool:
    """Whether words near a number say that one can call it."""
    return bool(_ABOUT_A_PHONE.search(before) or _RIGHT_AFTER.match(after))


def is_reference(before: str) -> bool:
    """Whether the words right before a number say that it names an order, a case or the like."""
    return bool(_IS_REFERENCE.search(before))
