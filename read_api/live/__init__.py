"""Live: what is shown, told as it changes, to everybody who keeps a stream open (Server-Sent Events).

``read_api.app`` enters here. One watch of MongoDB a process (``hub``), one channel for all streams of the same event or
booking (``channel``), one rendering of each message for all of them. This room keeps no message for a single client,
and never tells anything that the view did not have at that moment.
"""
