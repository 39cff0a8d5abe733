//! Who may see what: customers with their domains, users, keys, roles; and the record of who looked.
