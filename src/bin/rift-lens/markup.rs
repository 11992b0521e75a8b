//! What the dialog is made of, as HTML. Everything in it is our own words.

use rift::lens::share::KINDS;

const HEAD: &str = "\
<div class=\"share-sheet\">
<header><h2 id=\"share-title\">This run, and others</h2>
<div class=\"share-ways\" role=\"group\" aria-label=\"Share or open\">
<button type=\"button\" class=\"toggle\" data-do=\"out\">Share</button>
<button type=\"button\" class=\"toggle\" data-do=\"in\">Open…</button>
</div>
<button type=\"button\" class=\"icon\" data-do=\"close\" aria-label=\"Close\">×</button></header>
<section data-way=\"out\" aria-label=\"Share this run\">";

const OUT: &str = "\
<p class=\"share-about\" id=\"share-about\"></p>
<p class=\"share-part\" hidden>
<label>from <input type=\"text\" inputmode=\"decimal\" data-part=\"from\"></label>
<label>to <input type=\"text\" inputmode=\"decimal\" data-part=\"to\"></label> ms</p>
<p class=\"share-wrong\" role=\"alert\"></p>
<div class=\"share-preview\"><img></div>
<details class=\"share-text\"><summary></summary>
<textarea readonly spellcheck=\"false\" aria-label=\"The text\"></textarea></details>
<p class=\"share-hint\">Where nothing can be copied or downloaded, take the text above by hand.</p>
<div class=\"share-do\"><button type=\"button\" data-do=\"copy\">Copy</button>
<a class=\"share-file\">Download</a><span role=\"status\"></span></div>
</section>
<section data-way=\"in\" aria-label=\"Open a run\" hidden>
<p class=\"share-about\">A script or a link becomes the run of the figure. Paste it here, drop it \
onto the figure, or choose a file. The run that is there now stays until the new one can be \
opened.</p>
<label>A script or a link
<textarea spellcheck=\"false\" autocapitalize=\"off\" data-given
placeholder=\"rift 1&#10;lab raft&#10;until leader&#10;cut leader +1 | rest\"></textarea></label>
<div class=\"share-do\"><button type=\"button\" data-do=\"open\">Open it</button>
<label class=\"share-file\">Choose a file<input type=\"file\" class=\"visually-hidden\"
accept=\".rift,.txt,text/plain\"></label></div>
<div class=\"share-wrong\" role=\"alert\"></div>
</section></div>";

/// The inside of the dialog.
pub(crate) fn inside() -> String {
    let mut html = HEAD.to_owned();
    for (group, kinds) in KINDS {
        html.push_str("<fieldset class=\"share-kinds\"><legend>");
        html.push_str(group);
        html.push_str("</legend>");
        for kind in kinds {
            for part in [
                "<label data-kind=\"",
                kind.name,
                "\"><input type=\"radio\" name=\"share-kind\" aria-describedby=\"share-about\" \
                 value=\"",
                kind.name,
                "\"><span>",
                kind.label,
                "</span></label>",
            ] {
                html.push_str(part);
            }
        }
        html.push_str("</fieldset>");
    }
    html.push_str(OUT);
    html
}

/// Text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
