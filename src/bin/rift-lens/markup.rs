//! What the dialog is made of, as HTML.

use rift::lens::share::KINDS;
use rift::text::share as text;

const HEAD: [&str; 13] = [
    "<div class=\"share-sheet\">\n\
     <header><h2 id=\"share-title\">",
    text::TITLE,
    "</h2>\n\
     <div class=\"share-ways\" role=\"group\" aria-label=\"",
    text::WAYS,
    "\">\n\
     <button type=\"button\" class=\"toggle\" data-do=\"out\">",
    text::SHARE,
    "</button>\n\
     <button type=\"button\" class=\"toggle\" data-do=\"in\">",
    text::OPEN,
    "</button>\n\
     </div>\n\
     <button type=\"button\" class=\"icon\" data-do=\"close\" aria-label=\"",
    text::CLOSE,
    "\">×</button></header>\n\
     <section data-way=\"out\" aria-label=\"",
    text::SHARE_THIS,
    "\">",
];

const OUT: [&str; 27] = [
    "<p class=\"share-about\" id=\"share-about\"></p>\n\
     <p class=\"share-part\" hidden>\n\
     <label>",
    text::FROM,
    "<input type=\"text\" inputmode=\"decimal\" data-part=\"from\"></label>\n\
     <label>",
    text::TO,
    "<input type=\"text\" inputmode=\"decimal\" data-part=\"to\"></label>",
    text::MS,
    "</p>\n\
     <p class=\"share-wrong\" role=\"alert\"></p>\n\
     <div class=\"share-preview\"><img></div>\n\
     <details class=\"share-text\"><summary></summary>\n\
     <textarea readonly spellcheck=\"false\" aria-label=\"",
    text::THE_TEXT,
    "\"></textarea></details>\n\
     <p class=\"share-hint\">",
    text::BY_HAND,
    "</p>\n\
     <div class=\"share-do\"><button type=\"button\" data-do=\"copy\">",
    text::COPY,
    "</button>\n\
     <a class=\"share-file\">",
    text::DOWNLOAD,
    "</a><span role=\"status\"></span></div>\n\
     </section>\n\
     <section data-way=\"in\" aria-label=\"",
    text::OPEN_RUN,
    "\" hidden>\n\
     <p class=\"share-about\">",
    text::OPEN_HOW,
    "</p>\n\
     <label>",
    text::GIVEN,
    "\n\
     <textarea spellcheck=\"false\" autocapitalize=\"off\" data-given\n\
     placeholder=\"",
    text::SAMPLE,
    "\"></textarea></label>\n\
     <div class=\"share-do\"><button type=\"button\" data-do=\"open\">",
    text::OPEN_IT,
    "</button>\n\
     <label class=\"share-file\">",
    text::CHOOSE_FILE,
    "<input type=\"file\" class=\"visually-hidden\"\n\
     accept=\".rift,.txt,text/plain\"></label></div>\n\
     <div class=\"share-wrong\" role=\"alert\"></div>\n\
     </section></div>",
];

/// The inside of the dialog.
pub(crate) fn inside() -> String {
    let mut html = HEAD.concat();
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
    html + &OUT.concat()
}

/// Text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
