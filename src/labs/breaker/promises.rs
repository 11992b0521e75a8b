//! What is promised, in words, and which settings keep it.
