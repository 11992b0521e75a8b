//! Clients: who asks the servers for something. They stand in the upper corners of the picture.

use super::{Density, Frame, Point};

/// A client, its latest requests, and the server it waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientView {
    /// Its number, from 1.
    pub client: u8,
    /// Its name, such as `C1`.
    pub name: String,
    /// Where it stands: the middle of its figure.
    pub at: Point,
    /// Whether what it has to say goes to the left of it.
    pub mirrored: bool,
    /// A few words under its name.
    pub note: String,
    /// What it asked for last, the newest first.
    pub chips: Vec<Chip>,
    /// Whether they stand below one another instead of side by side.
    pub stacked: bool,
    /// The middle of the server whose answer it waits for.
    pub waits_for: Option<Point>,
    /// The whole of it in words, for those who do not see the picture.
    pub description: String,
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The request, a few letters.
    pub text: String,
    /// What became of it, a word or two.
    pub answer: String,
    /// The same as a shape.
    pub state: ChipState,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChipState {
    /// There is no answer yet.
    Waiting,
    /// It was done.
    Done,
    /// It was not done.
    Refused,
    /// Nobody can say.
    Unknown,
    /// It was done, and what was told does not hold.
    Wrong,
}

impl ClientView {
    /// Where the `place`-th of several clients stands in `frame`, and whether it is on the right.
    /// They fill the upper left and the upper right corner in turns.
    pub fn stand(frame: Frame, place: usize) -> (Point, bool) {
        let right = place % 2 == 1;
        let row = (place / 2) as f32;
        let (aside, pitch) = match frame.density() {
            Density::Compact => (22.0, 62.0),
            Density::Roomy => (30.0, 70.0),
        };
        let x = if right { frame.width - aside } else { aside };
        (Point::new(x, 26.0 + row * pitch), right)
    }

    /// How many chips fit beside one another, or, on a phone, below one another.
    pub fn chips_shown(frame: Frame, nodes: usize) -> usize {
        match frame.density() {
            Density::Compact if nodes > 5 => 1,
            Density::Compact => 2,
            Density::Roomy if nodes > 5 => 1,
            Density::Roomy => 2,
        }
    }
}

impl Chip {
    /// The height of a chip.
    pub const HEIGHT: f32 = 20.0;

    /// Its width; text is measured by its letters.
    pub fn width(&self) -> f32 {
        let letters = self.text.chars().count() + self.answer.chars().count();
        32.0 + 6.7 * letters as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Ring;

    /// Phone and desk, three to nine servers: C1, C2 and their newest chip hide no server.
    #[test]
    fn clients_stand_clear_of_every_server() {
        let newest = Chip { text: "x=12".into(), answer: "ask S3".into(), state: ChipState::Done };
        for frame in [Frame { width: 372.0, height: 464.0 }, Frame { width: 860.0, height: 456.0 }]
        {
            for count in 3..=9 {
                let ring = Ring::new(frame, count);
                for place in 0..2 {
                    let (at, mirrored) = ClientView::stand(frame, place);
                    let side = if mirrored { -1.0 } else { 1.0 };
                    let corners = [
                        Point::new(at.x + side * 22.0, at.y + 18.0),
                        Point::new(at.x + side * 85.0, at.y + 8.0),
                        Point::new(at.x + side * (newest.width() - 14.0), at.y + 42.0),
                    ];
                    for corner in corners {
                        let room = |server: &Point| frame.room_beside(count, *server, corner);
                        let least = ring.places.iter().map(room).fold(f32::MAX, f32::min);
                        assert!(least > 0.0, "{frame:?} {count} {corner:?}: {least}");
                    }
                }
            }
        }
    }
}
