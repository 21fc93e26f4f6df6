"""`check-config`: loads and checks every setting, starts nothing."""

import click

from domain.errors import ConfigError
from earshot.cli.base import Session, show
from earshot.config.accounts import described
from earshot.config.checks import left_out
from earshot.queries import examples
from storage.engine import shown


@click.command("check-config")
@click.pass_obj
def check_config(session: Session) -> None:
    """Load and check every setting, start nothing; all errors at once, no secret shown.

    Example: earshot --config config.toml check-config
    """
    config = session.config
    failed = examples.failures(examples.configured(config), config.tracked)
    if failed:
        raise ConfigError(*(f"{session.path}: {example}" for example in failed))
    brands = ", ".join(one.name for one in config.brands)
    slack = config.top.alerts.slack
    show(f"{session.path}: all good")
    show(f"  brands    {brands}")
    for brand in config.top.brands:
        for account in brand.own_accounts:
            show(f"  own       {brand.name}: {described(account)}")
        for account in brand.auto_responders:
            show(f"  automatic {brand.name}: {described(account)}")
    show(f"  database  {shown(config.database)}")
    enabled = ", ".join(config.enabled) or "none enabled: mentions come by earshot import"
    show(f"  sources   {enabled}")
    if config.top.crm.enabled:
        show(f"  crm       {', '.join(config.top.crm.enabled)}")
    for sentence in left_out(config):
        show(f"  left out  {sentence}")
    if config.top.intake.webhook.enabled:
        show(f"  webhook   {config.top.intake.webhook.listen}, while earshot run runs")
    to = "Slack" if slack is not None and slack.ready else _NO_SLACK
    show(f"  alerts    {len(config.top.alerts.rules)} rules, to {to}")


_NO_SLACK = "the console: set bot_token and channel in [alerts.slack] for Slack"


COMMANDS = (check_config,)
