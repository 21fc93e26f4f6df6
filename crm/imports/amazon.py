"""Amazon: the order report. Each article has a line and a price of its own: they are added up."""

from crm.imports.systems import System

AMAZON = System(
    name="amazon",
    marks=(("amazon-order-id",),),
    customer={"id": ("buyer-id",), "name": ("buyer-name",), "email": ("buyer-email",)},
    order={
        "customer": ("buyer-id",),
        "email": ("buyer-email",),
        "date": ("purchase-date", "payments-date"),
        "amount": ("item-price",),
        "net": (),
        "currency": ("currency",),
        "id": ("amazon-order-id",),
        "status": ("order-status", "item-status"),
        "article": ("sku", "product-name"),
    },
    adds_lines=True,
)
