//! How a figure is put together, and what its buttons and keys mean.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::play::GLIDES;
use super::tour::shown_tasks;
use super::travel::{Travel, branch_clicked, spoken, time_key};
use super::{Around, Figure, MenuAction, Msg, Touring};
use crate::embed::{Panel, Panels};
use crate::labs::{Breach, LabEntry};
use crate::lens::words::name;
use crate::scene::{Frame, Target, Tear, Thing, tenths};
use crate::small_text::number;
use crate::text;
use crate::timeline::Timeline;
use crate::ui::controls::{Control, ControlsState};
use crate::ui::menu::menu;
use crate::ui::motion::Motion;
use crate::ui::panels;
use crate::ui::pinned::put_in_place;
use crate::ui::stage::{is_echo, stage, target_at};
use crate::ui::tree::{Named, Tree, named};
use crate::ui::views::{self, Look};
use crate::ui::watch::is_narrow;

/// How many lines of the story are shown.
const STORY_LINES: usize = 8;

impl Figure {
    pub(super) fn view_stage(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        html! {
            <div class="stage" ref={self.stage.clone()}>
                { stage(
                    &self.scene,
                    &self.preview,
                    self.gesture.is_armed(),
                    self.focus,
                    self.jumped.as_ref().map_or(&[], |(_, breach)| &breach.servers),
                    &self.svg,
                    &link.callback(Msg::Gesture),
                ) }
                // Of its own, so that what comes and goes here never shifts the picture's place
                // among its siblings: Yew would make it anew, and the focus in it would be lost.
                { self.over_the_picture() }
            </div>
        }
    }

    /// What comes and goes over the picture.
    fn over_the_picture(&self) -> Html {
        let mut tree = Tree::default();
        tree.open("div", named![]);
        tree.put(heal_buttons(&self.scene.tears, self.frame));
        let armed = self.gesture.is_armed().then_some(text::CUT_ARMED);
        let effect = self.preview.effect.as_ref();
        tree.open("div", named!["class" = "stage-foot"]);
        if let Some(caption) = effect.map(|effect| effect.caption.as_str()).or(armed) {
            tree.words("p", named!["class" = "stage-caption", "role" = "status"], caption);
        }
        let past = (!self.timeline.borrow().is_at_end()).then_some(text::IN_THE_PAST);
        // A tour is all past, and says itself what becomes of acts.
        if let Some(past) = past.filter(|_| self.touring.is_none()) {
            tree.words("p", named!["class" = "moment"], past);
        }
        tree.close();
        if let Some(open) = &self.menu {
            tree.put(menu(open, past, self.frame));
        }
        if let Some(progress) = self.progress() {
            notice(&mut tree, &[&progress], named!["data-control" = "stop"], text::STOP_HERE);
        } else if let Some((_, at_us)) = &self.came_from {
            let back = text::go_back(*at_us);
            let said = if self.jumped.is_some() { text::REPLAYED } else { text::LOOK_BACK };
            notice(&mut tree, &[said], named!["data-control" = "back"], &back);
        } else if !self.notices.is_empty() {
            let said: Vec<&str> = self.notices.iter().map(String::as_str).collect();
            notice(&mut tree, &said, named!["data-menu" = "dismiss"], text::DISMISS);
        }
        tree.close();
        tree.html()
    }

    /// How things stand, and when.
    pub(super) fn headline(&self) -> Html {
        let mut tree = Tree::default();
        tree.open("p", named!["class" = "headline"]);
        tree.open("span", named![]);
        tree.words("strong", named![], &self.scene.headline);
        let whole = if self.is_torn() { "" } else { text::ALL_UP };
        tree.words("span", named![], self.scene.network_line.as_deref().unwrap_or(whole));
        tree.close();
        if let Some(by_us) = self.skipped_us {
            let said = text::skipped(by_us);
            tree.words("small", named![], &said);
        }
        tree.words("time", named![], &text::milliseconds(self.now_us()));
        tree.close();
        tree.html()
    }

    /// Which run this is, and what is spoken.
    pub(super) fn foot(&self) -> Html {
        let timeline = self.timeline.borrow();
        let mut tree = Tree::default();
        tree.open("p", named!["class" = "truth"]);
        let [before, after] = self.really();
        tree.text(&[before, self.entry.words.what, after].concat());
        tree.text(" ");
        tree.open("span", named!["class" = "run-id"]);
        tree.text(&text::seed_and_history(timeline.settings().seed));
        let hash = format!("{:016x}", timeline.lab().history_hash());
        tree.words("code", named!["data-history-hash" = ""], &hash);
        tree.close();
        tree.close();
        let named = named!["class" = "visually-hidden", "role" = "status", "aria-live" = "polite"];
        tree.words("p", named, self.announcer.spoken());
        tree.html()
    }

    pub(super) fn controls_state(&self) -> ControlsState {
        ControlsState {
            speed_step: self.playback.speed_step(),
            speed_label: self.playback.speed_label(),
            cut_armed: self.gesture.is_armed(),
            torn: self.is_torn(),
        }
    }

    /// Finds what moves in what was just rendered, and puts it where it belongs.
    pub(super) fn after_rendering(&mut self, ctx: &Context<Self>) {
        if let Some(stage) = self.stage.cast::<Element>() {
            put_in_place(&stage);
            if std::mem::take(&mut self.jumps) {
                // To ask for a size settles every style, before servers may glide again.
                let _ = stage.client_height();
                let _ = stage.set_attribute(GLIDES, "");
            }
        }
        if self.motion.is_none()
            && let Some(svg) = self.svg.cast::<Element>()
        {
            let motion = Motion::find(&svg, &self.scene);
            motion.apply(self.now_us(), self.still);
            self.motion = Some(motion);
        }
        self.move_beside(true);
        self.strip.draw();
        if std::mem::take(&mut self.menu_just_opened) {
            self.focus_on(".menu .choice:not(:disabled)");
        }
        if let Some(field) = self.focus_due.take() {
            self.focus_on(field);
            if let Some(field) =
                self.find(field).and_then(|it| it.dyn_into::<HtmlInputElement>().ok())
            {
                field.select();
            }
        }
        if self.place.at_home {
            let link = ctx.link().clone();
            let keep = move || link.send_message(Msg::Travel(Travel::Keep));
            self.keeper.notice(&self.timeline.borrow(), keep);
        }
        self.place.tell();
        let link = ctx.link().clone();
        let digest = self.digest();
        self.announcer.notice(&digest, move || link.send_message(Msg::Speak));
        self.after_looking(ctx.link());
    }

    /// What is spoken: how things stand, and what clients were answered last.
    pub(super) fn digest(&self) -> String {
        let mut digest = self.scene.headline.clone();
        for client in &self.scene.clients {
            if let Some(chip) = client.chips.first() {
                let parts = [" ", &client.name, ": ", &chip.text, " ", &chip.answer, "."];
                parts.iter().for_each(|part| digest.push_str(part));
            }
        }
        digest.push_str(spoken(&self.timeline.borrow()));
        digest
    }

    /// Opens the panel of settings, or closes it, and takes the reader there.
    pub(super) fn show_settings(&self) {
        if let Some(panel) = self.find(".settings") {
            let _ = panel.toggle_attribute("open");
            self.focus_on(".settings summary");
        }
    }

    /// Folds the panel of settings where it is a sheet over the page. Returns whether it was open.
    pub(super) fn fold_sheet(&self) -> bool {
        let open = self.find(".settings[open]").filter(|_| is_narrow());
        open.is_some_and(|panel| panel.remove_attribute("open").is_ok())
    }

    pub(super) fn figure(&self) -> Option<Element> {
        self.stage.cast::<Element>()?.closest("figure").ok()?
    }

    fn find(&self, selector: &str) -> Option<Element> {
        self.figure()?.query_selector(selector).ok()?
    }

    /// Brings the picture into sight, at once, for a reader who is further down the page.
    pub(super) fn show_stage(&self) {
        if let Some(stage) = self.stage.cast::<Element>() {
            stage.scroll_into_view();
        }
    }

    /// Brings the figure into sight from its head on: whoever was sent a run sees what it is about.
    pub(super) fn show_figure(&self) {
        if let Some(head) = self.find(".headline") {
            head.scroll_into_view();
        }
    }

    pub(super) fn focus_node(&self) {
        self.focus_on(&format!("[data-node=\"{}\"] .grip", self.focus.0));
    }

    /// Whether there is such an element.
    pub(super) fn focus_on(&self, selector: &str) -> bool {
        // `focus` belongs to HTML and SVG elements alike; the binding for either calls it by name.
        let found = self.find(selector);
        found.is_some_and(|element| element.unchecked_into::<HtmlElement>().focus().is_ok())
    }
}

/// `jumped` is the breach that is being looked at, under its promise's name; `refused` is the place
/// of a setting, with why it cannot be as the reader wanted.
pub(super) fn render_panels(
    entry: &LabEntry,
    shown: Panels,
    touring: Option<&Touring>,
    timeline: &Timeline,
    jumped: Option<&(&'static str, Breach)>,
    refused: Option<&(usize, String)>,
) -> Around {
    let lab = timeline.lab();
    let (mut side, mut below) = (Tree::default(), Tree::default());
    let [tasks, story] = [Panel::Tasks, Panel::Story].map(|panel| shown.has(panel));
    if tasks || story {
        side.open("aside", named!["class" = "figure-side"]);
        if tasks {
            side.put(panels::tasks(&shown_tasks(touring, timeline)));
        }
        if story {
            side.put(panels::story(&lab.story(STORY_LINES), jumped));
        }
        side.close();
    }
    below.open("div", named!["class" = "figure-below"]);
    if shown.has(Panel::Promises) {
        below.put(panels::promises(&entry.words, &lab.promises()));
    }
    if shown.has(Panel::Settings) {
        below.put(panels::settings(entry, timeline.settings(), refused));
    }
    if shown.has(Panel::Tables) {
        below.put(panels::tables(&[lab.table(), lab.client_table()]));
    }
    below.close();
    Around { side: side.html(), below: below.html() }
}

/// What has to be said, with the button that takes it away.
fn notice(tree: &mut Tree, said: &[&str], button: Named<'_>, label: &str) {
    tree.open("div", named!["class" = "notice", "role" = "status"]);
    said.iter().for_each(|said| tree.words("p", named![], said));
    tree.words("button", button, label);
    tree.close();
}

fn heal_buttons(tears: &[Tear], frame: Frame) -> Html {
    let mut tree = Tree::default();
    for (place, tear) in tears.iter().enumerate() {
        let x = tear.handle.x.min(frame.width - 18.0).max(18.0);
        let y = tear.handle.y.min(frame.height - 18.0).max(18.0);
        let (name, number) = (tear.name(), place.to_string());
        let title = text::heal(&name);
        let at = format!("left:{};top:{}", tenths(x), tenths(y));
        let named = named![
            "class" = "heal",
            "data-heal" = number.as_str(),
            "title" = title.as_str(),
            "data-place" = at.as_str()
        ];
        tree.open("button", named);
        tree.key(&name);
        tree.text("×");
        tree.close();
    }
    tree.html()
}

/// What the button that was clicked asks for.
pub(super) fn clicked(event: MouseEvent) -> Option<Msg> {
    if is_echo(&event) {
        return None;
    }
    let element = event.target_dyn_into::<Element>()?;
    let button = element.closest("button").ok().flatten()?;
    if let Some(look) = views::clicked(&button) {
        return Some(Msg::Look(look));
    }
    if let Some(dial) = button.get_attribute("data-dial") {
        return Some(Msg::Turn(dial));
    }
    if let Some(answer) = button.get_attribute("data-quiz") {
        return Some(Msg::Foretell(answer));
    }
    let place = |name: &str| number::<usize>(&button.get_attribute(name)?);
    if let Some(name) = button.get_attribute("data-control") {
        return Control::named(&name).map(Msg::Control);
    }
    if let Some(tear) = place("data-heal") {
        return Some(Msg::Heal(tear));
    }
    if let Some(choice) = place("data-choice") {
        return Some(Msg::Menu(MenuAction::Choose(choice)));
    }
    if let Some(setting) = place("data-setting").or_else(|| place("data-more")) {
        return Some(Msg::Setting(setting, true));
    }
    if let Some(setting) = place("data-less") {
        return Some(Msg::Setting(setting, false));
    }
    if let Some(promise) = place("data-jump") {
        return Some(Msg::JumpToBreach(promise));
    }
    if let Some(lesson) = button.get_attribute("data-lesson") {
        return Some(Msg::Lesson(number(&lesson)));
    }
    if let Some(side) = place("data-side") {
        return Some(Msg::Menu(MenuAction::ToggleSide(side)));
    }
    match button.get_attribute("data-menu").unwrap_or_default().as_str() {
        "close" => Some(Msg::Menu(MenuAction::Close)),
        "cut-off" => Some(Msg::Menu(MenuAction::CutOffSide)),
        "dismiss" => Some(Msg::Dismiss),
        _ => branch_clicked(&button),
    }
}

/// What of the stage or the story the pointer is over, for the other picture.
pub(super) fn pointed_over(event: PointerEvent) -> Option<Msg> {
    let element = event.target_dyn_into::<Element>()?;
    if let Some(line) = element.closest(".story li").ok()? {
        let ask = line.query_selector("[data-ask]").ok()??.get_attribute("data-ask")?;
        return Some(Msg::Look(Look::Over(Some(ask.replace('w', "r")))));
    }
    if element.closest(".stage").ok()?.is_none() {
        let over_picture = element.closest(".view-pane").ok()?.is_some();
        return (!over_picture).then_some(Msg::Look(Look::Over(None)));
    }
    let thing = target_at(&element).and_then(|target| match target {
        Target::Node(node) => Some(Thing::Node(node)),
        Target::Message(id) => Some(Thing::Message(id)),
        _ => None,
    });
    Some(Msg::Look(Look::Over(thing.map(|thing| name(&thing)))))
}

/// The speed that the slider was moved to.
pub(super) fn slid(event: InputEvent) -> Option<Msg> {
    let slider = event.target_dyn_into::<HtmlInputElement>()?;
    if slider.get_attribute("data-name-of").is_some() {
        return None;
    }
    if let Some(name) = slider.get_attribute("data-look") {
        return Some(Msg::Look(Look::Press([&name, "=", &slider.value()].concat())));
    }
    number(&slider.value()).map(|step| Msg::Control(Control::Speed(step)))
}

/// The keys of the figure. They work only while the focus is in it.
pub(super) fn key_pressed(event: KeyboardEvent) -> Option<Msg> {
    let element = event.target_dyn_into::<Element>()?;
    // Who writes a name writes letters.
    if event.alt_key() || element.closest("input[type=text]").ok().flatten().is_some() {
        return None;
    }
    if let Some(msg) = time_key(&event, &element) {
        event.prevent_default();
        return Some(msg);
    }
    if event.ctrl_key() || event.meta_key() {
        return None;
    }
    if let Some(look) = views::key_pressed(&element, &event.key()) {
        event.prevent_default();
        return Some(Msg::Look(look));
    }
    let in_control = element.closest("button,input,summary").ok().flatten().is_some();
    let node = target_at(&element);
    let msg = match (event.key().as_str(), node) {
        ("Escape", _) => Msg::Escape,
        ("Enter" | " ", Some(target)) => Msg::OpenMenu(target),
        (" " | "Enter", None) if !in_control => Msg::Control(Control::TogglePlay),
        ("ArrowRight" | "ArrowDown", Some(_)) => Msg::Focus(1),
        ("ArrowLeft" | "ArrowUp", Some(_)) => Msg::Focus(-1),
        ("[", _) => Msg::Control(Control::Slower),
        ("]", _) => Msg::Control(Control::Faster),
        ("p" | "P", _) => Msg::OpenMenu(Target::Stage),
        ("h" | "H", _) => Msg::Control(Control::HealAll),
        ("c" | "C", _) => Msg::Control(Control::ToggleCut),
        _ => return None,
    };
    event.prevent_default();
    Some(msg)
}
