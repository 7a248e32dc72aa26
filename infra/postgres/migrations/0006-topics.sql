-- Which log an outcome was decided from: after a topic was made anew its offsets begin again, and mean other messages.
-- depends: 0005-offers

-- A topic's id has 22 characters; a number in each outcome keeps the feed's rows small.
CREATE TABLE topics (
    topic_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_id text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO topics (topic_id) SELECT DISTINCT topic_id FROM kafka_offsets;

-- Where one topic was ever decided, the outcomes that are there are its: a constant default says so and changes no row.
-- Where there were several, nobody knows any more which is whose: theirs stays null. No foreign key, which would cost a
-- look-up for each outcome; the worker takes the number from the table in the same statement.
DO $$
DECLARE only_one integer;
BEGIN
    SELECT max(topic_no) INTO only_one FROM topics HAVING count(*) = 1;
    IF only_one IS NULL THEN
        ALTER TABLE outcomes ADD COLUMN topic_no integer;
    ELSE
        EXECUTE format('ALTER TABLE outcomes ADD COLUMN topic_no integer DEFAULT %s', only_one);
        ALTER TABLE outcomes ALTER COLUMN topic_no DROP DEFAULT;
    END IF;
END $$;

GRANT SELECT ON topics TO frontrow_worker, frontrow_audit;
GRANT INSERT ON topics TO frontrow_worker;
