//! What is promised, judged after every single event.
