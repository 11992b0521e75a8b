//! The search for an order, for one key.

use super::memo::Memo;
use super::{MOST_MEMORIES, Model, Operation};

/// The end of the list, and its beginning.
const HEAD: usize = 0;

/// The search of Wing, Gong and Lowe, as it stands between two steps.
///
/// Calls and answers stand in a doubly linked list in the order of time. The operations that may
/// come next are those whose call stands before the first answer. One of them is tried and taken
/// out of the list; when an answer comes before anything fits, the last one tried is put back.
#[derive(Clone, Debug)]
pub(super) struct Search<M: Model> {
    operations: Vec<Operation<M::Call, M::Answer>>,
    /// What stands in the list: from 1; [`HEAD`] stands for both ends.
    marks: Vec<Mark>,
    next: Vec<usize>,
    previous: Vec<usize>,
    /// By operation: its call and, if it was answered, its answer in the list.
    call_at: Vec<usize>,
    answer_at: Vec<Option<usize>>,
    cursor: usize,
    state: M::State,
    done: Vec<u64>,
    /// Answered operations that are not in order yet.
    left: usize,
    /// What was tried, and the state before it.
    tried: Vec<(usize, M::State)>,
    memo: Memo<M::State>,
    longest: Vec<usize>,
    stuck: Vec<usize>,
    end: Option<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Ends,
    Call(usize),
    Answer(usize),
}

/// What came of some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Searching,
    Found,
    Stuck,
    OutOfMemory,
}

impl<M: Model> Search<M> {
    pub(super) fn new(model: &M, operations: Vec<Operation<M::Call, M::Answer>>) -> Search<M> {
        let mut events: Vec<(u64, bool, usize)> = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            events.push((operation.called, false, at));
            if let Some((answered, _)) = &operation.answer {
                // An answer before its call is taken to have come with it.
                events.push(((*answered).max(operation.called), true, at));
            }
        }
        // At the same time, calls come before answers: they overlap.
        events.sort_unstable();
        let mut marks = vec![Mark::Ends];
        let (mut call_at, mut answer_at) =
            (vec![0; operations.len()], vec![None; operations.len()]);
        for (_, is_answer, at) in events {
            if is_answer {
                answer_at[at] = Some(marks.len());
                marks.push(Mark::Answer(at));
            } else {
                call_at[at] = marks.len();
                marks.push(Mark::Call(at));
            }
        }
        let count = marks.len();
        let left = answer_at.iter().flatten().count();
        Search {
            next: (0..count).map(|at| (at + 1) % count).collect(),
            previous: (0..count).map(|at| (at + count - 1) % count).collect(),
            cursor: 1 % count,
            state: model.initial(),
            done: vec![0; operations.len().div_ceil(64)],
            marks,
            operations,
            call_at,
            answer_at,
            left,
            tried: Vec::new(),
            memo: Memo::new(),
            longest: Vec::new(),
            stuck: Vec::new(),
            end: None,
        }
    }

    /// The longest order found.
    pub(super) fn longest(&self) -> &[usize] {
        &self.longest
    }

    /// What could not come next after it.
    pub(super) fn stuck(&self) -> &[usize] {
        &self.stuck
    }

    pub(super) fn go_on(&mut self, model: &M, steps: u64) -> Step {
        let mut taken = 0;
        while self.end.is_none() && taken < steps {
            self.end = self.step(model);
            taken += 1;
        }
        self.end.unwrap_or(Step::Searching)
    }

    fn step(&mut self, model: &M) -> Option<Step> {
        if self.left == 0 {
            return Some(Step::Found);
        }
        match self.marks[self.cursor] {
            Mark::Call(at) => {
                let Operation { call, answer, .. } = &self.operations[at];
                let answer = answer.as_ref().map(|(_, answer)| answer);
                match model.apply(&self.state, call, answer) {
                    Some(state) => self.try_next(at, state),
                    None => self.cursor = self.next[self.cursor],
                }
                (self.memo.len() > MOST_MEMORIES).then_some(Step::OutOfMemory)
            }
            // An operation was answered before anything that would make its answer true.
            Mark::Answer(at) => {
                self.note_stuck(at);
                self.take_back()
            }
            Mark::Ends => self.take_back(),
        }
    }

    /// Puts an operation next, unless that has led nowhere before.
    fn try_next(&mut self, at: usize, state: M::State) {
        self.done[at / 64] |= 1 << (at % 64);
        if !self.memo.insert(&self.done, &state) {
            self.done[at / 64] &= !(1 << (at % 64));
            self.cursor = self.next[self.cursor];
            return;
        }
        let before = std::mem::replace(&mut self.state, state);
        self.tried.push((at, before));
        self.take_out(self.call_at[at]);
        if let Some(answer) = self.answer_at[at] {
            self.take_out(answer);
            self.left -= 1;
        }
        self.cursor = self.next[HEAD];
        if self.tried.len() > self.longest.len() {
            self.longest = self.tried.iter().map(|(at, _)| *at).collect();
            self.stuck.clear();
        }
    }

    /// Puts back what was tried last and goes on behind it.
    fn take_back(&mut self) -> Option<Step> {
        let Some((at, before)) = self.tried.pop() else {
            return Some(Step::Stuck);
        };
        self.state = before;
        self.done[at / 64] &= !(1 << (at % 64));
        if let Some(answer) = self.answer_at[at] {
            self.put_back(answer);
            self.left += 1;
        }
        self.put_back(self.call_at[at]);
        self.cursor = self.next[self.call_at[at]];
        None
    }

    /// Where the longest order ends: whose answer is in the way, and what else was under way.
    fn note_stuck(&mut self, at: usize) {
        if self.tried.len() < self.longest.len() || !self.stuck.is_empty() {
            return;
        }
        self.stuck.push(at);
        let mut mark = self.next[HEAD];
        while mark != self.cursor {
            if let Mark::Call(other) = self.marks[mark]
                && other != at
            {
                self.stuck.push(other);
            }
            mark = self.next[mark];
        }
    }

    fn take_out(&mut self, mark: usize) {
        let (previous, next) = (self.previous[mark], self.next[mark]);
        self.next[previous] = next;
        self.previous[next] = previous;
    }

    fn put_back(&mut self, mark: usize) {
        let (previous, next) = (self.previous[mark], self.next[mark]);
        self.next[previous] = mark;
        self.previous[next] = mark;
    }
}
