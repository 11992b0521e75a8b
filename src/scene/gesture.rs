//! What a pointer means on the stage: a state machine from presses and moves to intents.
//!
//! It knows no browser, so every gesture can be tested without one. The page feeds it points in
//! the scene's pixels and carries out the [`Intent`] it answers with.

use super::Point;
use crate::sim::{NodeId, RecordId};

/// How far a press may wander and still be a tap, in pixels.
const TAP_SLOP: f32 = 8.0;
/// How close two points of a stroke may be before the second is dropped, in pixels.
const STROKE_GRAIN: f32 = 4.0;
/// The most points a stroke keeps; then its last point moves on instead.
const STROKE_POINTS_MAX: usize = 512;

/// What a pointer was pressed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing: the stage itself.
    Stage,
    /// A server.
    Node(NodeId),
    /// The link between two servers.
    Link(NodeId, NodeId),
    /// A message on its way.
    Message(RecordId),
    /// A client, by its number, and the server it is to ask, if that has been chosen.
    Client(u8, Option<NodeId>),
    /// A further list of choices for a server, by a number that its lab has given it.
    More(NodeId, u8),
}

/// What the pointer did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GestureInput {
    /// It was pressed. A second finger counts as [`GestureInput::Cancel`].
    Down(Target, Point),
    /// It moved.
    Move(Point),
    /// It was released.
    Up(Point),
    /// The browser took it away, or the reader pressed Escape.
    Cancel,
}

/// What the reader wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Nothing yet.
    None,
    /// Show what would happen if the stroke ended here; the stroke is in [`Gesture::stroke`].
    Preview,
    /// Cut along the stroke.
    Cut(Vec<Point>),
    /// A server is being dragged and would land here.
    PreviewDrag(NodeId, Point),
    /// A server was dragged here.
    Drop(NodeId, Point),
    /// The target was tapped.
    Tap(Target, Point),
}

/// The state between press and release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gesture {
    armed: bool,
    state: State,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    /// Pressed, not yet moved far enough to be anything.
    Pressed {
        target: Target,
        at: Point,
    },
    Stroke {
        points: Vec<Point>,
    },
    Drag {
        node: NodeId,
        at: Point,
    },
    /// The cut tool waits for the second tap.
    Begun {
        at: Point,
    },
    /// Pressed for the second tap.
    Ending {
        from: Point,
    },
}

impl Gesture {
    /// Switches the cut tool: armed, two taps make a stroke and every drag is one.
    pub fn arm(&mut self, armed: bool) {
        self.armed = armed;
        self.state = State::Idle;
    }

    /// Whether the cut tool is armed.
    pub fn is_armed(&self) -> bool {
        self.armed
    }

    /// Whether a press or a stroke is under way.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// The stroke so far; one point while the cut tool waits for its second tap.
    pub fn stroke(&self) -> &[Point] {
        match &self.state {
            State::Stroke { points } => points,
            State::Begun { at } | State::Ending { from: at } => std::slice::from_ref(at),
            State::Idle | State::Pressed { .. } | State::Drag { .. } => &[],
        }
    }

    /// The server being dragged and where it is.
    pub fn dragged(&self) -> Option<(NodeId, Point)> {
        match self.state {
            State::Drag { node, at } => Some((node, at)),
            _ => None,
        }
    }

    /// Takes one input and says what it means.
    pub fn handle(&mut self, input: GestureInput) -> Intent {
        match input {
            GestureInput::Down(target, at) => self.down(target, at),
            GestureInput::Move(at) => self.moved(at),
            GestureInput::Up(at) => self.up(at),
            GestureInput::Cancel => {
                self.state = State::Idle;
                Intent::None
            }
        }
    }

    fn down(&mut self, target: Target, at: Point) -> Intent {
        self.state = match std::mem::take(&mut self.state) {
            State::Idle => State::Pressed { target, at },
            State::Begun { at: from } => State::Ending { from },
            // A second finger: whatever was under way is off.
            _ => State::Idle,
        };
        Intent::None
    }

    fn moved(&mut self, at: Point) -> Intent {
        match &mut self.state {
            State::Pressed { target, at: start } if start.distance(at) > TAP_SLOP => {
                let start = *start;
                match *target {
                    Target::Node(node) if !self.armed => {
                        self.state = State::Drag { node, at };
                        Intent::PreviewDrag(node, at)
                    }
                    _ => {
                        self.state = State::Stroke { points: vec![start, at] };
                        Intent::Preview
                    }
                }
            }
            State::Stroke { points } => {
                extend(points, at);
                Intent::Preview
            }
            State::Drag { node, at: place } => {
                *place = at;
                Intent::PreviewDrag(*node, at)
            }
            State::Ending { from } if from.distance(at) > TAP_SLOP => Intent::Preview,
            _ => Intent::None,
        }
    }

    fn up(&mut self, at: Point) -> Intent {
        match std::mem::take(&mut self.state) {
            State::Pressed { at: start, .. } if self.armed => {
                self.state = State::Begun { at: start };
                Intent::Preview
            }
            State::Pressed { target, .. } => Intent::Tap(target, at),
            State::Stroke { mut points } => {
                extend(&mut points, at);
                Intent::Cut(points)
            }
            State::Drag { node, .. } => Intent::Drop(node, at),
            State::Ending { from } => Intent::Cut(vec![from, at]),
            State::Idle | State::Begun { .. } => Intent::None,
        }
    }
}

fn extend(points: &mut Vec<Point>, at: Point) {
    let full = points.len() >= STROKE_POINTS_MAX;
    match points.last_mut() {
        Some(last) if full => *last = at,
        Some(last) if last.distance(at) < STROKE_GRAIN => {}
        _ => points.push(at),
    }
}

#[cfg(test)]
mod tests {
    use super::GestureInput::{Cancel, Down, Move, Up};
    use super::*;

    fn p(x: f32, y: f32) -> Point {
        Point::new(x, y)
    }

    fn play(gesture: &mut Gesture, inputs: &[GestureInput]) -> Intent {
        inputs.iter().map(|input| gesture.handle(*input)).last().unwrap_or(Intent::None)
    }

    #[test]
    fn a_drag_on_the_stage_is_a_stroke() {
        let mut gesture = Gesture::default();
        let down = Down(Target::Stage, p(0.0, 0.0));
        assert_eq!(play(&mut gesture, &[down, Move(p(2.0, 0.0))]), Intent::None);
        assert_eq!(gesture.handle(Move(p(50.0, 0.0))), Intent::Preview);
        assert_eq!(gesture.handle(Move(p(51.0, 0.0))), Intent::Preview);
        let cut = gesture.handle(Up(p(90.0, 0.0)));
        assert_eq!(cut, Intent::Cut(vec![p(0.0, 0.0), p(50.0, 0.0), p(90.0, 0.0)]));
        assert!(gesture.is_idle());
    }

    #[test]
    fn a_drag_that_begins_on_a_link_is_a_stroke_too() {
        let mut gesture = Gesture::default();
        let link = Target::Link(NodeId(0), NodeId(1));
        let inputs = [Down(link, p(0.0, 0.0)), Move(p(50.0, 0.0)), Up(p(50.0, 0.0))];
        assert_eq!(play(&mut gesture, &inputs), Intent::Cut(vec![p(0.0, 0.0), p(50.0, 0.0)]));
    }

    #[test]
    fn a_press_that_stays_is_a_tap() {
        let mut gesture = Gesture::default();
        let node = Target::Node(NodeId(2));
        let inputs = [Down(node, p(5.0, 5.0)), Move(p(8.0, 5.0)), Up(p(8.0, 5.0))];
        assert_eq!(play(&mut gesture, &inputs), Intent::Tap(node, p(8.0, 5.0)));
    }

    #[test]
    fn a_server_can_be_dragged() {
        let mut gesture = Gesture::default();
        let down = Down(Target::Node(NodeId(2)), p(5.0, 5.0));
        let intent = play(&mut gesture, &[down, Move(p(60.0, 5.0))]);
        assert_eq!(intent, Intent::PreviewDrag(NodeId(2), p(60.0, 5.0)));
        assert_eq!(gesture.dragged(), Some((NodeId(2), p(60.0, 5.0))));
        assert_eq!(gesture.handle(Up(p(70.0, 5.0))), Intent::Drop(NodeId(2), p(70.0, 5.0)));
    }

    #[test]
    fn armed_two_taps_make_a_stroke_and_no_drag_is_needed() {
        let mut gesture = Gesture::default();
        gesture.arm(true);
        let first = [Down(Target::Stage, p(0.0, 0.0)), Up(p(0.0, 0.0))];
        assert_eq!(play(&mut gesture, &first), Intent::Preview);
        assert_eq!(gesture.stroke(), [p(0.0, 0.0)]);
        let second = [Down(Target::Node(NodeId(1)), p(90.0, 9.0)), Up(p(90.0, 9.0))];
        assert_eq!(play(&mut gesture, &second), Intent::Cut(vec![p(0.0, 0.0), p(90.0, 9.0)]));
    }

    #[test]
    fn armed_a_drag_over_a_server_cuts_instead_of_moving_it() {
        let mut gesture = Gesture::default();
        gesture.arm(true);
        let inputs = [Down(Target::Node(NodeId(0)), p(0.0, 0.0)), Move(p(40.0, 0.0))];
        assert_eq!(play(&mut gesture, &inputs), Intent::Preview);
    }

    #[test]
    fn cancel_and_a_second_finger_leave_nothing_behind() {
        for disturbance in [Cancel, Down(Target::Stage, p(9.0, 9.0))] {
            let mut gesture = Gesture::default();
            let inputs = [Down(Target::Stage, p(0.0, 0.0)), Move(p(50.0, 0.0)), disturbance];
            assert_eq!(play(&mut gesture, &inputs), Intent::None);
            assert_eq!(gesture.handle(Up(p(90.0, 0.0))), Intent::None);
            assert!(gesture.is_idle());
        }
    }
}
