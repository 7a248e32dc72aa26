"""Native mode's pure parts."""
