//! The log in IndexedDB: pieces of the file of [`rift::event_store::file`], each under the byte at
//! which it begins.
//!
//! A piece is added in a transaction of its own with strict durability, so it is there as a whole
//! or not at all, and when we are told of it, it survives a loss of power. A piece is never
//! replaced: if there is one already, somebody else has written, and adding fails.

use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use rift::event_store::file::Write;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbTransaction;
use web_sys::{IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest};

use crate::javascript::{function, property};
use crate::lock::Lock;
use crate::refusal::Refusal;

/// What the databases are called: this and the name of the store.
const PREFIX: &str = "rift-event-store:";
/// Of the layout within the database. The file has a format of its own.
const VERSION: u32 = 1;
const PIECES: &str = "pieces";

pub(crate) struct Database {
    database: IdbDatabase,
    lock: Lock,
}

impl Database {
    /// The database of a store, and all that is in it.
    pub(crate) async fn open(name: &str) -> Result<(Database, Vec<u8>), Refusal> {
        let full_name = format!("{PREFIX}{name}");
        let lock = Lock::take(&full_name).await?.ok_or_else(|| Refusal::in_use(name))?;
        let database = match connect(&full_name).await {
            Ok(database) => Database { database, lock },
            Err(error) => {
                lock.release();
                return Err(Refusal::storage(error));
            }
        };
        let bytes = database.read_all().await?;
        Ok((database, bytes))
    }

    /// Adds a piece. When this comes back, it is durable.
    pub(crate) async fn add(&self, write: &Write) -> Result<(), JsValue> {
        let (transaction, pieces) = self.transaction("readwrite")?;
        let bytes = Uint8Array::from(&write.bytes[..]);
        pieces.add_with_key(&bytes, &JsValue::from_f64(write.at as f64))?;
        let done = Promise::new(&mut |done, failed| {
            transaction.set_oncomplete(Some(&done));
            transaction.set_onabort(Some(&failed));
        });
        let outcome = JsFuture::from(done).await;
        outcome.map(|_| ()).map_err(|_| transaction.error().map(JsValue::from).unwrap_or_default())
    }

    /// All pieces, one after the other. They must leave no gap.
    async fn read_all(&self) -> Result<Vec<u8>, Refusal> {
        let (places, pieces) = self.read_pieces().await.map_err(Refusal::storage)?;
        let mut bytes = Vec::new();
        for (place, piece) in places.iter().zip(pieces.iter()) {
            let end = bytes.len() as u64;
            // Whose `Uint8Array` it is depends on the browser where several windows share this one.
            if !ArrayBuffer::is_view(&piece) || place.as_f64() != Some(end as f64) {
                return Err(Refusal::hole(end));
            }
            bytes.extend(Uint8Array::new(&piece).to_vec());
        }
        Ok(bytes)
    }

    async fn read_pieces(&self) -> Result<(Array, Array), JsValue> {
        let (_, pieces) = self.transaction("readonly")?;
        // Both asked for before either answers, or the transaction would be over.
        let (places, pieces) = (pieces.get_all_keys()?, pieces.get_all()?);
        let (places, pieces) = (answer_to(&places), answer_to(&pieces));
        Ok((places.await?.unchecked_into(), pieces.await?.unchecked_into()))
    }

    /// By name, for what asks for durability is not in the bindings yet.
    fn transaction(&self, mode: &str) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let transaction = function(&self.database, "transaction").unwrap_or_default();
        let made = transaction.call3(&self.database, &PIECES.into(), &mode.into(), &options)?;
        let transaction: IdbTransaction = made.unchecked_into();
        let pieces = transaction.object_store(PIECES)?;
        Ok((transaction, pieces))
    }

    pub(crate) fn close(&self) {
        self.database.close();
        self.lock.release();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

async fn connect(name: &str) -> Result<IdbDatabase, JsValue> {
    let factory: IdbFactory = property(&js_sys::global(), "indexedDB").dyn_into()?;
    let request: IdbOpenDbRequest = factory.open_with_u32(name, VERSION)?;
    let opening = request.clone();
    let make = Closure::once_into_js(move || {
        let database = opening.result().and_then(|database| database.dyn_into::<IdbDatabase>());
        // If it cannot be made, the request fails, and says why.
        let _ = database.and_then(|database| database.create_object_store(PIECES));
    });
    request.set_onupgradeneeded(make.dyn_ref());
    answer_to(&request).await?.dyn_into()
}

/// The answer to a request, for which one listens from now on.
fn answer_to(request: &IdbRequest) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let request = request.clone();
    let done = Promise::new(&mut |done, failed| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&failed));
    });
    async move {
        match JsFuture::from(done).await {
            Ok(_) => request.result(),
            Err(_) => Err(request.error()?.map(JsValue::from).unwrap_or_default()),
        }
    }
}
