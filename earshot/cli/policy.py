"""`policy`: what each network allows."""

from dataclasses import asdict

import click

from domain.clock import span
from domain.contract import Contract
from earshot.cli.base import as_json, print_json, show
from listener.contracts import contract_of


@click.group("policy")
def policy_group() -> None:
    """What the platforms' rules allow.

    Example: earshot policy show reddit
    """


@policy_group.command("show")
@click.argument("source")
@as_json
def show_policy(source: str, *, as_json: bool) -> None:
    """Show what may be stored, linked and replied, for how long, and where that is written.

    Example: earshot policy show x
    """
    contract = contract_of(source)
    if as_json:
        print_json(
            asdict(contract)
            | {
                "retention": contract.retention and f"{contract.retention.days}d",
                "delete_within": f"{int(contract.delete_within.total_seconds() // 3600)}h",
            }
        )
        return
    show(f"source         {source}")
    show(f"may link       {'yes' if contract.may_link else 'no'}: {contract.reason}")
    show(f"on the basis   {_bases(contract)}")
    show(f"may reply      {contract.may_reply}")
    show(f"may derive     {'yes' if contract.may_derive else 'no: stored, but never scored'}")
    show(f"authors        {'kept' if contract.keep_authors else 'not kept'}")
    show(f"may export     {'yes' if contract.may_export else 'no'}")
    kept = f"{span(contract.retention)} at most" if contract.retention else "no period is written"
    show(f"kept for       {kept}")
    show(f"delete within  {span(contract.delete_within)} of a deletion on the platform")
    show(f"sunset         {contract.sunset or 'none known'}")
    show(f"written in     {contract.reference} (read {contract.read_on})")


def _bases(contract: Contract) -> str:
    """What a link may rest on, and whether a score may confirm one."""
    if not contract.bases:
        return "none: no author is linked, and nobody proposed"
    named = ", ".join(f"{one} ({one.words})" for one in contract.bases)
    score = "may confirm a link" if contract.may_score else "only proposes one to a person"
    return f"{named}; a score {score}"


COMMANDS = (policy_group,)
