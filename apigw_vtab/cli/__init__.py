"""The command line, built on click: arguments in, an exit code out."""
