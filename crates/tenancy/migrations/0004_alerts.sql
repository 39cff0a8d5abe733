-- What is watched, for the whole installation (no customer) or a customer, and how it stands. `receivers` has one in a
-- line. `state` and `evidence` are who watches' own texts; `turn` counts how often the rule was changed, so that what
-- was found by the old one is not noted. The key stands as it is: who signs must know it.

CREATE TABLE alerts (
    id {id},
    customer BIGINT REFERENCES customers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    question TEXT NOT NULL,
    by_column TEXT,
    threshold BIGINT NOT NULL,
    percent BIGINT NOT NULL,
    window_secs BIGINT NOT NULL,
    quiet_secs BIGINT NOT NULL,
    receivers TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    turn BIGINT NOT NULL DEFAULT 0,
    checked BIGINT,
    firing_since BIGINT,
    state TEXT NOT NULL DEFAULT '',
    evidence TEXT,
    trouble TEXT,
    failure TEXT
);
CREATE INDEX alerts_of_customer ON alerts (customer);

-- Each time that a rule held, from its beginning to its end, with what was found at the beginning.
CREATE TABLE firings (
    id {id},
    alert BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    began BIGINT NOT NULL,
    ended BIGINT,
    evidence TEXT NOT NULL
);
CREATE INDEX firings_of_alert ON firings (alert, id);

-- Messages that a receiver has not got yet.
CREATE TABLE alert_messages (
    id {id},
    alert BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    receiver TEXT NOT NULL,
    message TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    next_try BIGINT NOT NULL
);
CREATE INDEX alert_messages_due ON alert_messages (next_try);
