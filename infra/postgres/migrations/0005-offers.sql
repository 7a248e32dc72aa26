-- Counter-offers: seats held for whoever was refused are a booking of their own until they are taken or the time is up.
-- depends: 0004-best-seats

ALTER TABLE bookings DROP CONSTRAINT bookings_status_check;
ALTER TABLE bookings ADD CONSTRAINT bookings_status_check
    CHECK (status IN ('held', 'paying', 'confirmed', 'cancelled', 'expired', 'offered', 'taken'));
ALTER TABLE bookings DROP CONSTRAINT bookings_check;
ALTER TABLE bookings ADD CONSTRAINT bookings_due_check
    CHECK ((due_at_ms IS NOT NULL) = (status IN ('held', 'paying', 'offered')));
