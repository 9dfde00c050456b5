"""What the packaged program starts with: the command line."""

from csc_data.__main__ import main

if __name__ == "__main__":
    main()
