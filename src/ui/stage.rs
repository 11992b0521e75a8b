//! The picture: a scene as SVG, and the pointer events on it.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::labs::Partition;
use crate::scene::{
    Burst, Cell, Density, Frame, GestureInput, LinkView, Mark, NodeView, Outline, Pip, Point,
    Scene, Shape, Target, Tear, Token, Tone, tenths,
};
use crate::sim::NodeId;

/// What the reader is doing with the pointer right now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Preview {
    pub(crate) stroke: Vec<Point>,
    pub(crate) dragged: Option<(NodeId, Point)>,
    pub(crate) effect: Option<Partition>,
}

/// The stage. `svg` becomes the picture's element, `focus` is the server that Tab stops at.
pub(crate) fn stage(
    scene: &Scene,
    preview: &Preview,
    armed: bool,
    focus: NodeId,
    svg: &NodeRef,
    on_gesture: &Callback<GestureInput>,
) -> Html {
    let Frame { width, height } = scene.frame;
    let pointer = |kind: fn(&PointerEvent, &Element, Frame) -> Option<GestureInput>| {
        let (svg, on_gesture, frame) = (svg.clone(), on_gesture.clone(), scene.frame);
        Callback::from(move |event: PointerEvent| {
            let input = svg.cast::<Element>().and_then(|svg| kind(&event, &svg, frame));
            if let Some(input) = input {
                on_gesture.emit(input);
            }
        })
    };
    let marked = |ends: (NodeId, NodeId)| match &preview.effect {
        Some(effect) if effect.cuts.contains(&ends) => Some("will-cut"),
        Some(effect) if effect.heals.contains(&ends) => Some("will-heal"),
        _ => None,
    };
    let compact = scene.frame.density() == Density::Compact;
    html! {
        <svg ref={svg.clone()} class={classes!("stage-svg", armed.then_some("armed"),
                compact.then_some("compact"))}
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
            <g class="links">{ for scene.links.iter().map(|l| link_view(l, marked(l.ends))) }</g>
            <g class="tears">{ for scene.tears.iter().map(tear_view) }</g>
            <g class="nodes">
                { for scene.nodes.iter().map(|n| node_view(n, scene.frame, focus, preview.dragged)) }
            </g>
            <g class="tokens" aria-hidden="true">
                { for scene.tokens.iter().map(|token| token_view(token, compact)) }
            </g>
            <g class="bursts" aria-hidden="true">{ for scene.bursts.iter().map(burst_view) }</g>
            { stroke_view(&preview.stroke) }
        </svg>
    }
}

fn link_view(link: &LinkView, marked: Option<&'static str>) -> Html {
    let (a, b) = link.ends;
    let line = format!("M{}L{}", link.from, link.to);
    let state = if link.is_cut() { "cut" } else { "up" };
    html! {
        <g key={format!("{a}{b}")} class={classes!("link", state, marked)}
            data-link={format!("{}-{}", a.0, b.0)}>
            <title>{ link.description.clone() }</title>
            <path class="link-reach" d={line.clone()} />
            <path class="link-line" d={line} />
            if link.is_cut() {
                { cut_mark(link) }
            }
        </g>
    }
}

/// Two short strokes across the link where it is cut; an arrow when one direction is left.
fn cut_mark(link: &LinkView) -> Html {
    let along = link.from.direction(link.to);
    let across = along.right();
    let at = link.cut_point();
    let bar = |offset: f32| {
        let middle = at.moved(along, offset);
        format!("M{}L{}", middle.moved(across, -6.0), middle.moved(across, 6.0))
    };
    let open_way = match (link.cut_forward, link.cut_backward) {
        (true, false) => Some(-1.0),
        (false, true) => Some(1.0),
        _ => None,
    };
    let arrow = |way: f32| {
        let tip = at.moved(along, way * 16.0);
        let back = at.moved(along, way * 8.0);
        format!("M{}L{}L{}", back.moved(across, 5.0), tip, back.moved(across, -5.0))
    };
    html! {
        <>
            <path
                class="cut-gap"
                d={format!("M{}L{}", at.moved(along, -5.0), at.moved(along, 5.0))}
            />
            <path class="cut-bar" d={bar(-4.0)} /><path class="cut-bar" d={bar(4.0)} />
            if let Some(way) = open_way { <path class="cut-arrow" d={arrow(way)} /> }
        </>
    }
}

fn tear_view(tear: &Tear) -> Html {
    let points = tear.line.iter().map(Point::to_string).collect::<Vec<_>>().join(" ");
    html! {
        <g key={tear.name()} class="tear" data-tear={tear.name()}>
            <polyline class="tear-edge" points={points.clone()} />
            <polyline class="tear-line" {points} />
        </g>
    }
}

fn node_view(
    node: &NodeView,
    frame: Frame,
    focus: NodeId,
    dragged: Option<(NodeId, Point)>,
) -> Html {
    let radius = frame.node_radius();
    let held = dragged.filter(|(id, _)| *id == node.id).map(|(_, at)| at);
    let at = held.unwrap_or(node.at);
    let outline = match node.outline {
        Outline::Thin => "thin",
        Outline::Dashed => "dashed",
        Outline::Thick => "thick",
    };
    let class = classes!("node", tone_class(node.tone), outline, held.map(|_| "held"));
    html! {
        <g key={node.id.0.to_string()} {class} data-node={node.id.0.to_string()}
            style={format!("transform:translate({}px,{}px)", tenths(at.x), tenths(at.y))}
            tabindex={if node.id == focus { "0" } else { "-1" }} role="button"
            aria-haspopup="dialog" aria-label={node.description.clone()}>
            <circle class="node-halo" r={tenths(radius + 7.0)} />
            if node.countdown.is_some() {
                <circle class="clock-face" r={tenths(radius + 5.0)} />
                <circle class="clock-hand" r={tenths(radius + 5.0)} pathLength="100"
                    transform="rotate(-90)" data-clock={node.id.0.to_string()} />
            }
            <circle class="node-body" r={tenths(radius)} />
            if node.hatched { <circle class="node-hatch" r={tenths(radius)} /> }
            if node.crown {
                <path class="crown" transform={format!("translate(0 {})", tenths(-radius - 9.0))}
                    d="M-11 5L-13 -6L-6 -1L0 -9L6 -1L13 -6L11 5Z" />
            }
            <text class="node-name" y="-1">{ node.name.clone() }</text>
            <text class="node-detail" y="13">{ node.detail.clone() }</text>
            { pips_view(&node.pips, radius) }
            <text class="node-word" y={tenths(radius + 17.0)}>{ node.word }</text>
            <g class="strip">{ strip_view(node, frame) }</g>
        </g>
    }
}

fn pips_view(pips: &[Pip], radius: f32) -> Html {
    let width = pips.len() as f32 * 11.0;
    let pip = |(k, pip): (usize, &Pip)| {
        let x = k as f32 * 11.0 - width / 2.0 + 5.5;
        let class = match pip {
            Pip::Open => "pip open",
            Pip::Yes => "pip yes",
            Pip::No => "pip no",
        };
        let path = match pip {
            Pip::Open | Pip::Yes => "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0",
            Pip::No => "M-3.5 -3.5L3.5 3.5M-3.5 3.5L3.5 -3.5",
        };
        let transform = format!("translate({} {})", tenths(x), tenths(-radius - 15.0));
        html! { <path key={k.to_string()} {class} {transform} d={path} /> }
    };
    html! { <g class="pips">{ for pips.iter().enumerate().map(pip) }</g> }
}

fn strip_view(node: &NodeView, frame: Frame) -> Html {
    let (width, height) = frame.cell_size();
    let top = frame.node_radius() + 24.0;
    let strip = &node.strip;
    let left = -(strip.cells.len() as f32) * width / 2.0;
    if strip.cells.is_empty() {
        return html! {};
    }
    let cell = |(k, cell): (usize, &Cell)| {
        let place = format!("translate({} {})", tenths(left + k as f32 * width), tenths(top));
        let state = if cell.solid { "solid" } else { "loose" };
        let tint = format!("term-{}", cell.head % 6);
        let middle = tenths(width / 2.0 - 1.0);
        let small = frame.density() == Density::Compact;
        html! {
            <g key={(strip.hidden + k).to_string()} class={classes!("cell", state, tint)}
                transform={place}>
                <rect width={tenths(width - 2.0)} height={tenths(height - 2.0)} rx="3" />
                <text class="cell-head" x={middle.clone()} y={if small { "12" } else { "11" }}>
                    { cell.head.to_string() }
                </text>
                if !small {
                    <text class="cell-text" x={middle} y="23">{ cell.text.clone() }</text>
                }
            </g>
        }
    };
    html! {
        <>
            if strip.hidden > 0 {
                <text
                    class="strip-more"
                    x={tenths(left - 4.0)}
                    y={tenths(top + height / 2.0 + 3.0)}
                >
                    { format!("{}…", strip.hidden) }
                </text>
            }
            { for strip.cells.iter().enumerate().map(cell) }
        </>
    }
}

fn token_view(token: &Token, compact: bool) -> Html {
    let (shape, fill) = (token_path(token.shape), if token.filled { "filled" } else { "hollow" });
    let mark = token.mark.map(|mark| match mark {
        Mark::Check => "M-3.5 .5L-1 3L4 -3",
        Mark::Cross => "M-3 -3L3 3M-3 3L3 -3",
    });
    html! {
        <g key={token.id.to_string()} class={classes!("token", fill, tone_class(token.tone))}
            data-token={token.id.to_string()}>
            <title>{ token.description.clone() }</title>
            <path class="token-shape" d={shape} />
            if let Some(mark) = mark { <path class="token-mark" d={mark} /> }
            if !compact && !token.label.is_empty() {
                <text class="token-label" y="-12">{ token.label.clone() }</text>
            }
        </g>
    }
}

/// The outline of a message's shape, centred on the origin.
pub(crate) fn token_path(shape: Shape) -> &'static str {
    match shape {
        Shape::Diamond => "M0 -9L9 0L0 9L-9 0Z",
        Shape::Square => "M-7 -7H7V7H-7Z",
        Shape::Dot => "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0",
    }
}

fn burst_view(burst: &Burst) -> Html {
    html! {
        <g key={burst.id.to_string()} class="burst" data-burst={burst.reason}
            transform={format!("translate({})", burst.at)}>
            <path class="burst-rays"
                d="M0 -5V-12M0 5V12M-5 0H-12M5 0H12M-4 -4L-8 -8M4 4L8 8M-4 4L-8 8M4 -4L8 -8" />
            <text y="-16">{ burst.reason }</text>
        </g>
    }
}

fn stroke_view(stroke: &[Point]) -> Html {
    let points = stroke.iter().map(Point::to_string).collect::<Vec<_>>().join(" ");
    html! {
        <g class="stroke" aria-hidden="true">
            if let Some(start) = stroke.first() {
                <circle r="4" cx={tenths(start.x)} cy={tenths(start.y)} />
            }
            if stroke.len() > 1 { <polyline {points} /> }
        </g>
    }
}

/// The class that a tone's colours hang on.
pub(crate) fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "tone-plain",
        Tone::Calm => "tone-calm",
        Tone::Eager => "tone-eager",
        Tone::Chief => "tone-chief",
        Tone::Bad => "tone-bad",
        Tone::Off => "tone-off",
    }
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
    let owner = element.closest("[data-node],[data-link]").ok().flatten()?;
    if let Some(node) = owner.get_attribute("data-node") {
        return Some(Target::Node(NodeId(node.parse().ok()?)));
    }
    let ends = owner.get_attribute("data-link")?;
    let (a, b) = ends.split_once('-')?;
    Some(Target::Link(NodeId(a.parse().ok()?), NodeId(b.parse().ok()?)))
}
