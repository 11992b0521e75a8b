//! The picture: a scene as SVG, and the pointer events on it.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::labs::Partition;
use crate::scene::{
    Burst, ClientView, Density, Frame, GestureInput, LinkView, NodeView, Point, Scene, Target,
    Token, svg, tenths,
};
use crate::sim::{NodeId, RecordId};

/// What the reader is doing with the pointer right now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Preview {
    pub(crate) stroke: Vec<Point>,
    pub(crate) dragged: Option<(NodeId, Point)>,
    pub(crate) effect: Option<Partition>,
}

/// The stage. `element` becomes the picture's, `focus` is the server that Tab stops at, and
/// `concerned` are those that a broken promise is about.
pub(crate) fn stage(
    scene: &Scene,
    preview: &Preview,
    armed: bool,
    focus: NodeId,
    concerned: &[NodeId],
    element: &NodeRef,
    on_gesture: &Callback<GestureInput>,
) -> Html {
    let Frame { width, height } = scene.frame;
    let pointer = |kind: fn(&PointerEvent, &Element, Frame) -> Option<GestureInput>| {
        let (svg, on_gesture, frame) = (element.clone(), on_gesture.clone(), scene.frame);
        Callback::from(move |event: PointerEvent| {
            let input = svg.cast::<Element>().and_then(|svg| kind(&event, &svg, frame));
            if let Some(input) = input {
                on_gesture.emit(input);
            }
        })
    };
    let marked = |ends: (NodeId, NodeId)| match &preview.effect {
        Some(effect) if effect.cuts.contains(&ends) => Some("cut"),
        Some(effect) if effect.heals.contains(&ends) => Some("heal"),
        _ => None,
    };
    let threads = scene.clients.iter().map(|client| svg::thread(client, scene.frame));
    let size = if scene.frame.density() == Density::Compact { "compact" } else { "roomy" };
    let tool = if armed { "cut" } else { "none" };
    html! {
        <svg ref={element.clone()} class="stage-svg" data-size={size} data-tool={tool}
            viewBox={format!("0 0 {} {}", tenths(width), tenths(height))}
            role="group" aria-label={scene.headline.clone()}
            onpointerdown={pointer(pressed)} onpointermove={pointer(moved)}
            onpointerup={pointer(released)} onpointercancel={pointer(cancelled)}>
            <defs>
                <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)">
                    <path d="M0 0V7" class="hatch-line" />
                </pattern>
            </defs>
            <g>{ for scene.links.iter().map(|link| link_view(link, marked(link.ends))) }</g>
            { layer("tear", scene.tears.iter().map(svg::tear).collect()) }
            { layer("threads", threads.collect()) }
            <g>{ for scene.clients.iter().map(|client| client_view(client, scene.frame)) }</g>
            <g>
                for node in &scene.nodes {
                    { node_view(node, preview, scene.frame, focus, concerned) }
                }
            </g>
            <g class="tokens" aria-hidden="true">
                { for scene.tokens.iter().map(|token| token_view(token, scene.frame)) }
            </g>
            <g class="bursts" aria-hidden="true">{ for scene.bursts.iter().map(burst_view) }</g>
            { layer("stroke", svg::stroke(&preview.stroke)) }
        </svg>
    }
}

fn layer(class: &'static str, markup: String) -> Html {
    html! { <g {class} aria-hidden="true">{ raw(markup) }</g> }
}

fn link_view(link: &LinkView, marked: Option<&'static str>) -> Html {
    let (a, b) = link.ends;
    let ends = format!("{}-{}", a.0, b.0);
    html! { <g key={ends.clone()} data-link={ends} data-mark={marked}>{ raw(svg::link(link)) }</g> }
}

fn client_view(client: &ClientView, frame: Frame) -> Html {
    let number = client.client.to_string();
    html! {
        <g key={number.clone()} class="client" data-client={number}
            transform={format!("translate({})", client.at)} tabindex="0" role="button"
            aria-haspopup="dialog" aria-label={client.description.clone()}>
            { raw(svg::client(client, frame)) }
        </g>
    }
}

fn node_view(
    node: &NodeView,
    preview: &Preview,
    frame: Frame,
    focus: NodeId,
    concerned: &[NodeId],
) -> Html {
    let held = preview.dragged.filter(|(id, _)| *id == node.id).map(|(_, at)| at);
    let at = held.unwrap_or(node.at);
    html! {
        <g key={node.id.0.to_string()} class="server" data-node={node.id.0.to_string()}
            data-mark={held.map(|_| "held")}
            data-concerned={concerned.contains(&node.id).then_some("")}
            transform={format!("translate({at})")}
            tabindex={if node.id == focus { "0" } else { "-1" }} role="button"
            aria-haspopup="dialog" aria-label={node.description.clone()}>
            { raw(svg::node(node, frame)) }
        </g>
    }
}

fn token_view(token: &Token, frame: Frame) -> Html {
    let id = token.id.to_string();
    html! { <g key={id.clone()} data-token={id}>{ raw(svg::token(token, frame)) }</g> }
}

fn burst_view(burst: &Burst) -> Html {
    html! {
        <g key={burst.id.to_string()} class="burst" data-burst={burst.reason}
            transform={format!("translate({})", burst.at)}>{ raw(svg::burst(burst)) }</g>
    }
}

/// Markup that [`svg`] wrote, all text in it escaped.
fn raw(markup: String) -> Html {
    Html::from_html_unchecked(markup.into())
}

fn pressed(event: &PointerEvent, svg: &Element, frame: Frame) -> Option<GestureInput> {
    if event.button() != 0 {
        return None;
    }
    // So that the stroke goes on when the pointer leaves the stage. Not being able to is no harm.
    let _ = svg.set_pointer_capture(event.pointer_id());
    Some(GestureInput::Down(target_of(event), place(event, svg, frame)))
}

fn moved(event: &PointerEvent, svg: &Element, frame: Frame) -> Option<GestureInput> {
    Some(GestureInput::Move(place(event, svg, frame)))
}

fn released(event: &PointerEvent, svg: &Element, frame: Frame) -> Option<GestureInput> {
    Some(GestureInput::Up(place(event, svg, frame)))
}

fn cancelled(_: &PointerEvent, _: &Element, _: Frame) -> Option<GestureInput> {
    Some(GestureInput::Cancel)
}

/// Where the pointer is, in the scene's pixels.
fn place(event: &PointerEvent, svg: &Element, frame: Frame) -> Point {
    let rect = svg.get_bounding_client_rect();
    let scale = if rect.width() > 0.0 { f64::from(frame.width) / rect.width() } else { 1.0 };
    let x = (f64::from(event.client_x()) - rect.left()) * scale;
    let y = (f64::from(event.client_y()) - rect.top()) * scale;
    Point::new(x as f32, y as f32)
}

fn target_of(event: &PointerEvent) -> Target {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.as_ref().and_then(target_at).unwrap_or(Target::Stage)
}

/// What of the scene `element` belongs to.
pub(crate) fn target_at(element: &Element) -> Option<Target> {
    let owner =
        element.closest("[data-node],[data-link],[data-token],[data-client]").ok().flatten()?;
    if let Some(node) = owner.get_attribute("data-node") {
        return Some(Target::Node(NodeId(node.parse().ok()?)));
    }
    if let Some(client) = owner.get_attribute("data-client") {
        return Some(Target::Client(client.parse().ok()?, None));
    }
    if let Some(token) = owner.get_attribute("data-token") {
        return Some(Target::Message(RecordId(token.parse().ok()?)));
    }
    let ends = owner.get_attribute("data-link")?;
    let (a, b) = ends.split_once('-')?;
    Some(Target::Link(NodeId(a.parse().ok()?), NodeId(b.parse().ok()?)))
}
