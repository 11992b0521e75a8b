//! What moves between two events, written straight to the DOM.
//!
//! Yew renders these elements without the attributes written here, and compares only what it
//! rendered itself; so the two never fight over one.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::scene::{Scene, tenths};
use crate::small_text::number;

/// The elements of a rendered scene that move.
pub(crate) struct Motion {
    scene: Rc<Scene>,
    tokens: Vec<(Element, usize)>,
    clocks: Vec<(Element, usize)>,
}

impl Motion {
    /// Finds what moves in `svg`, which shows `scene`.
    pub(crate) fn find(svg: &Element, scene: &Rc<Scene>) -> Motion {
        let tokens = elements(svg, "data-token")
            .filter_map(|(element, id)| {
                let place = scene.tokens.iter().position(|token| token.id == id)?;
                Some((element, place))
            })
            .collect();
        let clocks = elements(svg, "data-clock")
            .filter_map(|(element, id)| {
                let place = scene.nodes.iter().position(|node| u32::from(node.id.0) == id)?;
                Some((element, place))
            })
            .collect();
        Motion { scene: Rc::clone(scene), tokens, clocks }
    }

    /// Puts everything where it is at `now_us`. With `still`, messages wait half-way instead of
    /// flying, for readers who asked for less motion.
    pub(crate) fn apply(&self, now_us: u64, still: bool) {
        for (element, place) in &self.tokens {
            let token = &self.scene.tokens[*place];
            let at = match still {
                true => token.lane.at(token.stopped_at.map_or(0.5, |stop| stop.min(0.5))),
                false => token.position(now_us),
            };
            let _ = element.set_attribute("transform", &format!("translate({at})"));
        }
        for (element, place) in &self.clocks {
            if let Some(countdown) = self.scene.nodes[*place].countdown {
                let gone = 100.0 * (1.0 - countdown.left(now_us));
                let _ = element.set_attribute("stroke-dashoffset", &tenths(gone));
            }
        }
    }
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
