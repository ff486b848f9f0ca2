"""`python -m signalling.cli`: the same as `hoichan`."""

from signalling.cli import main

main()
