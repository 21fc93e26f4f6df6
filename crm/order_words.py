"""What an order is called in many languages, and what other numbers belong to: for patterns."""

ORDER = "|".join(
    [
        *(r"(?<!in\s)orders?(?!\sto\b)", r"ordered", r"order\s?id", "purchase", "reorder"),
        *("bestellung", "bestellnummer", "bestell-?nr", "auftrag", "auftragsnummer", "bestelling"),
        *(r"ordernummer", "pedidos?", "orden", "compra", "encomendas?", "commandes?", "cmd"),
        *("ordine", "ordini", "ordinazione", r"zam[oó]wieni\w+", r"sipari[sş]\w*", r"заказ\w*"),
        *(r"замовлен\w+", r"best[aä]llning\w*", r"bestilling\w*", "ordre", r"tilau[sk]\w*"),
        *(r"objedn[aá]vk\w*", r"rendel[eé]s\w*", r"comenzi|comand[aă]\w*", r"παραγγελ\w+"),
        *("pesanan", "đơn hàng", r"(?:ال)?طلب\w*", r"הזמנ\w*"),
        *("ऑर्डर", "注文", "订单", "訂單", "주문"),
    ]
)
# What other numbers belong to. Of two words the nearer one says it.
OTHER = "|".join(
    [
        *(r"track\w*", r"parcels?", r"sendung\w*", r"paket\w*", "seguimiento", "suivi", "colis"),
        *(r"rastrei?o\w*", r"tracciamento", r"przesyłk\w*", "kargo", "takip", "dhl", "ups", "dpd"),
        *(r"invoice", r"rechnung\w*", "factura", "facture", "fattura", r"fatura\w*", r"faktur\w*"),
        *("tickets?", r"kunden\w*", "customer", "iban", "konto", "account", "sku", r"artikel\w*"),
        *("serial", r"tel\w{0,6}", r"phone\w*", "call", "whatsapp", "mobile?", r"m[oó]vil"),
        *("handy", "fax", "tél", "تلفون", "هاتف", "voucher", "coupon", "gutschein"),
    ]
)
# What stands between such a word and its number.
MARK = "|".join(
    [
        *("no", "nr", "num", "n[º°o]", "number", "nummer", "n[uú]m(?:ero|er)?", "num[eé]ro", "id"),
        *(r"numaras[\u0131i]", "رقم", "号", "是"),
    ]
)
# Behind the number, before such a word.
NUMBERED = r"(?:numaral[\u0131i]|nolu|no['’]lu|say[\u0131i]l[\u0131i]|sz\w*|番の|号)"
LETTER = r"A-Za-zÀ-ɏ"  # for what a word ends at; words of other scripts stand without blanks
