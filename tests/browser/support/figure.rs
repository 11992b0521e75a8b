//! What tests of every figure do with it. `place` is where it is in the page: what its selectors
//! begin with, such as `[data-lab=cap] `; nothing for the first.

use super::{Hand, Page, Point};

impl Page {
    /// Taps a client, picks the server that it asks, and chooses what it asks for.
    pub(crate) async fn ask(
        &self,
        hand: Hand,
        place: &str,
        (client, via): (u8, usize),
        label: &str,
    ) {
        let figure = format!("{place}[data-client=\"{client}\"] .client-figure");
        let at = self.center_of(&figure).await;
        self.tap(hand, at).await;
        self.wait_for(&format!("{place}.menu [data-side]")).await;
        self.click(&format!("{place}[data-side=\"{via}\"]")).await;
        self.wait_for(&format!("{place}[data-side=\"{via}\"][aria-pressed=true]")).await;
        self.pick(place, label).await;
    }

    /// Chooses a line of the open menu.
    pub(crate) async fn pick(&self, place: &str, label: &str) {
        self.wait_for_text(&format!("{place}.menu"), label).await;
        let script = format!(
            "const choices = [...document.querySelectorAll('{place}.menu .choice')];
            return choices.findIndex((choice) => choice.textContent.includes('{label}'));"
        );
        let choice: usize = self.eval(&script).await;
        self.click(&format!("{place}[data-choice=\"{choice}\"]")).await;
    }

    /// Waits until a mark of a picture says `text`. (What is SVG has no `innerText`.)
    pub(crate) async fn says(&self, css: &str, text: &str) {
        let script = format!(
            "return document.querySelector('{css}')?.textContent.includes('{text}') ?? false"
        );
        self.wait_until(&format!("{css} says {text}"), &script).await;
    }

    /// Brings a button of a dial into sight, unfolding the dials if it is among those behind, and
    /// taps it.
    pub(crate) async fn press(&self, hand: Hand, place: &str, dial: &str, option: &str) {
        let button = dial_button(place, dial, option);
        if !self.eval::<bool>(&format!("return {button}.checkVisibility()")).await {
            let fold = format!("{place}.dials-rest summary");
            self.scroll_to(&fold).await;
            let at = self.center_of(&fold).await;
            self.tap(hand, at).await;
            self.wait_until("it is unfolded", &format!("return {button}.checkVisibility()")).await;
        }
        let script = format!(
            "const button = {button};
            button.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
            const box = button.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];"
        );
        let [x, y]: [f64; 2] = self.eval(&script).await;
        self.tap(hand, Point { x, y }).await;
    }

    /// Waits until a dial stands at an option.
    pub(crate) async fn stands(&self, place: &str, dial: &str, option: &str) {
        let script = format!("return {}?.ariaPressed === 'true'", dial_button(place, dial, option));
        self.wait_until(&format!("{dial} stands at {option}"), &script).await;
    }

    /// Presses a button of the dials without a pointer, by its words and how its place begins.
    pub(crate) async fn press_dial(&self, place: &str, row: &str, label: &str) {
        let script = format!(
            "const buttons = document.querySelectorAll('{place}[data-dial]');
            const button = [...buttons].find((it) =>
                it.textContent.trim() === '{label}' && it.dataset.dial.startsWith('{row}'));
            button.click();
            return true"
        );
        assert!(self.eval::<bool>(&script).await);
    }
}

/// The button of the row or dial `dial` that says `option`, as a script.
pub(crate) fn dial_button(place: &str, dial: &str, option: &str) -> String {
    format!(
        "[...document.querySelectorAll('{place}.dial')]
            .find((dial) => dial.querySelector('b').textContent === '{dial}')
            ?.querySelectorAll('button').values()
            .find((button) => button.textContent === '{option}')"
    )
}
