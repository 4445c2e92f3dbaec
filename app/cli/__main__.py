"""`python -m app.cli`: the same as `star-coach`."""

from app.cli import main

main()
