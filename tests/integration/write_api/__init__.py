"""write_api as a process, on a real broker; some tests freeze or kill a broker of their own."""
