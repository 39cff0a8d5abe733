-- One text for SQLite and PostgreSQL. `{id}` is an integer key that the database gives and never gives again.
-- Times are microseconds since 1970 in UTC; flags are 0 or 1.

CREATE TABLE customers (
    id {id},
    name TEXT NOT NULL UNIQUE,
    class TEXT,
    disabled BIGINT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE domains (
    domain TEXT NOT NULL PRIMARY KEY,
    customer BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE
);
CREATE INDEX domains_of_customer ON domains (customer);

CREATE TABLE accounts (
    address TEXT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    customer BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE
);
CREATE INDEX accounts_of_customer ON accounts (customer);
CREATE INDEX accounts_of_domain ON accounts (domain);

CREATE TABLE users (
    id {id},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    customer BIGINT REFERENCES customers (id) ON DELETE CASCADE,
    password TEXT,
    disabled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    last_login BIGINT,
    language TEXT,
    time_zone TEXT,
    factor_secret TEXT,
    factor_confirmed BIGINT NOT NULL DEFAULT 0,
    factor_step BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX users_of_customer ON users (customer);

CREATE TABLE mailboxes (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (user_id, address)
);

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE sessions (
    handle TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address TEXT,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE keys (
    id {id},
    handle TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    customer BIGINT REFERENCES customers (id) ON DELETE CASCADE,
    rights TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    seen BIGINT,
    revoked BIGINT
);
CREATE INDEX keys_of_user ON keys (user_id);
CREATE INDEX keys_of_customer ON keys (customer);

-- What can be done once: the first run (no user), a new password.
CREATE TABLE links (
    handle TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL
);

CREATE TABLE searches (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    question TEXT NOT NULL,
    shared BIGINT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (user_id, name)
);

-- No reference to users or customers: the record outlives them.
CREATE TABLE audit (
    entry BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    customer BIGINT,
    detail TEXT NOT NULL,
    address TEXT,
    hash TEXT NOT NULL
);
CREATE INDEX audit_of_customer ON audit (customer, entry);
CREATE INDEX audit_of_who ON audit (who, entry);

-- How long the audit log is and with which hash it ends, so that a lost end shows. Whoever writes an entry changes this
-- row first, and so waits for the one before him.
CREATE TABLE audit_end (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    entries BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_end (one, entries, hash) VALUES (1, 0, '');
