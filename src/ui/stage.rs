//! The picture: a scene as SVG, and the pointer events on it.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::labs::Partition;
use crate::scene::{
    Burst, ClientView, Density, Frame, GestureInput, LinkView, NodeView, Point, Scene, Target, svg,
    tenths,
};
use crate::sim::{NodeId, RecordId};
use crate::small_text::number;
use crate::ui::tree::{Tree, named};

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
            { picture(scene, preview, focus, concerned) }
        </svg>
    }
}

/// From back to front: links, tears, clients, servers, messages, what died, the stroke being drawn.
fn picture(scene: &Scene, preview: &Preview, focus: NodeId, concerned: &[NodeId]) -> Html {
    let mut tree = Tree::default();
    tree.open("g", named![]);
    for link in &scene.links {
        link_view(&mut tree, link, preview);
    }
    tree.close();
    layer(&mut tree, "tear", &scene.tears.iter().map(svg::tear).collect::<String>());
    let threads = scene.clients.iter().map(|client| svg::thread(client, scene.frame));
    layer(&mut tree, "threads", &threads.collect::<String>());
    tree.open("g", named![]);
    for client in &scene.clients {
        client_view(&mut tree, client);
    }
    tree.close();
    tree.open("g", named![]);
    for node in &scene.nodes {
        let held = preview.dragged.filter(|(id, _)| *id == node.id).map(|(_, at)| at);
        let marks = [
            held.map(|_| "held"),
            concerned.contains(&node.id).then_some(""),
            Some(if node.id == focus { "0" } else { "-1" }),
        ];
        node_view(&mut tree, node, held.unwrap_or(node.at), marks, scene.frame);
    }
    tree.close();
    tree.open("g", named!["class" = "tokens", "aria-hidden" = "true"]);
    tokens(&mut tree, scene);
    tree.close();
    tree.open("g", named!["class" = "bursts", "aria-hidden" = "true"]);
    for burst in &scene.bursts {
        burst_view(&mut tree, burst);
    }
    tree.close();
    layer(&mut tree, "stroke", &svg::stroke(&preview.stroke));
    tree.html()
}

/// Messages, each by itself, or a crowd of them. Who puts them in their places is
/// [`Motion`](super::motion::Motion).
fn tokens(tree: &mut Tree, scene: &Scene) {
    if scene.is_crowded() {
        let mut known = Vec::new();
        for token in &scene.tokens {
            let number = svg::crowd(token);
            if known.contains(&number) {
                continue;
            }
            known.push(number);
            let (number, class) = (number.to_string(), svg::crowd_class(token));
            let named = named![
                "data-crowd" = number.as_str(),
                "class" = class.as_str(),
                "data-tone" = svg::tone_name(token.tone)
            ];
            tree.open("path", named);
            tree.key(&number);
            tree.close();
        }
        return;
    }
    for token in &scene.tokens {
        let id = token.id.to_string();
        tree.open("g", named!["data-token" = id.as_str()]);
        tree.key(&id);
        tree.raw(&svg::token(token, scene.frame));
        tree.close();
    }
}

fn layer(tree: &mut Tree, class: &str, markup: &str) {
    tree.open("g", named!["class" = class, "aria-hidden" = "true"]);
    tree.raw(markup);
    tree.close();
}

fn link_view(tree: &mut Tree, link: &LinkView, preview: &Preview) {
    let mark = match &preview.effect {
        Some(effect) if effect.cuts.contains(&link.ends) => Some("cut"),
        Some(effect) if effect.heals.contains(&link.ends) => Some("heal"),
        _ => None,
    };
    let (a, b) = link.ends;
    let ends = format!("{}-{}", a.0, b.0);
    tree.open("g", named!["data-link" = ends.as_str(), "data-mark" = mark]);
    tree.key(&ends);
    tree.raw(&svg::link(link));
    tree.close();
}

fn client_view(tree: &mut Tree, client: &ClientView) {
    let number = client.client.to_string();
    let place = format!("translate({})", client.at);
    let named =
        named!["class" = "client", "data-client" = number.as_str(), "transform" = place.as_str()];
    tree.open("g", named);
    tree.key(&number);
    grip(tree, &client.description, Some("0"));
    layer(tree, "marks", &svg::client(client));
    tree.close();
}

/// What has the focus for something that is drawn over it. Its name is not what is drawn: marks
/// are many words, and a name is to be short.
fn grip(tree: &mut Tree, name: &str, tab_index: Option<&str>) {
    let named = named![
        "class" = "grip",
        "r" = "22",
        "tabindex" = tab_index,
        "role" = "button",
        "aria-haspopup" = "dialog",
        "aria-label" = name
    ];
    tree.open("circle", named);
    tree.close();
}

/// A server at `at`, with what is special about it: whether it is held, whether a broken promise is
/// about it, and its `tabindex`.
fn node_view(
    tree: &mut Tree,
    node: &NodeView,
    at: Point,
    [held, concerned, tab_index]: [Option<&str>; 3],
    frame: Frame,
) {
    let id = node.id.0.to_string();
    let place = format!("translate({at})");
    let named = named![
        "class" = "server",
        "data-node" = id.as_str(),
        "data-mark" = held,
        "data-concerned" = concerned,
        "transform" = place.as_str()
    ];
    tree.open("g", named);
    tree.key(&id);
    grip(tree, &node.description, tab_index);
    layer(tree, "marks", &svg::node(node, frame));
    tree.close();
}

fn burst_view(tree: &mut Tree, burst: &Burst) {
    let place = format!("translate({})", burst.at);
    let named =
        named!["class" = "burst", "data-burst" = burst.reason, "transform" = place.as_str()];
    tree.open("g", named);
    tree.key(&burst.id.to_string());
    tree.raw(&svg::burst(burst));
    tree.close();
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
    finger_lifted(event);
    Some(GestureInput::Up(place(event, svg, frame)))
}

fn cancelled(_: &PointerEvent, _: &Element, _: Frame) -> Option<GestureInput> {
    Some(GestureInput::Cancel)
}

thread_local! {
    /// Where a finger was lifted last, in the window, until the click that comes of it.
    static LIFTED: Cell<Option<(i32, i32)>> = const { Cell::new(None) };
}

/// After a finger is lifted comes a click, at whatever is there by then. That may be a card that
/// the tap has just opened: see [`is_echo`].
pub(crate) fn finger_lifted(event: &PointerEvent) {
    let at = (event.client_x(), event.client_y());
    LIFTED.set((event.pointer_type() == "touch").then_some(at));
}

/// Whether a click only comes of the tap before it, and so was not aimed at what it hits.
pub(crate) fn is_echo(click: &MouseEvent) -> bool {
    /// How far a finger may wander and still tap, in pixels.
    const SLOP: u32 = 20;
    let near = |a: i32, b: i32| a.abs_diff(b) <= SLOP;
    LIFTED.take().is_some_and(|(x, y)| near(x, click.client_x()) && near(y, click.client_y()))
}

/// Where the pointer is, in the scene's pixels.
fn place(event: &PointerEvent, svg: &Element, frame: Frame) -> Point {
    place_on(event, svg, Some(frame.width))
}

/// Where the pointer is on an element that shows so much width; without one, in the page's pixels.
pub(crate) fn place_on(event: &PointerEvent, svg: &Element, width: Option<f32>) -> Point {
    let rect = svg.get_bounding_client_rect();
    let width = width.filter(|_| rect.width() > 0.0);
    let scale = width.map_or(1.0, |width| f64::from(width) / rect.width());
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
        return Some(Target::Node(NodeId(number(&node)?)));
    }
    if let Some(client) = owner.get_attribute("data-client") {
        return Some(Target::Client(number(&client)?, None));
    }
    if let Some(token) = owner.get_attribute("data-token") {
        return Some(Target::Message(RecordId(number(&token)?)));
    }
    let ends = owner.get_attribute("data-link")?;
    let (a, b) = ends.split_once('-')?;
    Some(Target::Link(NodeId(number(a)?), NodeId(number(b)?)))
}
