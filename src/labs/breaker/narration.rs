//! What happened, in sentences, each with the source that has the rule where there is one.
