//! What the libraries for pages of other people have in common: options are read by their names,
//! and errors have a `code` and whatever belongs to it as properties.

use js_sys::{Error, Function, Object, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// An argument that cannot be used.
pub(crate) struct BadArgument {
    /// Its name.
    pub(crate) argument: String,
    /// What is wrong, beginning with its name.
    pub(crate) message: String,
}

impl BadArgument {
    pub(crate) fn new(argument: &str, what: &str) -> BadArgument {
        BadArgument { argument: argument.to_owned(), message: format!("{argument}: {what}") }
    }
}

/// An option that does not exist is refused: a mistyped one would do nothing, and in silence.
pub(crate) fn check_names(options: &JsValue, known: &[&str]) -> Result<(), BadArgument> {
    if options.is_undefined() {
        return Ok(());
    }
    let Some(options) = options.dyn_ref::<Object>() else {
        return Err(BadArgument::new("options", "they are no object"));
    };
    for name in Object::keys(options).into_iter().filter_map(|name| name.as_string()) {
        if !known.contains(&name.as_str()) {
            let there_are = format!("there is no such option; there are {}", known.join(", "));
            return Err(BadArgument::new(&name, &there_are));
        }
    }
    Ok(())
}

/// Plain data out of an object. `argument` is what a refusal calls it.
pub(crate) fn said<T: DeserializeOwned>(argument: &str, value: &JsValue) -> Result<T, BadArgument> {
    let said = serde_wasm_bindgen::from_value(value.clone());
    said.map_err(|error| BadArgument::new(argument, &error.to_string()))
}

/// A property; of what can have none, `undefined`.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    if !of.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// A property if it is a function.
pub(crate) fn function(of: &JsValue, name: &str) -> Option<Function> {
    property(of, name).dyn_into().ok()
}

/// An `Error` of this name; `fields` is an object with its properties.
pub(crate) fn error(name: &str, message: &str, fields: &JsValue) -> JsValue {
    let error = Error::new(message);
    error.set_name(name);
    Object::assign(&error, fields.unchecked_ref()).into()
}
