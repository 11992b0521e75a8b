//! What the reader does to a figure: controls, menus and gestures become commands.

use super::{Figure, MenuAction};
use crate::labs::{BREAK, Command, LabSettings, Partition, Setting, SettingValue};
use crate::scene::{GestureInput, Intent, Landing, Point, Target};
use crate::sim::{Fault, NodeId};
use crate::text;
use crate::timeline::Acted;
use crate::ui::controls::Control;
use crate::ui::menu::OpenMenu;
use crate::ui::panels::{MEMBERS, is_of_servers, planted, shown_value};
use crate::ui::stage::Preview;

impl Figure {
    pub(super) fn is_torn(&self) -> bool {
        self.scene.links.iter().any(|link| link.is_cut())
    }

    pub(super) fn control(&mut self, control: Control) {
        self.has_been_said();
        self.skipped_us = None;
        if self.tour_control(control) || self.time_control(control) {
            return;
        }
        match control {
            Control::TogglePlay => {
                self.playback.playing = !self.playback.playing;
                self.refresh();
                self.run_or_rest();
            }
            Control::SkipQuiet => self.playback.skips_quiet = !self.playback.skips_quiet,
            Control::Speed(step) => self.playback.set_speed_step(step),
            Control::Slower => self.playback.change_speed(-5),
            Control::Faster => self.playback.change_speed(5),
            Control::ToggleCut => {
                self.gesture.arm(!self.gesture.is_armed());
                self.preview = Preview::default();
            }
            Control::OpenNetwork => self.open_menu(Target::Stage),
            Control::HealAll if self.is_torn() => {
                self.act(Command::Faults(vec![Fault::HealAll]));
            }
            Control::HealAll => {}
            Control::Settings => {
                self.menu = None;
                self.show_settings();
            }
            Control::GoBack => self.go_back(),
            Control::StartOver => {
                let settings = self.timeline.borrow().settings().clone();
                self.start(settings);
            }
            Control::NewSeed => {
                let mut settings = self.timeline.borrow().settings().clone();
                settings.seed = (js_sys::Math::random() * 1_000_000.0) as u64;
                self.start(settings);
            }
            // The rest is about time.
            _ => {}
        }
    }

    /// A setting is turned, or goes a step up or down. The run starts over with the same seed, for
    /// it has one protocol from its beginning to its end. What cannot work is said instead.
    pub(super) fn change_setting(&mut self, place: usize, up: bool) {
        let mut settings = self.timeline.borrow().settings().clone();
        match self.entry.settings.get(place) {
            Some(entry) => {
                let most = settings.servers;
                let now = shown_value(entry, &settings.tuning, most);
                let value = match now.stepped(up, entry.choices) {
                    SettingValue::Count(count) if is_of_servers(entry) => {
                        SettingValue::Count(if count < most.into() { count } else { 0 })
                    }
                    value => value,
                };
                settings.tuning.set(Setting { name: entry.name, value });
            }
            // The number of servers comes after all others.
            None => {
                let next = if up { settings.servers + 1 } else { settings.servers - 1 };
                let range = &self.entry.servers;
                settings.servers = next.clamp(*range.start(), *range.end());
                let all = u64::from(settings.servers);
                settings.tuning.protocol.retain(|setting| match setting.value {
                    SettingValue::Count(count) => setting.name != MEMBERS || count < all,
                    _ => true,
                });
            }
        }
        self.start_if_possible(settings, Some(place));
    }

    /// Leaves the rule at `place` out, with what it needs to matter, or puts it back if it is left
    /// out; `None` puts back whatever is. The run starts over with the same seed.
    pub(super) fn teach(&mut self, place: Option<usize>) {
        let mut settings = self.timeline.borrow().settings().clone();
        let old = planted(self.entry, &settings.tuning).map_or("", |(name, _)| name);
        let lesson = place.and_then(|place| self.entry.lessons.get(place));
        let lesson = lesson.filter(|lesson| lesson.name != old);
        let value = SettingValue::Choice(lesson.map_or("", |lesson| lesson.name));
        settings.tuning.set(Setting { name: BREAK, value });
        for need in lesson.map_or(&[][..], |lesson| lesson.needs) {
            settings.tuning.set(*need);
        }
        self.start_if_possible(settings, None);
        if place.is_none() {
            // The button that had the focus is gone.
            self.focus_node();
        }
    }

    /// What cannot work is said beside the setting at `asked`, where the reader looks, or else over
    /// the picture.
    pub(super) fn start_if_possible(&mut self, settings: LabSettings, asked: Option<usize>) {
        let Err(why) = (self.entry.check)(&settings) else {
            self.start(settings);
            return;
        };
        let said = text::cannot_work(&why);
        match asked {
            Some(place) => {
                self.refused = Some((place, said));
                self.refresh();
            }
            None => {
                self.notices = vec![said];
                self.show_stage();
            }
        }
    }

    /// Goes to the instant at which the promise at `place` was first broken.
    pub(super) fn jump_to_breach(&mut self, place: usize) {
        let promises = self.timeline.borrow().lab().promises();
        let Some(promise) = promises.into_iter().nth(place) else {
            return;
        };
        let Some(breach) = promise.broken else {
            return;
        };
        let here = (self.timeline.borrow().branch(), self.now_us());
        self.came_from.get_or_insert(here);
        self.playback.playing = false;
        self.menu = None;
        self.set_out(vec![(here.0, breach.at_us)], None);
        self.jumped = Some((promise.name, breach));
        self.refresh();
        self.show_stage();
        self.focus_node();
    }

    /// Back to where the reader was before the first jump.
    pub(super) fn go_back(&mut self) {
        self.jumped = None;
        if let Some(stop) = self.came_from.take() {
            self.set_out(vec![stop], None);
        }
        self.focus_node();
    }

    pub(super) fn heal(&mut self, place: usize) {
        if let Some(tear) = self.scene.tears.get(place) {
            let heal = Fault::heal_between(&tear.group, &tear.others);
            self.act(Command::Faults(vec![heal]));
            // The button that had the focus is gone.
            self.focus_node();
        }
    }

    /// What is said when something is done need not stay when the next thing is.
    pub(super) fn has_been_said(&mut self) {
        let refusal = self.said_no.take();
        let stays = |said: &String| {
            !text::PASSING.contains(&said.as_str()) && Some(said) != refusal.as_ref()
        };
        self.notices.retain(stays);
    }

    pub(super) fn act(&mut self, command: Command) {
        if !self.extras.quiz.is_some_and(|panel| (panel.asks_first)(self, &command)) {
            self.do_now(command);
        }
    }

    pub(super) fn do_now(&mut self, command: Command) {
        self.has_been_said();
        let acted = self.timeline.borrow_mut().act(command);
        match acted {
            Err(refused) => {
                self.notices = vec![refused.to_string()];
                self.said_no = self.notices.first().cloned();
            }
            Ok(acted) => {
                self.keeper.touched = true;
                self.copied = false;
                if let Acted::OnNewBranch(_) = acted {
                    (self.jumped, self.came_from) = (None, None);
                    self.notices = vec![text::NEW_BRANCH.to_owned()];
                }
            }
        }
        self.refresh();
    }

    pub(super) fn menu_action(&mut self, action: MenuAction) {
        match action {
            MenuAction::Choose(place) => {
                let choice = self.menu.as_ref().and_then(|menu| menu.choices.get(place));
                let (command, opens) =
                    choice.map_or((None, None), |choice| (choice.command.clone(), choice.opens));
                if let (Some(target), Some(menu)) = (opens, &self.menu) {
                    self.open_menu_at(target, menu.at);
                    return;
                }
                self.close_menu();
                if let Some(command) = command {
                    self.act(command);
                }
            }
            MenuAction::ToggleSide(place) => {
                let Some(menu) = &mut self.menu else {
                    return;
                };
                match (menu.target, menu.side.get_mut(place)) {
                    (Target::Client(client, _), Some((server, _))) => {
                        let (target, at) = (Target::Client(client, Some(*server)), menu.at);
                        self.open_menu_at(target, at);
                        self.menu_just_opened = false;
                    }
                    (_, Some((_, chosen))) => *chosen = !*chosen,
                    (_, None) => {}
                }
            }
            MenuAction::CutOffSide => {
                let side = self.menu.take().map_or_else(Vec::new, |menu| menu.side);
                let part = |wanted| {
                    let nodes = side.iter().filter(move |(_, chosen)| *chosen == wanted);
                    nodes.map(|(node, _)| *node).collect::<Vec<_>>()
                };
                let cut = Fault::cut_between(&part(true), &part(false));
                let heal = self.is_torn().then_some(Fault::HealAll);
                self.act(Command::Faults(heal.into_iter().chain([cut]).collect()));
                self.focus_node();
            }
            MenuAction::Close => self.close_menu(),
        }
    }

    pub(super) fn gesture(&mut self, input: GestureInput) -> bool {
        if matches!(input, GestureInput::Down(..)) && self.menu.is_some() {
            self.menu = None;
        }
        // A message that just leaves or reaches a server lies on top of it.
        let input = match input {
            GestureInput::Down(Target::Message(message), at) => {
                let node = self.scene.node_at(at);
                GestureInput::Down(node.map_or(Target::Message(message), Target::Node), at)
            }
            input => input,
        };
        let was_idle = self.gesture.is_idle();
        match self.gesture.handle(input) {
            Intent::None => {
                let changed = self.preview != Preview::default();
                self.preview =
                    Preview { stroke: self.gesture.stroke().to_vec(), ..Preview::default() };
                return changed || !was_idle && matches!(input, GestureInput::Up(_));
            }
            Intent::Preview => {
                let mut stroke = self.gesture.stroke().to_vec();
                if let (1, GestureInput::Move(at)) = (stroke.len(), input) {
                    stroke.push(at);
                }
                let effect = self.stroke_effect(&stroke);
                self.preview = Preview { effect, stroke, dragged: None };
            }
            Intent::Cut(stroke) => {
                self.preview = Preview::default();
                self.gesture.arm(false);
                self.carry_out(self.stroke_effect(&stroke));
            }
            Intent::PreviewDrag(node, at) => {
                let effect = self.landing_effect(node, at);
                self.preview = Preview { effect, stroke: Vec::new(), dragged: Some((node, at)) };
            }
            Intent::Drop(node, at) => {
                self.preview = Preview::default();
                self.carry_out(self.landing_effect(node, at));
            }
            Intent::Tap(Target::Stage, _) => self.preview = Preview::default(),
            Intent::Tap(target, at) => {
                self.preview = Preview::default();
                if let Target::Node(node) = target {
                    self.focus = node;
                }
                self.open_menu_at(target, at);
            }
        }
        true
    }

    pub(super) fn stroke_effect(&self, stroke: &[Point]) -> Option<Partition> {
        let crossed = self.scene.links_crossed(stroke);
        (stroke.len() > 1).then(|| self.timeline.borrow().lab().stroke_effect(&crossed))
    }

    pub(super) fn landing_effect(&self, node: NodeId, at: Point) -> Option<Partition> {
        let joins = match self.scene.landing(node, at) {
            Landing::Home => return None,
            Landing::Alone => None,
            Landing::With(other) => Some(other),
        };
        Some(self.timeline.borrow().lab().drop_effect(node, joins))
    }

    pub(super) fn carry_out(&mut self, effect: Option<Partition>) {
        if let Some(command) = effect.and_then(|effect| effect.command()) {
            self.act(command);
        }
    }

    pub(super) fn open_menu(&mut self, target: Target) {
        let target = match target {
            Target::More(node, _) => Target::Node(node),
            target => target,
        };
        self.open_menu_at(target, self.place_of(target));
    }

    /// Where on the stage a menu about a target points.
    pub(super) fn place_of(&self, target: Target) -> Point {
        match target {
            Target::Stage => Point::new(self.frame.width / 2.0 - 146.0, self.frame.height * 0.9),
            Target::Node(node) | Target::More(node, _) => {
                self.scene.node(node).map_or(Point::default(), |view| view.at)
            }
            Target::Client(client, _) => {
                let clients = &self.scene.clients;
                let found = clients.iter().find(|view| view.client == client);
                found.map_or(Point::default(), |view| view.at)
            }
            Target::Message(id) => {
                let token = self.scene.tokens.iter().find(|token| token.id == id.0);
                token.map_or(Point::default(), |token| token.position(self.now_us()))
            }
            Target::Link(a, b) => {
                let link = self.scene.links.iter().find(|link| link.ends == (a, b));
                link.map_or(Point::default(), |link| link.cut_point())
            }
        }
    }

    pub(super) fn open_menu_at(&mut self, target: Target, at: Point) {
        let title = match target {
            Target::Stage => text::NETWORK.to_owned(),
            Target::Node(node) | Target::More(node, _) => self
                .scene
                .node(node)
                .map_or_else(String::new, |view| format!("{} · {}", view.name, view.word)),
            Target::Client(client, _) => {
                let found = self.scene.clients.iter().find(|view| view.client == client);
                found.map_or_else(String::new, |view| format!("{} · {}", view.name, view.note))
            }
            Target::Link(a, b) => format!("{a} – {b}"),
            Target::Message(message) => {
                let token = self.scene.tokens.iter().find(|token| token.id == message.0);
                token.map_or_else(String::new, |token| token.description.clone())
            }
        };
        let choices = self.timeline.borrow().lab().choices(target);
        let asked = choices.iter().find_map(|choice| match choice.command {
            Some(Command::Ask { via, .. }) => Some(via),
            _ => None,
        });
        let asked = if let Target::Client(_, Some(via)) = target { Some(via) } else { asked };
        let side = match target {
            Target::Stage => self.scene.nodes.iter().map(|node| (node.id, false)).collect(),
            Target::Client(..) => {
                let nodes = self.scene.nodes.iter();
                nodes.map(|node| (node.id, asked == Some(node.id))).collect()
            }
            _ => Vec::new(),
        };
        let questions = self.questions(target);
        self.home_is_a_server();
        self.fold_sheet();
        self.menu = Some(OpenMenu { target, title, choices, at, side, questions });
        self.menu_just_opened = true;
    }

    pub(super) fn close_menu(&mut self) {
        match self.menu.take().map(|menu| menu.target) {
            Some(Target::Stage) => {
                self.focus_on("[data-control=network]");
            }
            Some(Target::Client(client, _)) => {
                self.focus_on(&format!("[data-client=\"{client}\"] .grip"));
            }
            Some(_) => self.focus_home(),
            None => {}
        }
    }

    pub(super) fn move_focus(&mut self, step: i32) {
        let count = self.scene.nodes.len().max(1) as i32;
        let next = (i32::from(self.focus.0) + step).rem_euclid(count);
        self.focus = NodeId(u8::try_from(next).unwrap_or(0));
        self.focus_node();
    }
}
