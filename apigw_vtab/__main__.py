"""`python -m apigw_vtab` is the command line too."""

from apigw_vtab.cli import main

main(prog_name="apigw-vtab")
