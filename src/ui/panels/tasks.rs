//! What the reader is invited to do. Each task ticks itself when the run shows it done.

use yew::Html;

use crate::labs::Task;
use crate::text;
use crate::ui::tree::{Tree, named};

/// The list; the first task that is not done yet shows how.
pub(crate) fn tasks(tasks: &[Task]) -> Html {
    let current = tasks.iter().position(|task| task.done_us.is_none());
    let mut tree = Tree::default();
    tree.open("div", named!["class" = "panel tasks", "role" = "group", "aria-label" = text::TASKS]);
    tree.words("h2", named![], text::TASKS);
    tree.open("ol", named![]);
    for (k, task) in tasks.iter().enumerate() {
        task_view(&mut tree, k, task, current == Some(k));
    }
    tree.close();
    tree.close();
    tree.html()
}

fn task_view(tree: &mut Tree, k: usize, task: &Task, is_current: bool) {
    let state = match (task.done_us.is_some(), is_current) {
        (true, _) => "done",
        (false, true) => "current",
        (false, false) => "open",
    };
    let (tick, spoken) =
        if state == "done" { ("✓", text::TASK_DONE) } else { ("", text::TASK_TO_DO) };
    tree.open("li", named!["data-task" = k.to_string().as_str(), "data-state" = state]);
    tree.words("span", named!["class" = "tick", "aria-hidden" = "true"], tick);
    tree.open("span", named![]);
    tree.text(task.title);
    tree.words("span", named!["class" = "visually-hidden"], spoken);
    if is_current {
        tree.words("small", named![], task.hint);
    }
    tree.close();
    tree.close();
}
