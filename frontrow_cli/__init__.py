"""The command line ``frontrow``: finds, draws, books, pays, gives back, organises and looks after, from a terminal.

People and scripts enter here, with ``frontrow`` (``__main__``) once the root of the checkout is installed. It asks
Frontrow through ``frontrow_client`` and in no other way. It must never import anything else of this repository, send a
change whose key is not on the disk already, print a token, or end with 0 after a "no".
"""
