"""One module a command of the command line; each is a thin layer over the Python API."""
