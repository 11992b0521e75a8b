//! The browser entry: puts the page into `#app`.
use yew::{Html, component, html};

#[component]
fn Hello() -> Html {
    html! { <p>{ "Rift" }</p> }
}

fn main() {
    let document = web_sys::window().and_then(|window| window.document());
    let root = document.and_then(|document| document.get_element_by_id("app"));
    yew::Renderer::<Hello>::with_root(root.expect("index.html has an element #app")).render();
}
