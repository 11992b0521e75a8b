//! What moves between two events, written straight to the DOM.
//!
//! Yew renders these elements without the attributes written here, and compares only what it
//! rendered itself; so the two never fight over one.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::scene::{Countdown, Scene, Token, svg, tenths};
use crate::sim::NodeId;
use crate::small_text::number;

/// The elements of a rendered scene that move.
pub(crate) struct Motion {
    scene: Rc<Scene>,
    tokens: Vec<(Element, usize)>,
    clocks: Vec<(Element, Countdown)>,
    /// Those of a crowd that look alike, as one mark.
    crowds: Vec<(Element, Vec<usize>)>,
}

impl Motion {
    /// Finds what moves in `svg`, which shows `scene`.
    pub(crate) fn find(svg: &Element, scene: &Rc<Scene>) -> Motion {
        let mut next = 0;
        let tokens = elements(svg, "data-token")
            .filter_map(|(element, id)| {
                // They come in the scene's order: each is found where the one before it was.
                let (before, after) = scene.tokens.split_at(next);
                let is_it = |token: &Token| token.id == id;
                let place = match after.iter().position(is_it) {
                    Some(place) => next + place,
                    None => before.iter().position(is_it)?,
                };
                next = place + 1;
                Some((element, place))
            })
            .collect();
        let clocks = elements(svg, "data-clock")
            .filter_map(|(element, number)| {
                let node = scene.node(NodeId(number as u8))?;
                Some((element, svg::clock_of(node, number)?))
            })
            .collect();
        Motion { scene: Rc::clone(scene), tokens, clocks, crowds: crowds(svg, scene) }
    }

    /// Puts everything where it is at `now_us`. With `still`, messages wait half-way instead of
    /// flying, for readers who asked for less motion.
    pub(crate) fn apply(&self, now_us: u64, still: bool) {
        let place_of = |token: &Token| match still {
            true => token.lane.at(token.stopped_at.map_or(0.5, |stop| stop.min(0.5))),
            false => token.position(now_us),
        };
        for (element, members) in &self.crowds {
            let mut path = String::with_capacity(members.len() * 14);
            for place in members {
                svg::dot(&mut path, place_of(&self.scene.tokens[*place]));
            }
            let _ = element.set_attribute("d", &path);
        }
        for (element, place) in &self.tokens {
            let at = place_of(&self.scene.tokens[*place]);
            let _ = element.set_attribute("transform", &format!("translate({at})"));
        }
        for (element, countdown) in &self.clocks {
            let gone = 100.0 * (1.0 - countdown.left(now_us));
            let _ = element.set_attribute("stroke-dashoffset", &tenths(gone));
        }
    }
}

/// The marks of a crowd, each with the places of those messages in the scene that it stands for.
fn crowds(svg: &Element, scene: &Scene) -> Vec<(Element, Vec<usize>)> {
    if !scene.is_crowded() {
        return Vec::new();
    }
    let numbers: Vec<u32> = scene.tokens.iter().map(svg::crowd).collect();
    let of = |number: u32| {
        let places = numbers.iter().enumerate().filter(|(_, of)| **of == number);
        places.map(|(place, _)| place).collect()
    };
    elements(svg, "data-crowd").map(|(element, number)| (element, of(number))).collect()
}

/// Every element in `svg` that has `attribute`, with its number.
fn elements<'a>(
    svg: &Element,
    attribute: &'a str,
) -> impl Iterator<Item = (Element, u32)> + use<'a> {
    let found = svg.query_selector_all(&format!("[{attribute}]")).ok();
    let length = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..length).filter_map(move |k| {
        let element = found.as_ref()?.item(k)?.dyn_into::<Element>().ok()?;
        let id = number(&element.get_attribute(attribute)?)?;
        Some((element, id))
    })
}
