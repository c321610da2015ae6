"""`python -m wisehosting_cp.local`: what `./dev up` and `./dev down` hand over to."""

from wisehosting_cp.local.commands import main

main()
