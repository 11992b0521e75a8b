//! What the reader is invited to do. Each task ticks itself when the run shows it done.

use yew::prelude::*;

use crate::labs::Task;
use crate::ui::text;

/// The list; the first task that is not done yet shows how.
pub(crate) fn tasks(tasks: &[Task]) -> Html {
    let current = tasks.iter().position(|task| !task.done);
    html! {
        <section class="panel tasks" aria-label={text::TASKS}>
            <h2>{ text::TASKS }</h2>
            <ol>
                for (k, task) in tasks.iter().enumerate() {
                    { task_view(k, task, current == Some(k)) }
                }
            </ol>
        </section>
    }
}

fn task_view(k: usize, task: &Task, is_current: bool) -> Html {
    let state = match (task.done, is_current) {
        (true, _) => "done",
        (false, true) => "current",
        (false, false) => "open",
    };
    html! {
        <li key={k.to_string()} data-task={k.to_string()} data-state={state}>
            <span class="tick" aria-hidden="true">{ if task.done { "✓" } else { "" } }</span>
            <span>
                { task.title }
                <span class="visually-hidden">
                    { if task.done { " (done)" } else { " (to do)" } }
                </span>
                if is_current { <small>{ task.hint }</small> }
            </span>
        </li>
    }
}
