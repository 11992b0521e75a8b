//! Writes elements for Yew, one call at a time.
//!
//! `html!` unrolls every element into code of its own. Here an element is a call with its names
//! and values, so a panel costs little more than its words. It reads like
//! [`scene::svg`](crate::scene::svg), which writes marks as text; what is written here keeps the
//! focus and the state of elements that stay. Attributes of whatever listens are left to `html!`.

use std::rc::Rc;

use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, VList, VTag, VText};

/// Names and values of an element's attributes; no value, no attribute.
pub(crate) type Named<'a> = (&'static [&'static str], &'a [Option<&'a str>]);

/// The [`Named`] attributes of an element: `named!["class" = "plain", "title" = title]`. A value
/// is a `&str` or an `Option<&str>`.
macro_rules! named {
    ($($name:literal = $value:expr),* $(,)?) => {
        (
            &[$($name),*] as &'static [&'static str],
            &[$(Option::<&str>::from($value)),*] as &[Option<&str>],
        )
    };
}
pub(crate) use named;

/// Elements, and those of them that are not closed yet.
#[derive(Default)]
pub(crate) struct Tree {
    open: Vec<VTag>,
    done: Vec<Html>,
}

impl Tree {
    /// Begins an element; what follows, up to its [`close`](Tree::close), is inside of it.
    pub(crate) fn open(&mut self, name: &'static str, (keys, values): Named<'_>) {
        let mut element = VTag::new(name);
        if !keys.is_empty() {
            let value = |value: &Option<&str>| {
                value.map(|value| AttributeOrProperty::Attribute(shared(value)))
            };
            let values = values.iter().map(value).collect();
            element.attributes = Attributes::Dynamic { keys, values };
        }
        self.open.push(element);
    }

    /// Names the open element among its siblings: it stays itself when they come and go. Give a
    /// key to all of them or to none.
    pub(crate) fn key(&mut self, key: &str) {
        if let Some(element) = self.open.last_mut() {
            element.key = Some(key.into());
        }
    }

    /// What the open input field holds.
    pub(crate) fn value(&mut self, value: &str) {
        if let Some(element) = self.open.last_mut() {
            element.set_value(Some(shared(value)));
        }
    }

    /// Ends the element begun last.
    pub(crate) fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            self.add(element.into());
        }
    }

    /// Text inside of the open element.
    pub(crate) fn text(&mut self, text: &str) {
        self.add(VText::new(shared(text)).into());
    }

    /// An element that holds nothing but text.
    pub(crate) fn words(&mut self, name: &'static str, named: Named<'_>, text: &str) {
        self.open(name, named);
        self.text(text);
        self.close();
    }

    /// Markup that [`scene::svg`](crate::scene::svg) wrote, all text in it escaped.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.add(Html::from_html_unchecked(shared(markup)));
    }

    /// What was written elsewhere.
    pub(crate) fn put(&mut self, html: Html) {
        self.add(html);
    }

    /// All that was written, as a list even if it is a single element or none.
    pub(crate) fn html(self) -> Html {
        VList::with_children(self.done, None).into()
    }

    /// What was written elsewhere.
    pub(crate) fn add(&mut self, node: Html) {
        match self.open.last_mut() {
            Some(parent) => parent.add_child(node),
            None => self.done.push(node),
        }
    }
}

fn shared(text: &str) -> AttrValue {
    AttrValue::Rc(Rc::from(text))
}
