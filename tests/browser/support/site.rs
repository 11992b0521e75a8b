//! A static file server for `dist/`, and for everything that may go wrong with one.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// How the site serves the page.
#[derive(Clone, Debug)]
pub(crate) struct SiteOptions {
    /// Where the page lives; begins and ends with a slash.
    pub(crate) prefix: &'static str,
    /// Sent with every answer, such as a `Content-Security-Policy`.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// What to do instead of serving a file whose path contains the text.
    pub(crate) replies: Vec<(&'static str, Reply)>,
    /// What of the article the page has.
    pub(crate) article: Article,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Article {
    /// All of it.
    Whole,
    /// The laboratory of this lab alone, so that a test of it needs not tell its servers and
    /// buttons from those of another, nor wait until what is above it has come and has its height.
    Only(&'static str),
}

impl Default for SiteOptions {
    fn default() -> SiteOptions {
        SiteOptions {
            prefix: "/",
            headers: Vec::new(),
            replies: Vec::new(),
            article: Article::Only("raft"),
        }
    }
}

impl SiteOptions {
    /// The page with the laboratory of a lab alone.
    pub(crate) fn only(lab: &'static str) -> SiteOptions {
        SiteOptions { article: Article::Only(lab), ..SiteOptions::default() }
    }

    /// The page as readers have it.
    pub(crate) fn whole_article() -> SiteOptions {
        SiteOptions { article: Article::Whole, ..SiteOptions::default() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    NotFound,
    /// Never answers.
    Silence,
    /// Sends the file under another media type.
    AsType(&'static str),
    /// Sends this page instead, as servers do that answer every path with their start page.
    Html(&'static str),
}

/// Serves until it is dropped.
pub(crate) struct Site {
    address: SocketAddr,
    prefix: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    options: SiteOptions,
    requested: Mutex<Vec<String>>,
    stop: AtomicBool,
}

impl Site {
    pub(crate) fn serve(options: SiteOptions) -> Site {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
        assert!(root.join("index.html").is_file(), "no dist/: run `cargo xtask build` first");
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let prefix = options.prefix;
        let requested = Mutex::default();
        let shared = Arc::new(Shared { root, options, requested, stop: AtomicBool::new(false) });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming() {
                if serving.stop.load(Ordering::Relaxed) {
                    return;
                }
                let serving = Arc::clone(&serving);
                // The browser hangs up whenever it likes; that is no concern of a test.
                thread::spawn(move || connection.and_then(|stream| serving.answer(stream)));
            }
        });
        Site { address, prefix, shared }
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.origin(), self.prefix)
    }

    /// The paths asked for so far, in order.
    pub(crate) fn requested(&self) -> Vec<String> {
        self.shared.requested.lock().expect("no thread of the site panics").clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the listener up, so that it sees the flag.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        // The headers say nothing we need, but an unread rest would reset the connection.
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let target = request.split(' ').nth(1).unwrap_or_default();
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if path.is_empty() {
            return Ok(());
        }
        self.requested.lock().expect("no thread of the site panics").push(path.to_owned());
        let mut replies = self.options.replies.iter();
        match replies.find(|(part, _)| path.contains(part)).map(|(_, reply)| *reply) {
            Some(Reply::NotFound) => self.send(&mut stream, "404 Not Found", "text/plain", b""),
            Some(Reply::Silence) => {
                while !self.stop.load(Ordering::Relaxed) {
                    thread::sleep(std::time::Duration::from_millis(20));
                }
                Ok(())
            }
            Some(Reply::Html(page)) => {
                self.send(&mut stream, "200 OK", "text/html", page.as_bytes())
            }
            Some(Reply::AsType(media_type)) => self.send_file(&mut stream, path, Some(media_type)),
            None => self.send_file(&mut stream, path, None),
        }
    }

    fn send_file(
        &self,
        stream: &mut TcpStream,
        path: &str,
        media_type: Option<&str>,
    ) -> io::Result<()> {
        let name = path.strip_prefix(self.options.prefix).map(|name| match name {
            "" => "index.html",
            name => name,
        });
        let inside = |name: &&str| {
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
        };
        let mut content = name.filter(inside).and_then(|name| fs::read(self.root.join(name)).ok());
        if let (Some("index.html"), Article::Only(lab)) = (name, self.options.article) {
            content = content.map(|page| with_one_laboratory(&page, lab));
        }
        match content {
            Some(content) => {
                let media_type = media_type.unwrap_or_else(|| media_type_of(name.unwrap_or("")));
                self.send(stream, "200 OK", media_type, &content)
            }
            None => self.send(stream, "404 Not Found", "text/plain", b"there is no such file"),
        }
    }

    fn send(
        &self,
        stream: &mut TcpStream,
        status: &str,
        media_type: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let length = body.len();
        let mut head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n"
        );
        for (name, value) in &self.options.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)
    }
}

/// The page with nothing in its middle but one laboratory.
fn with_one_laboratory(page: &[u8], lab: &str) -> Vec<u8> {
    let page = String::from_utf8_lossy(page);
    let middle = |(head, rest): (&str, &str)| {
        let (article, foot) = rest.split_once("</main>")?;
        // The page for publication has no quotes, and attributes in another order.
        let quoted = article.find(&format!("data-lab=\"{lab}\""));
        let named = quoted.or(article.find(&format!("data-lab={lab}")))?;
        let begins = article[..named].rfind('<')?;
        let (laboratory, _) = article[begins..].split_once("</section>")?;
        Some([head, "<main>", laboratory, "</main>", foot].concat())
    };
    let alone = page.split_once("<main>").and_then(middle);
    alone.expect("the article has the laboratory").into_bytes()
}

fn media_type_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
