"""The working screen: pages in a browser, served to this machine alone, from dropping the files to the last explanation.

Session, lists and pages know neither network nor threads; ``server.py`` alone does, and holds what they say to one user.
"""
