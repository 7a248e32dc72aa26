-- Operators are shown who replicates from whom, and how far behind they are; the auditor reads it, and nothing else of it.
-- depends: 0090-check-ins

GRANT pg_read_all_stats TO frontrow_audit;
