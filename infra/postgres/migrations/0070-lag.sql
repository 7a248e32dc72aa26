-- How far the log is decided, for whoever accepts: what waits for too long is refused before it is accepted.
-- depends: 0040-webhooks

GRANT SELECT (topic, log_partition, next_offset, tx) ON kafka_offsets TO frontrow_write_api;
