//! Splits a file into prose and the rest.
//!
//! It works line by line and doesn't parse the language. So a line that starts with a comment
//! marker is prose even inside a string, and the lines of a long string aren't joined. The body of
//! an HTML page counts as code.

/// The column limit for prose.
pub const COLUMNS: usize = 100;

/// Comments that tools read from one line. They may be longer.
const DIRECTIVES: [&str; 3] = ["biome-ignore", "@ts-expect-error", "@ts-ignore"];

/// Lines of a file. The lines of a paragraph are joined with spaces, so that a pattern finds a
/// phrase that continues on the next line.
#[derive(Default)]
pub struct Text {
    content: String,
    /// The number of each line and the offset at which it starts.
    lines: Vec<(usize, usize)>,
}

impl Text {
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The number of the line at an offset.
    pub fn line_at(&self, offset: usize) -> usize {
        let after = self.lines.partition_point(|(_, start)| *start <= offset);
        after.checked_sub(1).and_then(|last| self.lines.get(last)).map_or(0, |(line, _)| *line)
    }

    fn push(&mut self, line: usize, text: &str, is_continued: bool) {
        if !self.content.is_empty() {
            self.content.push(if is_continued { ' ' } else { '\n' });
        }
        self.lines.push((line, self.content.len()));
        self.content.push_str(text);
    }
}

/// The parts of a file.
#[derive(Default)]
pub struct Parts {
    /// The paragraphs of comments and Markdown.
    pub prose: Text,
    /// Code, headings and the lines of code fences.
    pub rest: Text,
    /// The numbers of prose lines that are too long. Tables, headings, code fences, directives,
    /// single words and comments after code are exempt.
    pub too_long: Vec<usize>,
}

/// How a language marks comments.
struct Syntax {
    /// The starts of a comment line, the longest first.
    line: &'static [&'static str],
    /// The start and end of a block comment, the longest first.
    block: &'static [(&'static str, &'static str)],
    /// The starts of a comment after code.
    trailing: &'static [&'static str],
}

const RUST: Syntax = Syntax { line: &["///", "//!", "//"], block: &[], trailing: &[" // "] };

/// `--` is for SQL and Lua in template literals.
const SCRIPT: Syntax = Syntax {
    line: &["///", "//", "-- "],
    block: &[("/**", "*/"), ("/*", "*/")],
    trailing: &[" // ", " -- ", " /* "],
};

const STYLE_SHEET: Syntax =
    Syntax { line: &[], block: &[("/**", "*/"), ("/*", "*/")], trailing: &[" /* "] };

const HASH: Syntax = Syntax { line: &["#"], block: &[], trailing: &[" # "] };

const PAGE: Syntax =
    Syntax { line: &["//"], block: &[("<!--", "-->"), ("/*", "*/")], trailing: &[] };

fn syntax(path: &str) -> &'static Syntax {
    match path.rsplit('.').next().unwrap_or_default() {
        "rs" => &RUST,
        "css" => &STYLE_SHEET,
        "html" | "svelte" => &PAGE,
        "ts" | "js" | "mjs" | "cjs" => &SCRIPT,
        _ => &HASH,
    }
}

/// Splits a file. The ending of its name decides how.
pub fn split(path: &str, text: &str) -> Parts {
    let mut splitter = Splitter::default();
    if path.ends_with(".md") {
        splitter.markdown(text);
    } else {
        splitter.code(text, syntax(path));
    }
    splitter.parts
}

#[derive(Default)]
struct Splitter {
    parts: Parts,
    is_in_fence: bool,
    /// Whether the previous line belongs to a paragraph that may continue.
    is_in_paragraph: bool,
}

impl Splitter {
    fn markdown(&mut self, text: &str) {
        for (number, line) in (1..).zip(text.lines()) {
            self.markdown_line(number, line, line.trim());
        }
    }

    fn code(&mut self, text: &str, syntax: &Syntax) {
        let mut end_of_block = None;
        for (number, line) in (1..).zip(text.lines()) {
            let trimmed = line.trim();
            if let Some(end) = end_of_block {
                let comment = trimmed.strip_prefix("* ").unwrap_or(trimmed);
                end_of_block = self.block_comment(number, line, comment, end);
            } else if let Some(comment) = without_prefix(trimmed, syntax.line) {
                self.markdown_line(number, line, comment.trim());
            } else if let Some((comment, end)) = block_start(trimmed, syntax.block) {
                self.end_paragraph();
                end_of_block = self.block_comment(number, line, comment, end);
            } else {
                self.end_paragraph();
                let (code, comment) = split_trailing(trimmed, syntax.trailing);
                self.parts.rest.push(number, code, false);
                if let Some(comment) = comment {
                    self.parts.prose.push(number, comment, false);
                }
            }
        }
    }

    /// Handles a line of a block comment. Returns the end to look for if the comment continues.
    fn block_comment(
        &mut self,
        number: usize,
        line: &str,
        comment: &str,
        end: &'static str,
    ) -> Option<&'static str> {
        let Some((comment, code)) = comment.split_once(end) else {
            self.markdown_line(number, line, if comment == "*" { "" } else { comment.trim() });
            return Some(end);
        };
        self.markdown_line(number, line, comment.trim());
        self.is_in_fence = false;
        self.end_paragraph();
        if !code.is_empty() {
            self.parts.rest.push(number, code, false);
        }
        None
    }

    /// Handles a line of Markdown, from a document or a comment without its marker.
    fn markdown_line(&mut self, number: usize, line: &str, text: &str) {
        if text.starts_with("```") {
            self.is_in_fence = !self.is_in_fence;
            self.end_paragraph();
        } else if self.is_in_fence || text.starts_with('#') {
            self.end_paragraph();
            self.parts.rest.push(number, text, false);
        } else if text.is_empty() {
            self.end_paragraph();
        } else if text.starts_with('|') {
            self.end_paragraph();
            self.parts.prose.push(number, text, false);
        } else {
            let item = without_list_marker(text);
            let begins = item.len() < text.len() || text.starts_with('@');
            self.parts.prose.push(number, item, self.is_in_paragraph && !begins);
            self.is_in_paragraph = true;
            if is_too_long(line, item) {
                self.parts.too_long.push(number);
            }
        }
    }

    fn end_paragraph(&mut self) {
        self.is_in_paragraph = false;
    }
}

fn is_too_long(line: &str, text: &str) -> bool {
    line.chars().count() > COLUMNS
        && text.contains(char::is_whitespace)
        && !DIRECTIVES.iter().any(|directive| text.starts_with(directive))
}

fn without_prefix<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))
}

fn block_start<'a>(
    text: &'a str,
    blocks: &[(&'static str, &'static str)],
) -> Option<(&'a str, &'static str)> {
    blocks.iter().find_map(|(start, end)| Some((text.strip_prefix(start)?, *end)))
}

fn split_trailing<'a>(text: &'a str, markers: &[&str]) -> (&'a str, Option<&'a str>) {
    match markers.iter().find_map(|marker| text.split_once(marker)) {
        Some((code, comment)) => (code, Some(comment.trim_end_matches("*/").trim_end())),
        None => (text, None),
    }
}

/// A list item without its bullet or number. Other lines are returned unchanged.
fn without_list_marker(text: &str) -> &str {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_numbered = rest.len() < text.len();
    let item = if is_numbered {
        rest.strip_prefix(". ")
    } else {
        without_prefix(text, &["- ", "* ", "> "])
    };
    item.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Parts, split};

    /// The paragraphs of prose and the lines of the rest.
    fn both(path: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let Parts { prose, rest, .. } = split(path, text);
        (lines(prose.content()), lines(rest.content()))
    }

    #[test]
    fn comment_lines_of_one_paragraph_are_joined() {
        let (prose, rest) = both(
            "a.rs",
            "/// One\n/// two.\n///\n/// Three.\nfn f() {} // Four.\n// Five.\nlet url = \"http://\";",
        );
        assert_eq!(prose, ["One two.", "Three.", "Four.", "Five."]);
        assert_eq!(rest, ["fn f() {}", "let url = \"http://\";"]);
    }

    #[test]
    fn a_block_comment_ends_at_its_end_marker() {
        let (prose, rest) = both(
            "a.ts",
            "/**\n * One\n * two.\n *\n * @param a three\n */\nf(); /* Four. */\n/** Five. */ g();\n  * h;",
        );
        assert_eq!(prose, ["One two.", "@param a three", "Four.", "Five."]);
        assert_eq!(rest, ["f();", " g();", "* h;"]);
    }

    #[test]
    fn other_languages_have_their_own_comment_markers() {
        assert_eq!(both("a.toml", "# One.\nb = 1 # Two.").0, ["One.", "Two."]);
        assert_eq!(both(".ci/run", "# One\n# two.\ncd x").0, ["One two."]);
        assert_eq!(both("a.css", "/* One\n   two. */\na {}").0, ["One two."]);
        assert_eq!(both("a.html", "<!-- One. -->\n<p>Two.</p>").0, ["One."]);
        assert_eq!(
            both("a.mjs", "`\n-- One\n-- two.\nselect 1 -- Three.\n`").0,
            ["One two.", "Three."]
        );
    }

    #[test]
    fn fences_and_headings_are_not_prose() {
        let markdown =
            "# One\n\nTwo\nthree.\n\n- four\n- five\n  six\n\n```js\nseven\n```\n| eight |";
        let (prose, rest) = both("a.md", markdown);
        assert_eq!(prose, ["Two three.", "four", "five six", "| eight |"]);
        assert_eq!(rest, ["# One", "seven"]);

        let (prose, rest) = both("a.rs", "/// One.\n/// ```\n/// two\n/// ```\n/// Three.");
        assert_eq!(prose, ["One.", "Three."]);
        assert_eq!(rest, ["two"]);
    }

    #[test]
    fn an_offset_maps_to_its_line() {
        let prose = split("a.rs", "\n/// one\n/// two\nx();\n/// three").prose;
        for (word, line) in [("one", 2), ("two", 3), ("three", 5)] {
            let offset = prose.content().find(word).expect("the word is present");
            assert_eq!(prose.line_at(offset), line, "{word}");
        }
    }

    #[test]
    fn prose_is_too_long_only_if_it_can_be_broken() {
        let long = "word ".repeat(25);
        let too_long = |path: &str, text: &str| split(path, text).too_long;
        assert_eq!(too_long("a.md", &format!("short\n{long}")), [2]);
        assert_eq!(too_long("a.rs", &format!("    /// {long}")), [1]);
        assert_eq!(too_long("a.ts", &format!("/**\n * {long}\n */")), [2]);
        assert_eq!(too_long("a.md", &"é ".repeat(50)), [0_usize; 0], "characters, not bytes");

        let word = "w".repeat(120);
        for text in [
            format!("# {long}"),
            format!("| {long} |"),
            format!("```\n{long}\n```"),
            format!("- [{word}](https://example.com)"),
        ] {
            assert_eq!(too_long("a.md", &text), [0_usize; 0], "{text}");
        }
        for text in [
            format!("f({long});"),
            format!("f(); // {long}"),
            format!("/// ```\n/// {long}\n/// ```"),
            format!("// biome-ignore lint/x: {long}"),
        ] {
            assert_eq!(too_long("a.ts", &text), [0_usize; 0], "{text}");
        }
    }
}
