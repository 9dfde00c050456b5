"""The version of the library, written here alone."""

VERSION = "0.1.0"
