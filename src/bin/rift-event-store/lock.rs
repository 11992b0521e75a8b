//! A lock on a name, held by one page or worker of this origin at a time (Web Locks). The browser
//! lets go of it when its holder is gone, however that happened.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::javascript::{function, property};
use crate::refusal::Refusal;

/// Given back by calling it.
pub(crate) struct Lock {
    release: Option<Function>,
}

impl Lock {
    /// The lock of this name; `None` if somebody has it.
    ///
    /// Where a browser has no locks (without HTTPS) there is nothing to hold. Two pages that write
    /// then do not both succeed: the second finds its place in the log taken.
    pub(crate) async fn take(name: &str) -> Result<Option<Lock>, Refusal> {
        let locks = property(&property(&js_sys::global(), "navigator"), "locks");
        let Some(request) = function(&locks, "request") else {
            return Ok(Some(Lock { release: None }));
        };
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).map_err(Refusal::storage)?;
        let granted = Promise::new(&mut |granted, refused| {
            let when_decided = on_decision(granted);
            let asked = request.call3(&locks, &name.into(), &options, &when_decided);
            if let Err(error) = asked {
                let _ = refused.call1(&JsValue::UNDEFINED, &error);
            }
        });
        let release = JsFuture::from(granted).await.map_err(Refusal::storage)?;
        Ok(release.dyn_into().ok().map(|release| Lock { release: Some(release) }))
    }

    pub(crate) fn release(&self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// What the browser calls with the lock, or with `null`. A lock is held as long as the promise is
/// open that is answered; whoever waits for the decision gets what ends it, or `null`.
fn on_decision(granted: Function) -> JsValue {
    Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            let _ = granted.call1(&JsValue::UNDEFINED, &JsValue::NULL);
            return JsValue::UNDEFINED;
        }
        let held = Promise::new(&mut |release, _| {
            let _ = granted.call1(&JsValue::UNDEFINED, &release);
        });
        held.into()
    })
}
