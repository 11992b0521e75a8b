//! One `requestAnimationFrame` loop that runs only while somebody wants it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls back once a frame, with the browser's time in milliseconds, while it is running.
///
/// The closure is made once and used for every frame. Dropping the loop stops it for good.
pub(crate) struct FrameLoop {
    inner: Rc<Inner>,
}

/// What the browser calls back, with the time of the frame in milliseconds.
type OnFrame = Closure<dyn FnMut(f64)>;

struct Inner {
    running: Cell<bool>,
    pending: Cell<Option<i32>>,
    closure: RefCell<Option<OnFrame>>,
}

impl FrameLoop {
    /// A loop that is not running yet.
    pub(crate) fn new(on_frame: impl Fn(f64) + 'static) -> FrameLoop {
        let inner = Rc::new(Inner {
            running: Cell::new(false),
            pending: Cell::new(None),
            closure: RefCell::new(None),
        });
        let weak = Rc::downgrade(&inner);
        let closure = Closure::<dyn FnMut(f64)>::new(move |time_ms| {
            let Some(inner) = weak.upgrade() else {
                return;
            };
            inner.pending.set(None);
            if inner.running.get() {
                on_frame(time_ms);
                inner.request();
            }
        });
        *inner.closure.borrow_mut() = Some(closure);
        FrameLoop { inner }
    }

    /// Starts or stops the loop. A stopped loop costs nothing.
    pub(crate) fn set_running(&self, running: bool) {
        self.inner.running.set(running);
        if running {
            self.inner.request();
        } else {
            self.inner.cancel();
        }
    }
}

impl Inner {
    fn request(&self) {
        if self.pending.get().is_some() || !self.running.get() {
            return;
        }
        if let (Some(window), Some(closure)) = (web_sys::window(), &*self.closure.borrow()) {
            let callback = closure.as_ref().unchecked_ref();
            self.pending.set(window.request_animation_frame(callback).ok());
        }
    }

    fn cancel(&self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.pending.take()) {
            let _ = window.cancel_animation_frame(handle);
        }
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        self.inner.running.set(false);
        self.inner.cancel();
    }
}
