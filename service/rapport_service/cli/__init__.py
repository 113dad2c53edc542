"""The ``rapport`` command of administrators and operators."""

from importlib import import_module

import click

COMMANDS = {
    "audit": (
        "audit:audit",
        "Show who changed what in the agency ID, the newest first.",
    ),
    "client": (
        "clients:client",
        "Manage service accounts: programs that read scores, the roster or the audit.",
    ),
    "codes": (
        "enrolment:codes",
        "Make one-time codes.",
    ),
    "db": ("database:database", "Set up, upgrade and check the database."),
    "device": ("enrolment:device", "End the devices of people."),
    "doctor": (
        "doctor:doctor",
        "Check database, secret, people, time zones, clock, waves, pulses and seals.",
    ),
    "heatmap": (
        "reports:heatmap",
        "Print the scores of TEAM and of the teams just below it, side by side.",
    ),
    "marker": (
        "markers:marker",
        "Record events of an agency: a crisis began or ended, or a policy is new.",
    ),
    "organization": (
        "organizations:organization",
        "Create agencies and administrators, show and change settings.",
    ),
    "pulse": (
        "waves:pulse",
        "Manage pulses: schedules that plan one wave after another.",
    ),
    "roster": (
        "organizations:roster",
        "Print and change the teams and people of an agency.",
    ),
    "score": (
        "reports:score",
        "Print the score of TEAM, or of every team of the agency ID.",
    ),
    "seal": ("seal:seal", "Make sealing keys, and seal the waves that are due."),
    "secret": (
        "secret:secret",
        "Replace RAPPORT_SECRET, under which the keys of the service are kept.",
    ),
    "sustainment": (
        "reports:sustainment",
        "Print how trust and communication of TEAM were around a marker.",
    ),
    "tick": ("tick:tick", "Move each wave to the step that is due."),
    "trend": (
        "reports:trend",
        "Print the scores of TEAM wave by wave, the newest first.",
    ),
    "wave": ("waves:wave", "Plan, list and cancel single waves."),
}
"""Of each command its module and name, and its first sentence of help.

The sentences stand here too, so that ``rapport --help`` loads none of the modules.
"""


class LazyGroup(click.Group):
    """Group that loads a command when it is called, or when its own help is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - of click
        """The names of all commands."""
        return [*COMMANDS]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - the interface of click
        cmd_name: str,
    ) -> click.Command | None:
        """The command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f"rapport_service.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - the interface of click
        formatter: click.HelpFormatter,
    ) -> None:
        """Writes the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand, as usual; notes whether only help is wanted."""
        ctx.obj = "--help" in args
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup)
@click.version_option(package_name="rapport-service", message="rapport %(version)s")
@click.pass_context
def rapport(context: click.Context) -> None:
    """Manage a Rapport service: agencies, people, waves and the database.

    Three environment variables hold the settings: RAPPORT_SECRET,
    RAPPORT_DATABASE_URL and, where waves are sealed, RAPPORT_SEALING_KEYS.

    A terminal shows a result as a table with headings. In a pipe or a file there is one
    line for each row, without headings, and with tabs between the columns. --table
    prints the table everywhere, --csv the table as CSV, and --json the document, which
    is the one of the API if the API has it.

    The exit status is 0 if the command succeeded, 1 if it was refused or failed, and 2
    if the command line or a setting is wrong.
    """
    if context.obj:  # help needs no settings
        return
    # Here, because it loads Flask and SQLAlchemy, which help does without.
    from rapport_service.cli.startup import open_service  # noqa: PLC0415

    open_service(context)


def main() -> None:
    """Entry point of the console command."""
    rapport(prog_name="rapport")
