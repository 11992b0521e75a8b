//! Figures for pages of other people: `static/embed/`, copied beside the page under names that
//! stay, and told the names of everything else, which change with what is in it. Likewise the page
//! with one figure at full window, `static/sandbox/`.

use std::fs;
use std::io;
use std::path::Path;

use crate::run::{Checkout, Failure, Outcome};

const FOLDER: &str = "static/embed";
/// The script that has the table and the looks; and what stands in it where they are to come.
const SCRIPT: &str = "rift.js";
const PLACE: &str = "\"rift-programs\"";
const LOOKS: (&str, &str) = ("figure.css", "\"rift-looks\"");
/// The page in one file, and where the script goes in it.
const ONE_FILE: &str = "standalone.html";
const ONE_PLACE: &str = "rift-kit";
const LABS: [&str; 5] = ["raft", "cap", "events", "breaker", "whole"];

/// The page with one figure at full window; what stands where something of index.html is to come.
const SANDBOX: &str = "static/sandbox";
const SANDBOX_PAGE: &str = "sandbox.html";
const LINKS_PLACE: &str = "<link id=\"rift-page\">";
const FAILURES_PLACE: &str = "<template id=\"rift-failures\"></template>";

/// Puts the kit into the directory where trunk puts the page together. All else must be there.
pub(crate) fn build(checkout: &Checkout, staging: &Path, release: bool) -> Outcome {
    let published = publish(checkout, staging).and_then(|stills| {
        sandbox(checkout, staging)?;
        one_file(staging, &stills, release)
    });
    published.map_err(|error| {
        Failure::new(
            format!("the kit cannot be put beside the page ({error})"),
            "mend what it says",
        )
    })
}

/// What the table says of scenarios and posters, as it stands in the script.
fn publish(checkout: &Checkout, staging: &Path) -> io::Result<String> {
    let (looks, looks_place) = LOOKS;
    for file in fs::read_dir(checkout.root.join(FOLDER))? {
        let file = file?;
        if file.file_name() != looks {
            fs::copy(file.path(), staging.join(file.file_name()))?;
        }
    }
    // Under a name that stays, as all of the kit.
    fs::copy(checkout.root.join("static/icons/rift.svg"), staging.join("embed.svg"))?;
    let page = fs::read_to_string(staging.join("index.html"))?;
    let stills = stills(&scenarios(staging)?);
    let table = table(&page, &stills).map_err(io::Error::other)?;
    let looks = fs::read_to_string(checkout.root.join(FOLDER).join(looks))?;
    let mut script = fs::read_to_string(staging.join(SCRIPT))?;
    for (place, what) in [(PLACE, table), (looks_place, template(&looks))] {
        if !script.contains(place) {
            return Err(io::Error::other(format!("{SCRIPT} has no place {place}")));
        }
        script = script.replace(place, &what);
    }
    fs::write(staging.join(SCRIPT), script)?;
    Ok(stills)
}

/// A text as JavaScript.
fn template(text: &str) -> String {
    let inside = text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${");
    format!("`{inside}`")
}

/// The page with one figure: the programs are those that index.html names.
fn sandbox(checkout: &Checkout, staging: &Path) -> io::Result<()> {
    for file in fs::read_dir(checkout.root.join(SANDBOX))? {
        let file = file?;
        fs::copy(file.path(), staging.join(file.file_name()))?;
    }
    let index = fs::read_to_string(staging.join("index.html"))?;
    let links = links_for_sandbox(&index).ok_or_else(|| io::Error::other("no start.js"))?;
    // From the source, where it is as it was written.
    let source = fs::read_to_string(checkout.root.join("index.html"))?;
    let failures = failures(&source).ok_or_else(|| io::Error::other("no #start-failure"))?;
    let path = staging.join(SANDBOX_PAGE);
    let page = fs::read_to_string(&path)?;
    for place in [LINKS_PLACE, FAILURES_PLACE] {
        if !page.contains(place) {
            return Err(io::Error::other(format!("{SANDBOX_PAGE} has no {place}")));
        }
    }
    fs::write(path, page.replace(LINKS_PLACE, &links).replace(FAILURES_PLACE, failures))
}

/// The icon, the looks and the programs of the page, but nothing that would load them beforehand;
/// and the script that starts them.
fn links_for_sandbox(index: &str) -> Option<String> {
    let mut links = String::new();
    for link in index.split("<link").skip(1) {
        let link = link.split('>').next().unwrap_or_default();
        if !link.contains("preload") {
            links += &["<link", link, ">"].concat();
        }
    }
    let scripts = index.split("src=").skip(1).filter_map(unquoted);
    let start = scripts.into_iter().find(|address| address.starts_with("./start-"))?;
    Some(format!("{links}<link id=\"rift-start\" data-script=\"{start}\">"))
}

/// What a page says where nothing runs.
fn failures(page: &str) -> Option<&str> {
    let at = page.find("<section id=\"start-failure\"")?;
    page[at..].split("</body>").next()
}

/// The page that needs no other file, so that it opens from a disk: what the script would fetch is
/// in its table instead. Only of small programs, for others would take long to write.
fn one_file(staging: &Path, stills: &str, release: bool) -> io::Result<()> {
    let path = staging.join(ONE_FILE);
    if !release {
        return fs::remove_file(path);
    }
    let mut script = fs::read_to_string(staging.join(SCRIPT))?;
    for file in fs::read_dir(staging)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let address = format!("\"./{name}\"");
        let media = match name.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("wasm") => "application/wasm",
            _ => continue,
        };
        if script.contains(&address) {
            let content = base64(&fs::read(staging.join(&name))?);
            let data = format!("\"data:{media};base64,{content}\"");
            script = script.replace(&address, &data);
        }
    }
    // Scenarios and their posters would be fetched.
    let script = script.replace(stills, &self::stills(&[]));
    // It must not end its own element.
    let script = script.replace("</script", "<\\/script");
    let page = fs::read_to_string(&path)?;
    fs::write(path, page.replace(ONE_PLACE, &script))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |k: usize| u32::from(three.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * k) & 63) as usize];
            text.push(if k <= three.len() { letter as char } else { '=' });
        }
    }
    text
}

/// Whether a file of `dist/` is for other pages, and no part of a first visit to ours.
pub(crate) fn has(dist: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(dist).unwrap_or(path);
    let name = inside.display().to_string();
    const OURS: [&str; 6] =
        ["rift.js", "rift.d.ts", "rift-lab.d.ts", "frame.js", "standalone.html", "challenges.json"];
    OURS.contains(&name.as_str()) || name.starts_with("embed") || name.starts_with("sandbox")
}

/// A shipped scenario: its name, its lab, and its title as JSON has it, with its quotes.
type Shipped = (String, &'static str, String);

/// The shipped scenarios by their names.
fn scenarios(staging: &Path) -> io::Result<Vec<Shipped>> {
    let mut scenarios = Vec::new();
    for lab in LABS {
        // There are none in a page without the guide.
        let Ok(files) = fs::read_dir(staging.join("scenarios").join(lab)) else {
            continue;
        };
        for file in files {
            let path = file?.path();
            let json = fs::read_to_string(&path)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let title =
                title(&json).ok_or_else(|| io::Error::other(format!("{name}: no title")))?;
            scenarios.push((name, lab, title.to_owned()));
        }
    }
    scenarios.sort();
    Ok(scenarios)
}

/// The title in JSON of our own, with its quotes.
fn title(json: &str) -> Option<&str> {
    let (_, rest) = json.split_once("\"title\":")?;
    let mut escaped = false;
    let ends = |letter: char| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    };
    let length = rest.strip_prefix('"')?.find(ends)?;
    rest.get(..length + 2)
}

/// What the table says of scenarios and posters: without any there are no posters either.
fn stills(scenarios: &[Shipped]) -> String {
    let one = |(name, lab, title): &Shipped| format!("\"{name}\":[\"{lab}\",{title}]");
    let all: Vec<_> = scenarios.iter().map(one).collect();
    format!("posters:{},scenarios:{{{}}}", !scenarios.is_empty(), all.join(","))
}

/// The table as JavaScript, from the links of the page. None of the names needs escaping.
fn table(page: &str, stills: &str) -> Result<String, String> {
    let style = page.split("href=").find_map(|rest| {
        let address = unquoted(rest)?;
        (address.starts_with("./rift-") && address.ends_with(".css")).then_some(address)
    });
    let style = style.ok_or("index.html has no style sheet")?;
    let mut labs = Vec::new();
    for lab in LABS {
        let own = addresses(page, &format!("rift-{lab}"))?;
        let lens = addresses(page, &format!("rift-lens-{lab}"))?;
        labs.push(format!("{lab}:{{{own},lens:{{{lens}}}}}"));
    }
    Ok(format!("{{style:\"{style}\",labs:{{{}}},{stills}}}", labs.join(",")))
}

/// What the link with this id says of a program.
fn addresses(page: &str, id: &str) -> Result<String, String> {
    let missing = || format!("index.html has no link {id} with the addresses of a program");
    // trunk may have taken the quotes away.
    let begins =
        |link: &&str| unquoted(link.split_once("id=").map_or("", |(_, rest)| rest)) == Some(id);
    let link = page.split("<link").map(|it| it.split('>').next().unwrap_or_default()).find(begins);
    let link = link.ok_or_else(missing)?;
    let named = |name: &str| link.split_once(name).and_then(|(_, rest)| unquoted(rest));
    let script = named("data-script=").ok_or_else(missing)?;
    let wasm = named("data-wasm=").ok_or_else(missing)?;
    let style = named("data-style=").map(|style| format!("\"{style}\"")).unwrap_or_default();
    Ok(format!("script:\"{script}\",wasm:\"{wasm}\",styles:[{style}]"))
}

/// The value that an attribute begins with, in quotes or not.
fn unquoted(rest: &str) -> Option<&str> {
    match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next(),
        None => rest.split([' ', '>', '\n']).next().filter(|value| !value.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(labs: &[&str]) -> String {
        let mut page = "<link rel=\"stylesheet\" href=\"./rift-0a.css\">".to_owned();
        for lab in labs {
            page += &format!(
                "<link id=\"rift-{lab}\" data-script=\"./{lab}.js\" data-wasm=\"./{lab}.wasm\">\
                 <link id=rift-lens-{lab} data-script=./l.js data-wasm=./l.wasm data-style=./l.css>"
            );
        }
        page
    }

    #[test]
    fn the_table_is_made_of_the_pages_links() {
        let json = r#"{"lab":"raft","title":"No \"winner\"","run":"r"}"#;
        let title = title(json).expect("it has one");
        let stills = stills(&[("split-vote".to_owned(), "raft", title.to_owned())]);
        let table = table(&page(&LABS), &stills).expect("all is there");
        assert!(table.starts_with(
            "{style:\"./rift-0a.css\",labs:{raft:{script:\"./raft.js\",wasm:\"./raft.wasm\",\
             styles:[],lens:{script:\"./l.js\",wasm:\"./l.wasm\",styles:[\"./l.css\"]}},cap:{"
        ));
        let told = r#",posters:true,scenarios:{"split-vote":["raft","No \"winner\""]}}"#;
        assert!(table.ends_with(told), "{table}");
    }

    #[test]
    fn without_scenarios_there_are_no_posters() {
        assert_eq!(stills(&[]), "posters:false,scenarios:{}");
        assert_eq!(title(r#"{"title":"""#), Some(r#""""#));
        assert_eq!(title(r#"{"title":"a\"#), None);
    }

    #[test]
    fn looks_become_a_text_of_the_script() {
        assert_eq!(template("a`b${c}\\d"), "`a\\`b\\${c}\\\\d`");
    }

    #[test]
    fn the_sandbox_has_the_pages_programs_and_loads_none_beforehand() {
        let preload = "<link rel=modulepreload href=./a.js>";
        let index = [&page(&LABS), preload, "<script defer src=./start-07.js></script>"].concat();
        let links = links_for_sandbox(&index).expect("all is there");
        assert!(links.contains("href=\"./rift-0a.css\"") && links.contains("./cap.wasm"));
        assert!(links.ends_with("data-script=\"./start-07.js\">") && !links.contains("preload"));
        assert!(links_for_sandbox(&page(&LABS)).is_none());
        let said = failures("<p>a</p><section id=\"start-failure\">b</section></body></html>");
        assert_eq!(said, Some("<section id=\"start-failure\">b</section>"));
    }

    #[test]
    fn bytes_become_base64() {
        // RFC 4648, section 10.
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_program_without_addresses_is_named() {
        let missing = table(&page(&LABS[..3]), "").expect_err("one is missing");
        assert!(missing.contains("rift-breaker"), "{missing}");
    }

    #[test]
    fn what_is_for_other_pages_is_no_part_of_a_visit() {
        let dist = Path::new("/dist");
        for file in ["rift.js", "embed.html", "frame.js", "sandbox.js", "challenges.json"] {
            assert!(has(dist, &dist.join(file)), "{file}");
        }
        for file in ["index.html", "rift-web-0123.js", "rift-0123.css"] {
            assert!(!has(dist, &dist.join(file)), "{file}");
        }
    }
}
