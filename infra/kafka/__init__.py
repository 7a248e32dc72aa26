"""Kafka, the log: its one topic, and the settings of the one broker of native mode."""
