-- What the best seats are chosen by, and sections without numbers. Constant defaults change no row.
-- depends: 0003-booking-life-cycle

ALTER TABLE events ADD COLUMN focal_row integer NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN focal_offset integer NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN accessible text[] NOT NULL DEFAULT '{}';
ALTER TABLE blocks ADD COLUMN general_admission boolean NOT NULL DEFAULT false;
