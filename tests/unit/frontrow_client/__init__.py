"""The client without a platform: its steps are told answers, and its transports speak to a socket."""
