//! Rows and links of a message in, its journey out: the tree that an answer tells.
