"""`python -m scheduler.cli`: the same as the command `accordwatch`."""

from scheduler.cli.main import main

main()
