"""The rules of telling organisers: where to, under which signature, when again, and of what."""
