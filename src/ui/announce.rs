//! Speaks a digest of what happens to screen readers, seldom enough to be followed.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

/// How long after a spoken digest the next may follow, in milliseconds.
const PAUSE_MS: u32 = 2_500;

/// Properties of [`Announcer`].
#[derive(PartialEq, Properties)]
pub(crate) struct AnnouncerProps {
    /// What is true now. Changes within the pause are spoken once, as they stand at its end.
    pub(crate) message: AttrValue,
}

/// A live region that is there from the start, empty, and changes its text now and then.
#[component]
pub(crate) fn Announcer(props: &AnnouncerProps) -> Html {
    let spoken = use_state_eq(|| AttrValue::Static(""));
    let latest = use_mut_ref(|| AttrValue::Static(""));
    let pause = use_mut_ref(|| None::<Timeout>);
    *latest.borrow_mut() = props.message.clone();
    let speak = spoken.setter();
    use_effect_with(props.message.clone(), move |_| {
        if pause.borrow().is_none() {
            let (ended, latest) = (pause.clone(), latest.clone());
            *pause.borrow_mut() = Some(Timeout::new(PAUSE_MS, move || {
                ended.borrow_mut().take();
                speak.set(latest.borrow().clone());
            }));
        }
    });
    html! { <p class="visually-hidden" role="status" aria-live="polite">{ (*spoken).clone() }</p> }
}
