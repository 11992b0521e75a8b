//! What the dialog says by which runs go out and come in, and what is in what authors paste.

// What a run can become: how it is called, and what it is for.

pub(crate) const EXPERIMENT: &str = "The experiment";
pub(crate) const LINK: [&str; 2] = [
    "Link",
    "An address that is the whole experiment: every branch, and this very instant. Nothing of it \
     is stored anywhere else.",
];
pub(crate) const SCRIPT: [&str; 2] = [
    "Script",
    "Everything that was done on this branch, as text with exact times. Change it, open it here \
     again, or play it with rift run.",
];
pub(crate) const PICTURE: &str = "A picture";
pub(crate) const STAGE: [&str; 2] = [
    "Stage",
    "The servers and what travels between them, now. An SVG file that stands alone, in light and \
     dark.",
];
pub(crate) const SPACE_TIME: [&str; 2] =
    ["Space-time", "A line for each server, an arrow for each message, as an SVG file."];
pub(crate) const LOGS: [&str; 2] = ["Logs", "The logs side by side, now, as an SVG file."];
pub(crate) const TIMELINE: [&str; 2] =
    ["Timeline", "Terms, elections, faults and writes of each branch, as an SVG file."];
pub(crate) const ANIMATED: [&str; 2] = [
    "Animation",
    "A part of the run that moves by itself, without scripts: it plays wherever a picture may \
     stand. It is an SVG file.",
];
pub(crate) const YOUR_PAGE: &str = "In a page of yours";
pub(crate) const HTML: [&str; 2] =
    ["HTML", "The living figure with this run, for any page where you may write HTML."];
pub(crate) const MARKDOWN: [&str; 2] =
    ["Markdown, MDX", "The living figure with this run, where HTML in Markdown is left as it is."];
pub(crate) const HUGO: [&str; 2] =
    ["Hugo", "A shortcode for the site, and a line for the post that has this run."];
pub(crate) const JEKYLL: [&str; 2] =
    ["Jekyll", "An include for the site, and a line for the post that has this run."];
pub(crate) const MDBOOK: [&str; 2] =
    ["mdBook", "The living figure with this run, for a chapter of a book."];
pub(crate) const IFRAME: [&str; 2] =
    ["Frame", "For hosts that allow no scripts of yours: the figure in a frame."];
pub(crate) const OTHER_PROGRAM: &str = "For another program";
pub(crate) const JSONL: [&str; 2] =
    ["JSON Lines", "Every record of the history up to now, one JSON object a line."];
pub(crate) const SHIVIZ: [&str; 2] =
    ["ShiViz", "The same with vector clocks; its first line is the expression that ShiViz wants."];
pub(crate) const MERMAID: [&str; 2] = ["Mermaid", "A sequence diagram, for a README or a wiki."];

// In what authors paste, for their readers and for themselves.

pub(crate) const A_FIGURE: &str = "A figure of Rift: open it to play with it.";
pub(crate) const STILL: &str = "A still picture of the figure";
pub(crate) const FRAME: &str = "A figure of Rift";
pub(crate) const FRAME_SCRIPT: &str =
    "Where scripts are allowed, this gives the frame the height of its figure.";
pub(crate) const HUGO_ONCE: &str = "{{/* layouts/shortcodes/rift.html, once */}}\n";
pub(crate) const HUGO_POST: &str = "{{/* in the post */}}\n";
pub(crate) const JEKYLL_ONCE: &str = "{% comment %} _includes/rift.html, once {% endcomment %}\n";
pub(crate) const JEKYLL_POST: &str = "{% comment %} in the post {% endcomment %}\n";

// The dialog.

pub const TITLE: &str = "This run, and others";
pub const WAYS: &str = "Share or open";
pub const SHARE: &str = "Share";
pub const OPEN: &str = "Open…";
pub const CLOSE: &str = "Close";
pub const SHARE_THIS: &str = "Share this run";
pub const FROM: &str = "from ";
pub const TO: &str = "to ";
pub const MS: &str = " ms";
pub const THE_TEXT: &str = "The text";
pub const BY_HAND: &str = "Where nothing can be copied or downloaded, take the text above by hand.";
pub const COPY: &str = "Copy";
pub const DOWNLOAD: &str = "Download";
pub const OPEN_RUN: &str = "Open a run";
pub const OPEN_HOW: &str = "A script or a link becomes the run of the figure. Paste it here, drop \
     it onto the figure, or choose a file. The run that is there now stays until the new one can \
     be opened.";
pub const GIVEN: &str = "A script or a link";
/// A script, with its lines as HTML has them in an attribute.
pub const SAMPLE: &str = "rift 1&#10;lab raft&#10;until leader&#10;cut leader +1 | rest";
pub const OPEN_IT: &str = "Open it";
pub const CHOOSE_FILE: &str = "Choose a file";

// What becomes of a run that goes out.

pub const NO_RUN: &str = "There is no run to share.";
pub const ALL_OF_IT: &str = "\n… (Copy and Download take all of it.)";
pub const COPIED: &str = "Copied.";
pub const NOT_COPIED: &str = "This browser lets no page copy. The text is marked: copy it by hand.";

pub fn no_time(written: &str) -> String {
    format!("“{written}” is no time: write 95 or 1.5s.")
}

pub fn no_such_file(why: impl ToString) -> String {
    format!("There is no such file: {}.", why.to_string())
}

/// What a preview shows; `kind` is what the run becomes.
pub fn preview(kind: &str) -> String {
    ["A preview: ", kind].concat()
}

pub fn as_text(kilobytes: usize) -> String {
    format!("As text, {kilobytes} kB")
}

// What becomes of a run that comes in.

pub const UNREADABLE: &str = "the file cannot be read";
pub(crate) const NO_SUCH_RUN: &str = "there is no such run";
pub(crate) const IT_HOLDS: &str = "What it expects holds.";

/// `end` is the full stop, if `why` has none.
pub fn not_opened(why: &str, end: &str) -> String {
    ["Not opened: ", why, end].concat()
}

pub fn too_large(kilobytes: u64, most: usize) -> String {
    format!("the file has {kilobytes} kB; at most {most} kB are read.")
}

pub(crate) fn cannot_show(why: &str) -> String {
    format!("the page cannot show this run: {why}")
}

pub(crate) fn is_no_script(given: &str) -> String {
    format!("{given} is no script")
}

pub(crate) fn all_hold(all: usize) -> String {
    format!("All {all} expectations hold.")
}

pub(crate) fn do_not_hold(count: usize, all: usize) -> String {
    format!("{count} of {all} expectations do not hold:")
}

pub(crate) fn and_more(count: usize) -> String {
    format!("and {count} more.")
}
