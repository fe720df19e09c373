//! The habits to drop, as far as a pattern can find them. This file quotes them, so it is not
//! searched.
//!
//! Patterns cannot find most fronted clauses, fragments after a colon, comments that repeat the
//! name below them, missing contractions, or a metaphor whose words have a plain meaning elsewhere
//! ("the call goes on").

use anyhow::{Context, Result};
use regex::{Regex, RegexBuilder};

/// Lines of prose over the limit. It has no pattern: the lines are found when a file is split.
pub const LINE_TOO_LONG: &str = "line-too-long";

/// A habit and how to find it.
///
/// Patterns ignore case, and `^` matches the start of a paragraph or of a line of code. If several
/// patterns match the same words, the words count once.
pub struct Habit {
    /// The name in the baseline and on the command line.
    pub name: &'static str,
    /// What to write instead.
    pub advice: &'static str,
    /// Phrases with the habit, each with a better one.
    pub examples: &'static [(&'static str, &'static str)],
    /// Patterns that cannot match code. They are searched for in code as well, for its strings.
    everywhere: &'static [&'static str],
    /// Patterns for prose only.
    prose: &'static [&'static str],
    /// Matches that also match one of these don't count.
    except: &'static [&'static str],
}

const NONE: Habit =
    Habit { name: "", advice: "", examples: &[], everywhere: &[], prose: &[], except: &[] };

/// All habits, in the order in which they are reported.
pub const HABITS: &[Habit] = &[
    Habit {
        name: "whoever",
        advice: "name the holder, the caller, the instance",
        examples: &[
            (
                "Not before this instant: whoever recorded it makes the first attempt",
                "Until then, the instance that recorded it makes the first attempt",
            ),
            ("a secret: whoever has it is signed in", "a secret: its holder is signed in"),
        ],
        everywhere: &[r"\bwho(?:m)?ever\b"],
        ..NONE
    },
    Habit {
        name: "whatever",
        advice: "name the thing: the error, the value, the sessions that match",
        examples: &[
            (
                "Whatever is recorded sets the alarm.",
                "A recorded notification sets the alarm, whatever its kind.",
            ),
            ("ends whatever a filter matches", "ends the sessions that a filter matches"),
        ],
        prose: &[
            r"(?:^|[.!?;] )\**whatever\b",
            r"\b(?:of|for|by|with|and|or|from|to|in|ends?|keeps?|than|behind|before|after) whatever\b",
        ],
        ..NONE
    },
    Habit {
        name: "nobody",
        advice: "name the thing: no client, no other instance, no subject",
        examples: &[
            ("until then nobody else gets them", "until then no other instance gets them"),
            ("it returns 404 and finds nobody", "it returns 404 if nobody is signed in"),
        ],
        everywhere: &[
            r"\b(?:to|by|finds?|found|tells?|knows?|names?|proves?) nobody\b(?: signed)?",
            r"\bnobody(?:'s)? [a-z]+(?: signed)?",
        ],
        except: &[r"\bsigned$", r"\bnobody of$"],
        ..NONE
    },
    Habit {
        name: "what-clause",
        advice: "name the thing instead of describing it with a clause: the fields, the answer",
        examples: &[
            ("What stands here only sorts numbers", "This file only buckets counts"),
            ("Who gets a report, when a call has waited", "Receives the interim report"),
            (
                "A session that is removed: what of its row is needed",
                "The fields of a row that a removal needs",
            ),
            ("Preview again; what is left is shown.", "What is left? Preview again."),
        ],
        prose: &[
            r"(?:^|[.!?] )\**(?-i:What|Whom?) [^.;?!\n]*\??",
            r"; what [^.;?!\n]*\??",
            r"\bwhat of (?:its|their|the|an?|each|this|that)\b",
        ],
        except: &[r"\?$"],
        ..NONE
    },
    Habit {
        name: "fronted-of",
        advice: "put the subject first: if two removals run at once, each client",
        examples: &[(
            "Of two removals at once each client is notified once.",
            "If two removals run at once, each client is still notified once.",
        )],
        prose: &[
            r"(?:(?:^|[.!?] )(?-i:Of)|[;:] of) (?:\d[\d,]*|one|two|three|four|five|several|many|all|any|both|each|these|those|which|what|who)\b",
        ],
        ..NONE
    },
    Habit {
        name: "is-to-be",
        advice: "use `must`, `will` or the plain verb",
        examples: &[
            ("A session that is to go", "A session that a removal ends"),
            ("Not to be claimed before this instant", "Earliest claim time"),
            ("there is no secret to be had", "there is no secret"),
        ],
        everywhere: &[
            r"\b(?:is|are|was|were)(?: not| still| then)? to (?:be|do|end|go|have|hear|last|stay)\b",
            r"\bnot to be [a-z]+\b",
            r"\bto be had\b",
        ],
        ..NONE
    },
    Habit {
        name: "for-because",
        advice: "use `because` or `since`, or start a new sentence",
        examples: &[
            ("It goes to all, for nobody would remember it", "It goes to all, for the event log"),
            (
                "Rollcall does not repeat, for the specification says not to",
                "The endpoint, for a client that must sign",
            ),
        ],
        everywhere: &[
            r"[,;] for (?:it|they|he|we|nobody|nothing|otherwise)\b",
            r"[,;] for (?:an?|the|this|that|these|those|each|every|no|some|what|in|on)(?: [\w'`-]+){0,5}? (?:is|are|was|were|has|have|had|can|cannot|could|may|must|should|will|would|do|does|need|needs|begins|ends|goes|holds|means|proves|says|speaks)\b",
        ],
        except: &[r"for \w+ .*\b(?:that|which|who|whose|where)\b"],
        ..NONE
    },
    Habit {
        name: "but-for",
        advice: "use `except`, or `except for` at the start of a sentence",
        examples: &[("all scores are 0, but for `due`", "all scores except `due` are 0")],
        everywhere: &[r"\bbut for\b"],
        ..NONE
    },
    Habit {
        name: "that-is-by",
        advice: "use `with`",
        examples: &[("That is by Kysely 0.28.", "This was tested with Kysely 0.28.")],
        everywhere: &[r"\bthat is by\b"],
        ..NONE
    },
    Habit {
        name: "from-where",
        advice: "name the position, or use `where ... starts`",
        examples: &[("From where to go on.", "The position to continue at.")],
        everywhere: &[r"\bfrom where\b"],
        ..NONE
    },
    Habit {
        name: "text",
        advice: "a value is a string",
        examples: &[
            ("`sub` is not a text", "`sub` is not a string"),
            ("flat lists of texts", "flat lists of strings, such as the text of an error"),
            ("it is read from a text each time", "it is read from a text file each time"),
        ],
        everywhere: &[
            r"\b(?:a|another|any|each|empty|every|one|two|(?:is|are) no) text\b(?: \w+)?",
        ],
        prose: &[r"\btexts\b"],
        except: &[r"text (?:box|column|editor|field|file|input|node)$"],
    },
    Habit {
        name: "told",
        advice: "a client is notified",
        examples: &[
            ("all clients are told", "all clients are notified"),
            ("tokens are revoked and clients told", "tokens are revoked and clients notified"),
            ("why, as told to clients", "the reason that clients are given"),
            ("the two were told of it", "the two can be told apart"),
        ],
        everywhere: &[
            r"\b(?:am|is|are|was|were|be|been|being|as|clients?|longer)(?: (?:all|also|clients|never|not|once|only|still|then))? told\b(?: (?:apart|from))?",
        ],
        except: &[r"\b(?:apart|from)$"],
        ..NONE
    },
    Habit {
        name: "tells",
        advice: "the core notifies clients; an event reports an attempt",
        examples: &[
            ("and tells all of its clients", "and notifies all of its clients"),
            ("whom to tell", "which clients to notify"),
            ("the session it tells of", "the session that it reports"),
        ],
        everywhere: &[
            r"\btell(?:s|ing)?(?: (?:an?|the|its|their|each|every|all|both|of|other|last|these|those|no|such))* (?:applications?|clients?|everybody|nobody)\b",
            r"\bwhom to tell\b",
            r"\btell(?:s|ing)? of\b",
        ],
        ..NONE
    },
    Habit {
        name: "hears",
        advice: "a client is notified; a listener receives an event",
        examples: &[("each client hears of it once", "each client is notified of it once")],
        everywhere: &[r"\bhears?\b"],
        ..NONE
    },
    Habit {
        name: "lives",
        advice: "a session is active or expired; data is stored, or valid until a time",
        examples: &[
            ("only while the session is live", "only while the session is active"),
            ("a live session of the subject", "an active session of the subject"),
            ("as long as sessions live", "until the sessions expire"),
            ("a failure keeps no session alive", "a failure does not keep a session active"),
            ("tokens that live and die with them", "tokens that end with them"),
        ],
        everywhere: &[
            r"\blive sessions?\b",
            r"\bsessions? (?:is|are|was|were) a?live\b",
            r"\bsessions? (?:\w+ ){0,3}?alive\b",
            r"\b(?:grant|row|session|token)s? (?:that |must |may )?lives?\b",
            r"\blive and die\b",
        ],
        ..NONE
    },
    Habit {
        name: "is-over",
        advice: "a session has expired or ended",
        examples: &[
            ("a session that is over must not return", "an expired session must not return"),
            ("a row that is over without notice", "a row that is over 2 MB"),
        ],
        everywhere: &[
            r"\b(?:attempt|grant|request|row|session|token|that|it)s?(?: that)? (?:is|are|was|were) over\b(?: (?:\d|an?\b|the\b))?",
        ],
        except: &[r"over .$", r"over (?:an|the)$"],
        ..NONE
    },
    Habit {
        name: "gone",
        advice: "a session is ended or removed",
        examples: &[
            ("when its row is gone", "when its row has been removed"),
            ("removing what is already gone", "the old error is gone"),
        ],
        everywhere: &[
            r"\b(?:client|grant|it|key|row|session|that|they|token|what)s?(?: \w+)? (?:are|be|is|was|were) gone\b",
            r"\balready gone\b",
        ],
        ..NONE
    },
    Habit {
        name: "goes-on",
        advice: "a session stays active; a call continues",
        examples: &[
            ("Some sessions of a subject go on.", "Some sessions of a subject stay active."),
            ("Whether this session goes on.", "The sessions that the next call goes on with."),
        ],
        everywhere: &[r"\bsessions? (?:[\w`]+ ){0,7}?go(?:es)? on\b"],
        except: &[r"\bcall\b"],
        ..NONE
    },
    Habit {
        name: "spared",
        advice: "a session is excluded",
        examples: &[("sessions that are spared", "sessions that are excluded")],
        everywhere: &[r"\bspare[ds]\b"],
        ..NONE
    },
    Habit {
        name: "owed",
        advice: "a notification is due",
        examples: &[("the notices that are owed", "the notifications that are due")],
        everywhere: &[r"\bow(?:ed|es)\b"],
        ..NONE
    },
    Habit {
        name: "lets-go",
        advice: "a notification is dropped, a connection is closed",
        examples: &[("the connection is let go", "the connection is closed")],
        everywhere: &[r"\blet(?:s|ting)? go\b"],
        ..NONE
    },
    Habit {
        name: "stands",
        advice: "use `is`, or name what the thing does",
        examples: &[
            ("What stands here only sorts numbers", "This file only buckets counts"),
            ("Who gets a report as it stands", "Receives the interim report"),
            ("it stands in the conditions as it is", "it stands in for the service"),
        ],
        everywhere: &[
            r"\bas (?:it|they) stands?\b",
            r"\bstands? (?:above|ahead|alone|among|before|behind|below|beside|between|here|in|there)\b(?: for)?",
        ],
        except: &[r"in for$"],
        ..NONE
    },
    Habit {
        name: "has-not",
        advice: "use `does not have`, `lacks`, or say what is missing",
        examples: &[("this machine has not what it takes", "A prerequisite is missing")],
        everywhere: &[r"\b(?:had|has|have) not (?:an?|any|enough|its|the|their|what)\b"],
        ..NONE
    },
    Habit {
        name: "sees-to",
        advice: "name the action: checks, ensures, installs",
        examples: &[(
            "what it did is unknown; see to it and call again",
            "its effect is unknown; check the store, then call again",
        )],
        everywhere: &[r"\b(?:saw|see|seeing|seen|sees) to\b"],
        ..NONE
    },
    Habit {
        name: "comes-to-an-end",
        advice: "use `ends` or `completes`",
        examples: &[("what is under way comes to its end", "attempts under way complete")],
        everywhere: &[r"\bc[ao]mes? to (?:an|its|the|their) end\b"],
        ..NONE
    },
    Habit {
        name: "gives-way",
        advice: "use `yields`",
        examples: &[("a port that gives way at any call", "a port that yields at any call")],
        everywhere: &[r"\bg(?:ave|ives?|iving) way\b"],
        ..NONE
    },
    Habit {
        name: "in-hand",
        advice: "use `current`, or name the state",
        examples: &[("the notices of the page in hand", "the notifications of the current page")],
        everywhere: &[r"\b(?:at|in) hand\b"],
        ..NONE
    },
    Habit {
        name: "of-no-concern",
        advice: "use `is not used`, `does not matter`",
        examples: &[("members, which are of no concern here", "members, which are not used here")],
        everywhere: &[r"\bof no (?:concern|interest|matter)\b"],
        ..NONE
    },
    Habit {
        name: "for-ever",
        advice: "write `forever`",
        examples: &[("0 waits for ever", "0 waits forever")],
        everywhere: &[r"\bfor ever\b"],
        ..NONE
    },
    Habit {
        name: "circle",
        advice: "write `cycle`",
        examples: &[("they wait for each other in a circle", "they wait in a cycle")],
        everywhere: &[r"\bcircles?\b"],
        ..NONE
    },
    Habit { name: LINE_TOO_LONG, advice: "break prose at 100 columns", ..NONE },
];

/// The patterns of a habit, compiled.
pub struct Finder {
    prose: Option<Regex>,
    code: Option<Regex>,
    except: Option<Regex>,
}

impl Finder {
    /// Compiles the patterns of a habit.
    pub fn new(habit: &Habit) -> Result<Self> {
        let compile = |patterns: &[&str]| {
            compile(patterns).with_context(|| format!("the habit `{}`", habit.name))
        };
        Ok(Self {
            prose: compile(&[habit.everywhere, habit.prose].concat())?,
            code: compile(habit.everywhere)?,
            except: compile(habit.except)?,
        })
    }

    /// The offsets of the habit in prose.
    pub fn in_prose(&self, text: &str) -> Vec<usize> {
        self.find(self.prose.as_ref(), text)
    }

    /// The offsets of the habit in code.
    pub fn in_code(&self, text: &str) -> Vec<usize> {
        self.find(self.code.as_ref(), text)
    }

    fn find(&self, pattern: Option<&Regex>, text: &str) -> Vec<usize> {
        let is_exempt =
            |found: &str| self.except.as_ref().is_some_and(|except| except.is_match(found));
        pattern
            .into_iter()
            .flat_map(|pattern| pattern.find_iter(text))
            .filter(|found| !is_exempt(found.as_str()))
            .map(|found| found.start())
            .collect()
    }
}

fn compile(patterns: &[&str]) -> Result<Option<Regex>> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let any =
        RegexBuilder::new(&patterns.join("|")).case_insensitive(true).multi_line(true).build()?;
    Ok(Some(any))
}

#[cfg(test)]
mod tests {
    use super::{Finder, HABITS, compile};
    use anyhow::Result;

    /// The names of the habits in a line of prose.
    fn habits_of(text: &str) -> Result<Vec<&'static str>> {
        let mut found = Vec::new();
        for habit in HABITS {
            if !Finder::new(habit)?.in_prose(text).is_empty() {
                found.push(habit.name);
            }
        }
        Ok(found)
    }

    #[test]
    fn each_habit_is_found_in_its_examples_and_not_in_the_better_ones() -> Result<()> {
        for habit in HABITS {
            let finder = Finder::new(habit)?;
            for (was, better) in habit.examples {
                assert_eq!(finder.in_prose(was).len(), 1, "{}: {was}", habit.name);
                assert!(finder.in_prose(better).is_empty(), "{}: {better}", habit.name);
            }
        }
        Ok(())
    }

    #[test]
    fn every_pattern_has_an_example() -> Result<()> {
        for habit in HABITS {
            for pattern in [habit.everywhere, habit.prose].concat() {
                let pattern = compile(&[pattern])?.expect("there is a pattern");
                assert!(
                    habit.examples.iter().any(|(was, _)| pattern.is_match(was)),
                    "{}: {pattern}",
                    habit.name
                );
            }
        }
        Ok(())
    }

    /// The pairs of the style guide that patterns can find.
    #[test]
    fn the_style_guide_is_followed() -> Result<()> {
        for (was, habits, better) in [
            ("this machine has not what it takes", &["has-not"][..], "A prerequisite is missing"),
            (
                "Not to be claimed before this instant: whoever recorded it makes the first attempt",
                &["whoever", "is-to-be"],
                "Earliest claim time (epoch milliseconds). Until then, the instance that recorded \
                 it makes the first attempt",
            ),
            (
                "What stands here only sorts numbers",
                &["what-clause", "stands"],
                "This file only buckets counts",
            ),
            (
                "Who gets a report as it stands",
                &["what-clause", "stands"],
                "Receives the interim report",
            ),
            (
                "A session that is to go: what of its row is needed",
                &["what-clause", "is-to-be"],
                "The fields of a row that a removal needs",
            ),
            (
                "what it did is unknown; see to it and call again",
                &["sees-to"],
                "its effect is unknown; check the store, then call again",
            ),
            (
                "Of two removals at once each client hears once.",
                &["fronted-of", "hears"],
                "If two removals run at once, each client is still notified once.",
            ),
        ] {
            assert_eq!(habits_of(was)?, habits, "{was}");
            assert!(habits_of(better)?.is_empty(), "{better}");
        }
        Ok(())
    }

    #[test]
    fn patterns_that_match_the_same_words_count_once() -> Result<()> {
        for habit in HABITS.iter().filter(|habit| habit.name == "is-to-be") {
            let finder = Finder::new(habit)?;
            assert_eq!(finder.in_prose("is not to be had, is to go, are to be seen").len(), 3);
        }
        Ok(())
    }

    #[test]
    fn code_is_not_searched_for_words_that_may_be_code() -> Result<()> {
        for habit in HABITS {
            for code in ["for client in TOLD {", "let texts = [text];", "const nobody = 1;"] {
                assert!(Finder::new(habit)?.in_code(code).is_empty(), "{}: {code}", habit.name);
            }
        }
        Ok(())
    }
}
