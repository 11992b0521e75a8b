//! The picture as plain data.
//!
//! A [`Scene`] says what to draw at one instant: where every node stands, what marks it carries,
//! which messages are on their way, where the network is torn. It knows no protocol ("crown", not
//! "leader") and no browser: the page turns it into SVG, tests read it as it is.
//!
//! Lengths are CSS pixels in a [`Frame`] whose origin is its top left corner. What moves between
//! two events (tokens, clock hands) is given as a path or a span of time and is evaluated with
//! [`Token::position`] and [`Countdown::left`], so that a picture sixty times a second costs no new
//! scene.

mod axis;
mod client;
mod field;
mod geometry;
mod gesture;
mod highlight;
pub mod history_lane;
mod layout;
pub mod log_matrix;
mod marks;
pub mod plot;
mod ranks;
pub mod side_by_side;
pub mod space_time;
pub mod svg;
mod tear;
pub mod time_strip;

pub use axis::{Axis, Spacing, Window};
pub use client::{Chip, ChipState, ClientView};
pub use geometry::{Lane, Point, segments_cross, tenths};
pub use gesture::{Gesture, GestureInput, Intent, Target};
pub use highlight::{EntryName, Highlight, Thing};
pub use layout::{Density, Frame, Ring};
pub use marks::{MarkKind, TimeMark, time_mark};
pub use ranks::Ranks;
pub(crate) use tear::names;
pub use tear::{Tear, tears};

use crate::sim::NodeId;

/// Everything to draw at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The space it was laid out for.
    pub frame: Frame,
    /// The servers, in order.
    pub nodes: Vec<NodeView>,
    /// One for each pair of servers.
    pub links: Vec<LinkView>,
    /// Messages on their way.
    pub tokens: Vec<Token>,
    /// Messages that died a moment ago.
    pub bursts: Vec<Burst>,
    /// The tears that part the servers into groups.
    pub tears: Vec<Tear>,
    /// Who asks the servers for something, at the edge of the picture.
    pub clients: Vec<ClientView>,
    /// One sentence that says how things stand.
    pub headline: String,
    /// One more on the network, if there is something to say.
    pub network_line: Option<String>,
}

impl Scene {
    /// The view of `node`, if the scene has one.
    pub fn node(&self, node: NodeId) -> Option<&NodeView> {
        self.nodes.iter().find(|view| view.id == node)
    }

    /// Whether so many messages are on their way that those which look alike are drawn as one mark,
    /// each as a dot of it.
    pub fn is_crowded(&self) -> bool {
        self.tokens.len() > Scene::CROWD
    }

    /// More messages than this are a crowd.
    pub const CROWD: usize = 100;

    /// The pairs of servers whose link the stroke crosses, by the lines as drawn.
    pub fn links_crossed(&self, stroke: &[Point]) -> Vec<(NodeId, NodeId)> {
        let crossed = |link: &&LinkView| {
            stroke.windows(2).any(|piece| segments_cross(piece[0], piece[1], link.from, link.to))
        };
        self.links.iter().filter(crossed).map(|link| link.ends).collect()
    }
}

/// Where a dragged server would land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Back where it was: it was not dragged far.
    Home,
    /// Outside, on an island of its own.
    Alone,
    /// Beside this server, on its island.
    With(NodeId),
}

impl Scene {
    /// The server whose body `at` is on.
    pub fn node_at(&self, at: Point) -> Option<NodeId> {
        let radius = self.frame.node_radius();
        let found = self.nodes.iter().find(|view| view.at.distance(at) < radius);
        found.map(|view| view.id)
    }

    /// Where `node` lands when it is let go at `at`.
    pub fn landing(&self, node: NodeId, at: Point) -> Landing {
        const OUTSIDE: f32 = 32.0;
        const AT_HOME: f32 = 56.0;
        let Some(home) = self.node(node).map(|view| view.at) else {
            return Landing::Home;
        };
        let centre = Point::new(self.frame.width / 2.0, self.frame.height / 2.0);
        if at.minus(home).dot(centre.direction(home)) > OUTSIDE {
            return Landing::Alone;
        }
        if at.distance(home) < AT_HOME {
            return Landing::Home;
        }
        let others = self.nodes.iter().filter(|view| view.id != node);
        let nearest = others.min_by(|a, b| at.distance(a.at).total_cmp(&at.distance(b.at)));
        nearest.map_or(Landing::Home, |view| Landing::With(view.id))
    }
}

/// What a colour stands for. Never the only carrier of a meaning: a shape or a word goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// Going along with others.
    Calm,
    /// Asking to be chosen.
    Eager,
    /// In charge.
    Chief,
    /// Broken or lost.
    Bad,
    /// Out of service.
    Off,
}

/// The line around a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outline {
    /// One thin line.
    Thin,
    /// Dashes.
    Dashed,
    /// One thick line.
    Thick,
    /// Dots: it takes part and has no say.
    Dotted,
    /// A faint line around nothing: it stands by.
    Faint,
}

/// A server.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Which.
    pub id: NodeId,
    /// Its name, such as `S1`.
    pub name: String,
    /// Its centre.
    pub at: Point,
    /// Its colour.
    pub tone: Tone,
    /// Its outline.
    pub outline: Outline,
    /// Whether it wears a crown.
    pub crown: bool,
    /// Whether it is hatched: out of service.
    pub hatched: bool,
    /// A word or two under it, such as `leader`.
    pub word: String,
    /// A small line under the word, such as `term 3`.
    pub detail: String,
    /// The clock around it, if one runs.
    pub countdown: Option<Countdown>,
    /// Small dots, one a server, for things counted.
    pub pips: Vec<Pip>,
    /// The clocks around the first of those dots, for what is counted only for a time.
    pub burning: Vec<Countdown>,
    /// The row of cells under it.
    pub strip: Strip,
    /// How far what the row counts has come, if it matters from somewhere on.
    pub gauge: Option<Gauge>,
    /// Where what it cannot use any more is laid aside.
    pub tray: Option<Tray>,
    /// The whole of it in words, for those who do not see the picture.
    pub description: String,
}

/// A clock that runs down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// When it was set, in microseconds of the run.
    pub started_us: u64,
    /// When it will have run down.
    pub deadline_us: u64,
}

impl Countdown {
    /// How much is left at `now_us`, from 1 (just set) to 0 (run down).
    pub fn left(self, now_us: u64) -> f32 {
        let whole = self.deadline_us.saturating_sub(self.started_us).max(1);
        let left = self.deadline_us.saturating_sub(now_us).min(whole);
        left as f32 / whole as f32
    }
}

/// A dot of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pip {
    /// Not heard from.
    Open,
    /// Counted.
    Yes,
    /// Refused.
    No,
}

/// A bar under a row of cells: how far it has come, and the line from which on that matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    /// What it says, in a few words.
    pub words: String,
    /// How far it has come, in thousandths of the whole; `None`: nobody can say yet.
    pub level: Option<u32>,
    /// Where the line is, in thousandths; without one there is no bar, words only.
    pub line: Option<u32>,
}

/// A tray beside a server, with the latest of what was laid aside there.
#[derive(Clone, Debug, PartialEq)]
pub struct Tray {
    /// The middle of its bottom, seen from the middle of the server.
    pub at: Point,
    /// What it says, such as `3 late`.
    pub word: String,
    /// The latest, the newest last, each with a tint of six and a letter or two.
    pub items: Vec<(u8, String)>,
}

impl Tray {
    /// So many fit in.
    pub const PLACES: usize = 6;
    /// How far they are apart.
    pub const STEP: f32 = 15.0;

    /// The middle of a place in it, seen from the middle of its bottom.
    pub fn place(number: usize) -> Point {
        Point::new((number as f32 + 0.5 - Tray::PLACES as f32 / 2.0) * Tray::STEP, -9.0)
    }
}

/// A row of cells, the newest last; when there are more than fit, the oldest are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// How many cells are left out before the first.
    pub hidden: usize,
    /// Whether cells are wide: few, and what they hold is what matters.
    pub wide: bool,
    /// What is shown.
    pub cells: Vec<Cell>,
}

/// A cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The number that heads it, or a few letters.
    pub head: String,
    /// What it holds, a few letters.
    pub text: String,
    /// What belongs together has the same tint of six. It only helps: letters say it, too.
    pub tint: u8,
    /// How settled it is.
    pub look: CellLook,
}

/// How a cell is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellLook {
    /// Settled: solid.
    Solid,
    /// Not settled yet: dashed.
    Loose,
    /// Settled, and it stands for many: a stack.
    Stacked,
    /// Nobody can say whether it will stay: hatched.
    Ghost,
    /// Kept for somebody else: dotted.
    Kept,
    /// It went wrong: red.
    Bad,
}

impl Strip {
    /// The width and height of its cells.
    pub fn cell_size(&self, frame: Frame) -> (f32, f32) {
        let (width, height) = frame.cell_size();
        (if self.wide { width * Strip::WIDER } else { width }, height)
    }

    /// How many wide cells fit under each of so many nodes.
    pub fn wide_cells(frame: Frame, nodes: usize) -> usize {
        (frame.cells(nodes) as f32 / Strip::WIDER) as usize
    }

    /// How much wider a wide cell is.
    const WIDER: f32 = 1.4;
}

/// The link between two servers, both directions at once.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkView {
    /// Its two ends, the lower first.
    pub ends: (NodeId, NodeId),
    /// The centre of the first end.
    pub from: Point,
    /// The centre of the second end.
    pub to: Point,
    /// Whether messages from the first end to the second are stopped.
    pub cut_forward: bool,
    /// Whether messages from the second end to the first are stopped.
    pub cut_backward: bool,
    /// Where on the way from the first end to the second the cut is drawn, 0 to 1.
    pub cut_at: f32,
    /// Whether a tear runs through it there, so that the cut needs no mark of its own.
    pub in_tear: bool,
    /// The switch near one of its ends, if there is one.
    pub switch: Option<Switch>,
    /// In words.
    pub description: String,
}

impl LinkView {
    /// Whether either direction is cut.
    pub fn is_cut(&self) -> bool {
        self.cut_forward || self.cut_backward
    }

    /// The arrow of length 1 across it that points upwards, or to a side if it goes straight down.
    pub fn upwards(&self) -> Point {
        let across = self.from.direction(self.to).right();
        if across.y > 0.0 { Point::new(-across.x, -across.y) } else { across }
    }

    /// The point at which the cut is drawn.
    pub fn cut_point(&self) -> Point {
        self.from.towards(self.to, self.cut_at)
    }
}

/// A switch on a link, as electricians draw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Switch {
    /// Its middle, from the first end to the second, 0 to 1.
    pub at: f32,
    /// How its lever stands.
    pub lever: Lever,
}

impl Switch {
    /// Half of its length.
    pub const REACH: f32 = 11.0;
}

/// How the lever of a switch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lever {
    /// Down: everything goes through.
    Closed,
    /// Nearly down: one after the other.
    Ajar,
    /// Up: nothing goes through.
    Open,
}

/// The shape of a message: one a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Asks for, or gives, a vote.
    Diamond,
    /// Carries, or answers for, entries.
    Square,
    /// Carries nothing: a sign of life.
    Dot,
    /// Carries what many entries come to.
    Stack,
    /// Compares, level by level.
    Triangle,
}

/// A mark inside a hollow shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Yes.
    Check,
    /// No.
    Cross,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The same number as long as the message lives.
    pub id: u32,
    /// Its kind.
    pub shape: Shape,
    /// Requests are filled, replies hollow.
    pub filled: bool,
    /// What a reply says.
    pub mark: Option<Mark>,
    /// Its colour.
    pub tone: Tone,
    /// A few letters shown with it, or nothing.
    pub label: String,
    /// What it belongs to, as one of six tints. It only helps: words say it, too.
    pub tint: Option<u8>,
    /// The way it takes.
    pub lane: Lane,
    /// When it left.
    pub sent_us: u64,
    /// When it is due.
    pub arrives_us: u64,
    /// Where on its way it meets a cut, if there is one ahead of it.
    pub stopped_at: Option<f32>,
    /// In words.
    pub description: String,
}

impl Token {
    /// How much of its way lies behind the message at `now_us`, 0 to 1.
    ///
    /// Before a cut it waits: whether it dies there is decided only when it would have arrived.
    pub fn progress(&self, now_us: u64) -> f32 {
        let whole = self.arrives_us.saturating_sub(self.sent_us).max(1);
        let done = now_us.saturating_sub(self.sent_us).min(whole);
        let progress = done as f32 / whole as f32;
        self.stopped_at.map_or(progress, |stop| progress.min(stop))
    }

    /// Where the message is at `now_us`.
    pub fn position(&self, now_us: u64) -> Point {
        self.lane.at(self.progress(now_us))
    }
}

/// The place at which a message died a moment ago.
#[derive(Clone, Debug, PartialEq)]
pub struct Burst {
    /// The number of the message.
    pub id: u32,
    /// Where it died.
    pub at: Point,
    /// Why, in a word or two.
    pub reason: &'static str,
}
