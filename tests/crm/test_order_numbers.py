from time import process_time

import pytest

from crm.order_numbers import Named, named

OURS, RIVALS = ("Acme", "acme_help"), ("Nordlys Living",)


def numbers(text: str) -> list[str]:
    return [one.number for one in named(text, ours=OURS, rivals=RIVALS)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("@acme my sofa is late. Order AH-100003", "ah100003", id="letters"),
        pytest.param("AH-100003 still not here", "ah100003", id="letters need no word"),
        pytest.param("where is AH 100003", "ah100003", id="letters, blank"),
        pytest.param("where is ah100003?", "ah100003", id="letters, small"),
        pytest.param("#100008 came broken", "100008", id="hash"),
        pytest.param("order no. 100008", "100008", id="English"),
        pytest.param("Order number: #1008", "1008", id="few digits beside a word"),
        pytest.param("my order (placed last week) 100008", "100008", id="a word a bit off"),
        pytest.param("¿Dónde está mi pedido nº 100008?", "100008", id="Spanish"),
        pytest.param("Wo bleibt Bestell-Nr. 100008?", "100008", id="German"),
        pytest.param("ma commande n°100008 est perdue", "100008", id="French"),
        pytest.param("il mio ordine 100 008 non arriva", "100008", id="Italian, grouped"),
        pytest.param("a minha encomenda 100008 não chegou", "100008", id="Portuguese"),
        pytest.param("zamówienie nr 100008 nie dotarło", "100008", id="Polish"),
        pytest.param("100008 numaral\u0131 siparişim gelmedi", "100008", id="Turkish"),
        pytest.param("أين طلبي رقم ١٠٠٠٠٨", "100008", id="Arabic"),
        pytest.param("我的订单号100008还没到", "100008", id="Chinese"),
        pytest.param("注文番号は１００００８です", "100008", id="Japanese, full width"),
        pytest.param("Order 123-1234567-1234567 is lost", "12312345671234567", id="hyphens"),
        pytest.param("where is ORD-2024-00123?", "ord202400123", id="letters and a year"),
        pytest.param("Mi pedido de Acme, pedido AH-100003", "ah100003", id="our own name"),
        pytest.param(
            "Better than Nordlys Living: my Acme order 100008", "100008", id="ours is nearer"
        ),
        pytest.param("Bestellung 100008 bei Euch", "100008", id="bei Euch"),
        pytest.param("It's my neighbour's order #100008", "100008", id="a third person's"),
    ],
)
def test_an_order_number_is_found(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("call me on +49 30 100008", id="telephone"),
        pytest.param("my order is late, tel. 100008", id="telephone behind an order"),
        pytest.param("order of 2025-03-14", id="date"),
        pytest.param("my order from 14.03.2025", id="German date"),
        pytest.param("my order from 2024 was fine", id="year"),
        pytest.param("#2024 was a year", id="hashtag"),
        pytest.param("the order cost 100008 euros", id="price"),
        pytest.param("order for $100008", id="price before"),
        pytest.param("order worth 1000.50", id="decimals"),
        pytest.param("tracking number 100008", id="parcel"),
        pytest.param("my order is lost, tracking AH-100003", id="parcel with letters"),
        pytest.param("Rechnung 100008 zur Bestellung", id="invoice"),
        pytest.param("100008 people in order to see", id="in order to"),
        pytest.param("100008 followers", id="no word"),
        pytest.param("order 12", id="too few digits"),
        pytest.param("https://shop.example/order/100008", id="address"),
        pytest.param("mail order100008@example.com", id="e-mail"),
        pytest.param("Nordlys Living lost my order 100008", id="a rival's"),
        pytest.param("(I mean Fjell Home, order 100008)", id="another shop's"),
        pytest.param("(hablo de Fjell Home, pedido AH-100003)", id="another shop's, Spanish"),
        pytest.param("(bei Fjell Home, Bestellung 100008)", id="another shop's, German"),
        pytest.param("order AH-100003 from @nordlys", id="another account's"),
    ],
)
def test_other_numbers_are_no_orders(text: str) -> None:
    assert numbers(text) == []


def test_several_are_found_each_once() -> None:
    assert numbers("orders #100008 and AH-100003, I mean order 100008") == ["100008", "ah100003"]


@pytest.mark.parametrize(
    "piece", ["„", "\n", "1-", "#", "order ", "+1 ", "a.", "AH-1234567 ", "@a"]
)
def test_no_text_takes_long(piece: str) -> None:
    began = process_time()
    named(piece * (100_000 // len(piece)) + " order 100008", ours=OURS, rivals=RIVALS)
    assert process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param("> where is order 100008\nhave they answered you?", True, id="quoted line"),
        pytest.param("RT @ben: where is order 100008", True, id="retweet"),
        pytest.param("they wrote “your order 100008 is on its way” again", True, id="sentence"),
        pytest.param('my order "100008" is late', False, id="only the number in marks"),
        pytest.param("> order 100008\nmine is order 100008, too", False, id="both"),
    ],
)
def test_what_is_quoted_is_told(text: str, quoted: bool) -> None:  # noqa: FBT001 -- a parameter
    assert named(text, ours=OURS) == (Named("100008", quoted=quoted),)
