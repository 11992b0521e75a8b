//! Whether what is promised was kept: judged after every single event.
