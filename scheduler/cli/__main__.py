"""`python -m scheduler.cli` does what the command `accordwatch` does."""

from scheduler.cli.main import main

main()
