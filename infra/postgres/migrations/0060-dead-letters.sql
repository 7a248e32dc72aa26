-- Dead letters are listed and put on the log again by write_api, which alone puts other people's commands there.
-- depends: 0040-webhooks

GRANT SELECT ON dead_letters, topics TO frontrow_write_api;
GRANT SELECT (reason) ON outcomes TO frontrow_write_api;
