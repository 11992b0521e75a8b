//! A part of a run, taken scene by scene, and what of it stays, comes, goes and moves.

use super::{Clip, Clock, Course, LINGER_MS, WHOLE};
use crate::export::figure::{bare, placed};
use crate::export::{ExportError, limits};
use crate::labs::Lab;
use crate::scene::svg::{self as marks, Markup, tone_name};
use crate::scene::{Countdown, Frame, NodeView, Scene, Token, Tone, tenths};
use crate::timeline::{BranchId, Head, Timeline};

/// Into so many straight pieces the bent way of a message is cut; each is off by less than half a
/// pixel.
const PIECES: u64 = 6;

/// What is drawn in one place, in all the looks that it has.
#[derive(Debug, Default)]
struct Slot {
    looks: Vec<(String, Clip)>,
    /// Which of them it has at present.
    present: Option<(usize, u64)>,
}

/// A message, from its sending or the first instant to its end or the last.
#[derive(Debug)]
struct Moving {
    token: Token,
    /// Since when it goes as it does now.
    since_us: u64,
    drawn: String,
    began_us: u64,
    ended_us: Option<u64>,
    course: Course,
}

/// The hand of a server's clock, in one colour.
#[derive(Debug)]
struct Hand {
    node: u8,
    at: String,
    tone: Tone,
    set: Option<Countdown>,
    course: Course,
}

/// What was taken.
pub(super) struct Film {
    clock: Clock,
    frame: Frame,
    head: Head,
    scene: Scene,
    links: Vec<Slot>,
    tears: Slot,
    threads: Slot,
    clients: Vec<Slot>,
    nodes: Vec<Slot>,
    hands: Vec<Hand>,
    messages: Vec<Moving>,
    bursts: Vec<(u64, String)>,
    caption: Slot,
}

impl Film {
    /// Plays a part of a branch and looks at every instant at which something happens.
    pub(super) fn shoot(
        timeline: &mut Timeline,
        branch: BranchId,
        clock: Clock,
        frame: Frame,
    ) -> Result<Film, ExportError> {
        let acts: Vec<u64> = timeline
            .tree()
            .branch(branch)
            .map_or(Vec::new(), |branch| branch.actions.iter().map(|act| act.at_us).collect());
        let head = timeline.look(branch, clock.from_us)?;
        if head.lab().now_us() != clock.from_us {
            return Err(ExportError::Halted(clock.from_us));
        }
        let scene = head.lab().scene(frame, 1);
        let slots = |count: usize| (0..count).map(|_| Slot::default()).collect();
        let mut film = Film {
            clock,
            frame,
            links: slots(scene.links.len()),
            tears: Slot::default(),
            threads: Slot::default(),
            clients: slots(scene.clients.len()),
            nodes: slots(scene.nodes.len()),
            hands: Vec::new(),
            messages: Vec::new(),
            bursts: Vec::new(),
            caption: Slot::default(),
            head,
            scene,
        };
        film.take();
        let mut instants = 1;
        loop {
            let now_us = film.head.lab().now_us();
            let act_us = acts.iter().copied().find(|at_us| *at_us > now_us);
            let due_us = film.head.lab().next_due_us();
            let next_us = [act_us, due_us].into_iter().flatten().min().unwrap_or(clock.to_us);
            let next_us = next_us.max(now_us + 1).min(clock.to_us);
            timeline
                .move_look(&mut film.head, next_us)
                .map_err(|_| ExportError::Halted(next_us))?;
            film.scene = film.head.lab().scene(frame, next_us - now_us);
            film.take();
            instants += 1;
            if next_us == clock.to_us {
                film.end();
                return Ok(film);
            }
            if instants > limits::INSTANTS {
                return Err(ExportError::TooMuch("instants", limits::INSTANTS));
            }
            if film.messages.len() > limits::MOVING_MESSAGES {
                return Err(ExportError::TooMuch("messages", limits::MOVING_MESSAGES));
            }
        }
    }

    /// The scene at the last instant.
    pub(super) fn last(&self) -> &Scene {
        &self.scene
    }

    /// The lab at the last instant.
    pub(super) fn lab(&self) -> &dyn Lab {
        self.head.lab()
    }

    /// Looks at the present scene.
    fn take(&mut self) {
        let (now_us, clock, frame) = (self.head.lab().now_us(), self.clock, self.frame);
        let scene = &self.scene;
        for (slot, link) in self.links.iter_mut().zip(&scene.links) {
            slot.is(now_us, bare(&marks::link(link)), clock);
        }
        let tears: String = scene.tears.iter().map(marks::tear).collect();
        self.tears.is(now_us, tears, clock);
        let threads = scene.clients.iter().map(|client| marks::thread(client, frame));
        self.threads.is(now_us, threads.collect(), clock);
        for (slot, client) in self.clients.iter_mut().zip(&scene.clients) {
            let mut svg = Markup::default();
            placed(&mut svg, "client", &client.at.to_string(), &marks::client(client));
            slot.is(now_us, bare(&svg.text), clock);
        }
        for (slot, node) in self.nodes.iter_mut().zip(&scene.nodes) {
            slot.is(now_us, without_hand(node, frame), clock);
        }
        self.caption.is(now_us, caption(scene, frame.width), clock);
        take_hands(&mut self.hands, scene, now_us, clock);
        take_messages(&mut self.messages, scene, now_us, clock);
        for burst in &scene.bursts {
            let mut svg = Markup::default();
            placed(&mut svg, "burst", &burst.at.to_string(), &marks::burst(burst));
            self.bursts.push((now_us, svg.text));
        }
    }

    /// After the last instant everything stays as it is.
    fn end(&mut self) {
        let (to_us, clock) = (self.clock.to_us, self.clock);
        let slots = self.links.iter_mut().chain(&mut self.clients).chain(&mut self.nodes);
        for slot in slots.chain([&mut self.tears, &mut self.threads, &mut self.caption]) {
            slot.end(clock);
        }
        for hand in &mut self.hands {
            hand.goes_until(to_us, clock);
        }
        for message in &mut self.messages {
            if message.ended_us.is_none() {
                message.goes_until(to_us, clock);
            }
        }
    }

    /// The picture from back to front, the stage moved down by `top`.
    pub(super) fn draw(&self, svg: &mut Markup, top: f32) {
        self.caption.draw(svg, "", self.clock);
        svg.open("g", &[("transform", &format!("translate(0 {})", tenths(top)))]);
        for slot in &self.links {
            slot.draw(svg, "", self.clock);
        }
        self.tears.draw(svg, "tear", self.clock);
        self.threads.draw(svg, "", self.clock);
        for slot in self.clients.iter().chain(&self.nodes) {
            slot.draw(svg, "", self.clock);
        }
        for hand in &self.hands {
            hand.draw(svg, self.clock, self.frame);
        }
        for message in &self.messages {
            message.draw(svg, self.clock);
        }
        let linger_us = self.clock.passes_us(LINGER_MS);
        for (at_us, drawn) in &self.bursts {
            let mut clip = Clip::default();
            let until_us = at_us.saturating_add(linger_us);
            let is_last = until_us >= self.clock.to_us;
            let until = if is_last { WHOLE } else { self.clock.part(until_us) };
            clip.show(self.clock.part(*at_us), until);
            if clip.open(svg, "", self.clock) {
                svg.text.push_str(drawn);
                svg.close("g");
            }
        }
        svg.close("g");
    }
}

impl Slot {
    /// From `now_us` on it looks so.
    fn is(&mut self, now_us: u64, look: String, clock: Clock) {
        let found = self.looks.iter().position(|(known, _)| *known == look);
        let place = found.unwrap_or_else(|| {
            self.looks.push((look, Clip::default()));
            self.looks.len() - 1
        });
        match self.present {
            Some((present, _)) if present == place => return,
            Some((present, since_us)) => {
                self.looks[present].1.show(clock.part(since_us), clock.part(now_us));
            }
            None => {}
        }
        self.present = Some((place, now_us));
    }

    fn end(&mut self, clock: Clock) {
        if let Some((present, since_us)) = self.present {
            self.looks[present].1.show(clock.part(since_us), WHOLE);
        }
    }

    fn draw(&self, svg: &mut Markup, class: &str, clock: Clock) {
        for (look, clip) in self.looks.iter().filter(|(look, _)| !look.is_empty()) {
            if clip.open(svg, class, clock) {
                svg.text.push_str(look);
                svg.close("g");
            }
        }
    }
}

impl Moving {
    /// Notes where it was since it last changed its way.
    fn goes_until(&mut self, until_us: u64, clock: Clock) {
        let Token { sent_us, arrives_us, stopped_at, .. } = self.token;
        let whole_us = arrives_us.saturating_sub(sent_us).max(1);
        let mut instants = vec![self.since_us, until_us];
        instants.extend((1..PIECES).map(|piece| sent_us + whole_us * piece / PIECES));
        // Before a cut it stops and waits.
        instants.extend(stopped_at.map(|stop| sent_us + (whole_us as f32 * stop) as u64));
        instants.push(arrives_us);
        instants.retain(|at_us| (self.since_us..=until_us).contains(at_us));
        instants.sort_unstable();
        for at_us in instants {
            self.course.push(clock.part(at_us), self.token.position(at_us).to_string());
        }
        self.since_us = until_us;
    }

    fn draw(&self, svg: &mut Markup, clock: Clock) {
        let mut clip = Clip::default();
        let until = self.ended_us.map_or(WHOLE, |ended_us| clock.part(ended_us));
        clip.show(clock.part(self.began_us), until);
        if !clip.open(svg, "tokens", clock) {
            return;
        }
        let at = self.course.last().unwrap_or("0 0");
        svg.open("g", &[("transform", &format!("translate({at})"))]);
        self.course.draw(svg, clock);
        svg.text.push_str(&self.drawn);
        svg.close("g");
        svg.close("g");
    }
}

fn take_messages(messages: &mut Vec<Moving>, scene: &Scene, now_us: u64, clock: Clock) {
    for message in messages.iter_mut().filter(|message| message.ended_us.is_none()) {
        match scene.tokens.iter().find(|token| token.id == message.token.id) {
            Some(token) => {
                let same = token.lane == message.token.lane
                    && token.arrives_us == message.token.arrives_us
                    && token.stopped_at == message.token.stopped_at;
                if !same {
                    message.goes_until(now_us, clock);
                    message.token = token.clone();
                }
            }
            None => {
                message.goes_until(now_us, clock);
                message.ended_us = Some(now_us);
            }
        }
    }
    for token in &scene.tokens {
        let is_known =
            |message: &Moving| message.token.id == token.id && message.ended_us.is_none();
        if !messages.iter().any(is_known) {
            messages.push(Moving {
                since_us: now_us,
                began_us: now_us,
                ended_us: None,
                drawn: bare(&marks::token(token, scene.frame)),
                course: Course::new("transform", Some("translate")),
                token: token.clone(),
            });
        }
    }
}

impl Hand {
    /// How much of the ring is not there any more, in hundredths.
    fn gone(&self, at_us: u64) -> String {
        tenths(self.set.map_or(100.0, |set| 100.0 * (1.0 - set.left(at_us))))
    }

    fn goes_until(&mut self, until_us: u64, clock: Clock) {
        if let Some(set) = self.set.filter(|set| set.deadline_us < until_us) {
            self.course.push(clock.part(set.deadline_us), self.gone(set.deadline_us));
        }
        self.course.push(clock.part(until_us), self.gone(until_us));
    }

    fn draw(&self, svg: &mut Markup, clock: Clock, frame: Frame) {
        let transform = format!("translate({})", self.at);
        let tone = tone_name(self.tone);
        svg.open("g", &[("class", "node"), ("data-tone", tone), ("transform", &transform)]);
        let hand = [
            ("class", "clock-hand"),
            ("r", &*tenths(frame.node_radius() + 5.0)),
            ("pathLength", "100"),
            ("transform", "rotate(-90)"),
            ("stroke-dashoffset", self.course.last().unwrap_or("100")),
        ];
        svg.open("circle", &hand);
        self.course.draw(svg, clock);
        svg.close("circle");
        svg.close("g");
    }
}

/// A server's clock has a hand for each colour and place that it is seen in.
fn take_hands(hands: &mut Vec<Hand>, scene: &Scene, now_us: u64, clock: Clock) {
    for node in &scene.nodes {
        let at = node.at.to_string();
        let is_its =
            |hand: &Hand| (hand.node, hand.tone) == (node.id.0, node.tone) && hand.at == at;
        if node.countdown.is_some() && !hands.iter().any(is_its) {
            let course = Course::new("stroke-dashoffset", None);
            let mut hand =
                Hand { node: node.id.0, at: at.clone(), tone: node.tone, set: None, course };
            hand.course.push(0, hand.gone(now_us));
            hands.push(hand);
        }
        for hand in hands.iter_mut().filter(|hand| hand.node == node.id.0) {
            let set = node.countdown.filter(|_| is_its(hand));
            if hand.set != set {
                hand.goes_until(now_us, clock);
                hand.set = set;
                hand.course.push(clock.part(now_us), hand.gone(now_us));
            }
        }
    }
}

/// A server as it looks while its clock runs: the hand moves by itself.
fn without_hand(node: &NodeView, frame: Frame) -> String {
    let still = NodeView { countdown: None, burning: Vec::new(), ..node.clone() };
    let mut drawn = marks::node(&still, frame);
    if node.countdown.is_some() {
        let radius = tenths(frame.node_radius() + 5.0);
        drawn = format!("<circle class=\"clock-face\" r=\"{radius}\"/>{drawn}");
    }
    let mut svg = Markup::default();
    placed(&mut svg, "server", &node.at.to_string(), &drawn);
    bare(&svg.text)
}

/// The headline, and what there is to say of the network.
pub(super) fn caption(scene: &Scene, width: f32) -> String {
    let mut svg = Markup::default();
    let lines = [("film-head", 23.0, 8.2, Some(&scene.headline))];
    let network = ("film-line", 43.0, 6.8, scene.network_line.as_ref());
    for (class, y, letter, words) in lines.into_iter().chain([network]) {
        let Some(words) = words else {
            continue;
        };
        let y = tenths(y);
        let mut place = vec![("class", class), ("x", "16"), ("y", &y)];
        let room = tenths(width - 32.0);
        // Text is measured by its letters.
        if words.chars().count() as f32 * letter > width - 32.0 {
            place.extend([("textLength", &*room), ("lengthAdjust", "spacingAndGlyphs")]);
        }
        svg.words("text", &place, words);
    }
    svg.text
}
