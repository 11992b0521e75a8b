//! A run as what authors paste into their pages: the figure, standing where the reader stands.
//! `docs/embedding.md` says what the element and the parameters mean.

use crate::link::Link;
use crate::text::share as text;

/// What to paste; `None` if there is no such way. `address` is the run's, in the folder where the
/// kit is.
pub(super) fn snippet(way: &str, address: &str, link: &Link) -> Option<String> {
    let (page, run) = address.split_once('#').unwrap_or(("", address));
    // The folder of the page, with its slash.
    let kit = page.rfind('/').and_then(|slash| page.get(..=slash)).unwrap_or("./");
    let lab = link.lab;
    let (words, picture) = (text::A_FIGURE, text::STILL);
    // What feed readers show, and paper: the lab's poster and a link.
    let still = |lab: &str| {
        format!(
            "<img src=\"{kit}posters/{lab}.svg\" alt=\"{picture}\" \
             width=\"860\" height=\"456\" loading=\"lazy\">"
        )
    };
    let script = format!("<script type=\"module\" src=\"{kit}rift.js\"></script>\n");
    let element = format!(
        "<rift-lab lab=\"{lab}\" link=\"{run}\">{}\
         <a href=\"{kit}#{run}\">{words}</a></rift-lab>\n",
        still(lab)
    );
    Some(match way {
        "html" => [script, element].concat(),
        // Every line of its own, so that it is HTML for Markdown and an element for MDX.
        "markdown" => [script, "\n".to_owned(), element].concat(),
        "mdbook" => ["<div>\n", &script, &element, "</div>\n"].concat(),
        "hugo" => [
            text::HUGO_ONCE,
            &script,
            "<rift-lab{{ range $name, $value := .Params }} \
             {{ printf \"%s=%q\" $name $value | safeHTMLAttr }}{{ end }}>",
            &still("{{ .Get \"lab\" }}"),
            &format!(
                "<a {{{{ printf \"href=%q\" (printf \"{kit}#%s\" (.Get \"link\")) \
                 | safeHTMLAttr }}}}>{words}</a></rift-lab>\n\n"
            ),
            text::HUGO_POST,
            &format!("{{{{< rift lab=\"{lab}\" link=\"{run}\" >}}}}\n"),
        ]
        .concat(),
        "jekyll" => [
            text::JEKYLL_ONCE,
            &script,
            "<rift-lab lab=\"{{ include.lab }}\" link=\"{{ include.link }}\">",
            &still("{{ include.lab }}"),
            &format!("<a href=\"{kit}#{{{{ include.link }}}}\">{words}</a></rift-lab>\n\n"),
            text::JEKYLL_POST,
            &format!("{{% include rift.html lab=\"{lab}\" link=\"{run}\" %}}\n"),
        ]
        .concat(),
        "iframe" => format!(
            "<iframe src=\"{kit}embed.html?lab={lab}&amp;link={run}\"\n  title=\"{}\" \
             width=\"100%\" height=\"900\" loading=\"lazy\" style=\"border: 0\"\n  \
             allow=\"clipboard-write\" sandbox=\"allow-scripts allow-popups \
             allow-top-navigation-by-user-activation\"></iframe>\n\
             <!-- {} -->\n\
             <script src=\"{kit}frame.js\" defer></script>\n",
            text::FRAME,
            text::FRAME_SCRIPT
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{LABS, LabSettings};
    use crate::timeline::Timeline;

    const WAYS: [&str; 6] = ["html", "markdown", "hugo", "jekyll", "mdbook", "iframe"];

    #[test]
    fn every_way_has_the_kit_and_the_run() {
        let timeline = Timeline::start(&LABS[0], LabSettings::new(3, 5));
        let link = Link::of_timeline(&timeline, None);
        let run = link.to_text();
        let address = format!("https://example.org/rift/index.html#{run}");
        for way in WAYS {
            let snippet = snippet(way, &address, &link).expect("it is a way");
            let file = if way == "iframe" { "embed.html?" } else { "rift.js\"" };
            assert!(snippet.contains(&format!("https://example.org/rift/{file}")), "{snippet}");
            assert!(snippet.contains(&run), "{snippet}");
            // Where no script runs there are a picture and a link.
            let still = "<img src=\"https://example.org/rift/posters/";
            assert!(way == "iframe" || snippet.contains(still), "{snippet}");
            assert!(way == "iframe" || snippet.contains("<a "), "{snippet}");
            // A blank line would end the HTML where Markdown is read.
            assert!(way != "mdbook" || !snippet.contains("\n\n"), "{snippet}");
        }
        assert_eq!(snippet("carrier pigeon", &address, &link), None);
        let html = snippet("html", &address, &link).expect("it is a way");
        assert_eq!(
            html,
            format!(
                "<script type=\"module\" src=\"https://example.org/rift/rift.js\"></script>\n\
                 <rift-lab lab=\"raft\" link=\"{run}\">\
                 <img src=\"https://example.org/rift/posters/raft.svg\" \
                 alt=\"A still picture of the figure\" width=\"860\" height=\"456\" \
                 loading=\"lazy\">\
                 <a href=\"https://example.org/rift/#{run}\">\
                 A figure of Rift: open it to play with it.</a></rift-lab>\n"
            )
        );
    }
}
