//! End to end: the built page in `dist/`, in a real headless browser, driven through WebDriver
//! with real pointer events. `cargo xtask test page e2e` builds the page and runs these.

mod accessible;
mod breaker;
mod breaker_views;
mod cap;
mod cap_views;
mod challenges;
mod circuit_breaker;
mod clients;
mod curtain;
mod embed;
mod embed_manners;
mod embed_scenarios;
mod event_store;
mod events;
mod events_views;
mod guide;
mod lens;
mod lessons;
mod loading;
mod reader;
mod robust;
mod share;
mod story;
mod support;
mod support_works;
mod time;
mod trade_offs;
